"""Real servers on one listening socket, and browsers that send edits to them and remember what was acknowledged."""

import signal
import socket
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

from django.conf import settings

from tests.stress import processes

TOKEN = "a" * 32  # a CSRF token that cookie and header have alike
SERVE = (
    "import sys, uvicorn, raci.asgi;"
    "uvicorn.run(raci.asgi.application, fd=int(sys.argv[1]), log_level='critical', timeout_graceful_shutdown=1)"
)


class Servers:
    """Processes that serve the database of the test. The socket stays open while they are dead, so that a browser waits
    for the next ones instead of being turned away."""

    def __init__(self, **environment: str) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(100)
        self.port: int = self._socket.getsockname()[1]
        self._environment = {
            "SECRET_KEY": settings.SECRET_KEY,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        } | environment
        self._running: list[subprocess.Popen[str]] = []
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - no pipe, which nobody would read

    def start(self, count: int) -> None:
        number = self._socket.fileno()
        how = {"pass_fds": [number], "said": self._said, **self._environment}
        self._running += [processes.start("-c", SERVE, str(number), **how) for _ in range(count)]

    def kill(self, count: int) -> None:
        """-9, so many of them at once."""
        dead, self._running = self._running[:count], self._running[count:]
        for server in dead:
            server.kill()
        for server in dead:
            assert server.wait() == -signal.SIGKILL, self._what_was_said()  # or it had ended before, by itself

    def close(self) -> None:
        self.kill(len(self._running))
        self._socket.close()
        self._said.close()

    def _what_was_said(self) -> str:
        self._said.seek(0)
        return self._said.read()[-5_000:]


@dataclass
class Browser:
    """Somebody who gives one cell one level after another, and sends each edit with its key until it is acknowledged.

    `acknowledged` maps keys to revisions; `answers` are all statuses with their moment, 0 for a connection that broke.
    """

    port: int
    session: str
    matrix: str  # the address of its page
    activity: int
    role: int
    seen: int = 1
    acknowledged: dict[str, int] = field(default_factory=dict)
    answers: list[tuple[float, int]] = field(default_factory=list)
    _connection: HTTPConnection | None = None
    _is_done: bool = False

    def edit(self, times: int, until: float) -> None:
        for number in range(times):
            if self._is_done or not self._send(uuid.uuid4().hex, "SC"[number % 2], until):
                return

    def stop(self) -> None:
        """No further edit; the one under way is sent until it is acknowledged."""
        self._is_done = True

    def _send(self, key: str, level: str, until: float) -> bool:
        body = {"activity": self.activity, "role": self.role, "level": level, "seen": self.seen, "key": key}
        while time.monotonic() < until:
            status, revision = self._post(urlencode(body))
            self.answers.append((time.monotonic(), status))
            if status == 200:
                self.seen = self.acknowledged[key] = revision
                return True
            time.sleep(0.05)
        return False

    def _post(self, body: str) -> tuple[int, int]:
        headers = {
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={self.session}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "Content-Type": "application/x-www-form-urlencoded",
            "HX-Request": "true",
        }
        self._connection = self._connection or HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            self._connection.request("POST", f"{self.matrix}levels/", body, headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            self._connection.close()
            self._connection = None
            return 0, 0
        return answer.status, int(answer.headers.get("X-Revision", 0))


def all_edit(browsers: Sequence[Browser], times: int, seconds: float) -> list[threading.Thread]:
    """All begin; who is not done after so many seconds gives up."""
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=browser.edit, args=(times, until)) for browser in browsers]
    for thread in threads:
        thread.start()
    return threads
