"""A database of its own for the test that takes it away, and what is asked of it in a process of its own.

    python -m tests.stress.outage make ROWS     makes a matrix with an editor for each row, and prints how to send to it
    python -m tests.stress.outage look          prints what the log holds, after all that must hold was looked at

`DATABASE_URL` says where.
"""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None, key=lambda path: float(path.parent.name))


class Cluster:
    """A throw-away PostgreSQL cluster, reached by a socket in its own folder. fsync is on, as in earnest."""

    def __init__(self) -> None:
        self.place = Path(tempfile.mkdtemp())
        if os.geteuid() == 0:
            shutil.chown(self.place, "postgres")
        self._run("initdb", "--pgdata=data", "--username=remit", "--auth=trust", "--encoding=UTF8", "--no-sync")
        self.start()

    @property
    def url(self) -> str:
        return f"postgres://remit@{str(self.place).replace('/', '%2F')}/postgres"

    def start(self) -> None:
        where = f"--listen_addresses= --unix_socket_directories='{self.place}'"
        self._run("pg_ctl", "start", "--pgdata=data", "--wait", "--silent", "--log=log", f"--options={where}")

    def stop_at_once(self) -> None:
        """Without a word to whoever is connected, and without writing anything down: what a crash of it looks like."""
        self._run("pg_ctl", "stop", "--pgdata=data", "--mode=immediate", "--silent")

    def remove(self) -> None:
        if (self.place / "data/postmaster.pid").exists():
            self.stop_at_once()
        shutil.rmtree(self.place)

    def _run(self, program: str, *arguments: str) -> None:
        """Never as root, which the server refuses."""
        as_postgres = {"user": "postgres", "group": pwd.getpwnam("postgres").pw_gid} if os.geteuid() == 0 else {}
        command = [str(PROGRAMS / program), *arguments]
        subprocess.run(command, cwd=self.place, check=True, stdout=subprocess.DEVNULL, **as_postgres)


def make(rows: int) -> None:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from django.urls import reverse

    call_command("migrate", verbosity=0)
    from raci.workspaces.models import Access
    from tests.factories import MemberFactory, WorkspaceFactory, make_matrix

    workspace = WorkspaceFactory()
    matrix = make_matrix(MemberFactory(workspace=workspace, access=Access.OWNER), *["LSCI"] * rows)
    sessions = []
    for _ in range(rows):
        user, session = MemberFactory(workspace=workspace).user, SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session.save()
        sessions.append(session.session_key)
    print(
        json.dumps(
            {
                "page": reverse("matrix", args=[workspace.pk, matrix.pk]),
                "rows": list(matrix.activities.values_list("pk", flat=True)),
                "role": matrix.roles.last().pk,
                "sessions": sessions,
            }
        )
    )


def look() -> None:
    from raci.matrices.models import Change
    from tests import invariants

    invariants.check()
    print(json.dumps(list(Change.objects.exclude(key=None).values_list("key", "revision"))))


if __name__ == "__main__":
    import django

    django.setup()
    make(int(sys.argv[2])) if sys.argv[1] == "make" else look()
