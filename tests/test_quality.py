"""The gates: style, types, the direction of imports, templates, migrations, vendored files. Each fails with its output."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))
PYTHON = [name for name in ("manage.py", "raci", "culture", "tests") if (ROOT / name).exists()]
GATES = {
    "ruff check": ["ruff", "check", "--no-cache", *PYTHON],
    "ruff format": ["ruff", "format", "--no-cache", "--check", *PYTHON],
    "mypy": ["mypy"],
    "import-linter": ["lint-imports", "--no-cache"],
    "djade": ["djade", "--check", "--target-version", "5.2", *TEMPLATES],
}


@pytest.mark.parametrize("gate", GATES)
def test_the_gate_is_passed(gate):
    program, *arguments = GATES[gate]
    done = subprocess.run(
        [str(BIN / program), *arguments],
        cwd=ROOT,
        env={**os.environ, "REMIT_LOCAL": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{gate}:\n{done.stdout}{done.stderr}"


def test_there_are_templates_to_look_at():
    assert len(TEMPLATES) > 3


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


VENDOR = ROOT / "static" / "vendor"
NAMED = dict(re.findall(r"^\| *([\w.-]+) .*\| *([0-9a-f]{64}) *\|$", (VENDOR / "README.md").read_text(), re.MULTILINE))


def test_every_vendored_script_is_named_with_its_hash():
    scripts = {path.name for path in VENDOR.iterdir() if path.suffix in (".js", ".css")}
    assert scripts == NAMED.keys()


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_vendored_file_is_as_it_was_published(name):
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == NAMED[name]
