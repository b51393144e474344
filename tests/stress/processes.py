"""Processes of their own on the database of the test."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent


def database_url() -> str:
    """Where the database of this test is, as another process is told it."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    password = f":{given['PASSWORD']}" if given["PASSWORD"] else ""
    port = f":{given['PORT']}" if given["PORT"] else ""
    host = given["HOST"].replace("/", "%2F")
    return f"postgres://{given['USER']}{password}@{host}{port}/{given['NAME']}"


def start(
    *arguments: str, pass_fds: Sequence[int] = (), said: int | IO[str] = subprocess.PIPE, **environment: str
) -> subprocess.Popen[str]:
    """`python ARGUMENTS` in local mode on that database. `said` is where it writes: a pipe is to be read before it is
    full, or the process stands still."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        pass_fds=pass_fds,
        env=_environment(environment),
        stdout=said,
        stderr=said,
        text=True,
    )


def run(*arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same, waited for."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=_environment(environment),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert not check or done.returncode == 0, done.stderr
    return done


def _environment(more: dict[str, str]) -> dict[str, str]:
    settings = {"REMIT_LOCAL": "1", "DJANGO_SETTINGS_MODULE": "raci.settings", "DATABASE_URL": database_url()}
    return {**os.environ, **settings, **more}


def acknowledged(lines: Sequence[str]) -> dict[str, int]:
    """Key -> revision of what a writer said was done. The last line may be cut off."""
    told = [line.split() for line in lines if line.endswith("\n")]
    return {words[0]: int(words[1]) for words in told if len(words) == 2}
