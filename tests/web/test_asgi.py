"""What is too large is refused by a real server before Django, which would write it to disk, gets to read it."""

import os
import re
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
HUGE = 300_000_000
PIECE = b"x" * 50_000
STARTS = {
    "asgi": "import uvicorn, raci.asgi; uvicorn.run(raci.asgi.application, port={port}, log_level='warning')",
    "serve": "from django.core.management import execute_from_command_line as run; run(['', 'serve', '--port={port}'])",
}


@pytest.fixture(scope="module", params=STARTS)
def server(request, tmp_path_factory):
    """A process in local mode, and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {
        "REMIT_LOCAL": "1",
        "REMIT_VAR": str(tmp_path_factory.mktemp("var")),
        "DJANGO_SETTINGS_MODULE": "raci.settings",
    }
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SECRET_KEY", "DEBUG")}
    if request.param == "asgi":
        for step in (("migrate", "-v0"), ("collectstatic", "--noinput", "-v0")):
            subprocess.run([sys.executable, "manage.py", *step], cwd=ROOT, env=clean | own, check=True)
    script = STARTS[request.param].format(port=port)
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=clean | own, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port, process):
    end = time.monotonic() + 90
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            _ask(port, "GET", "/account/sign-in/")  # imports what a first request imports
            return
    raise AssertionError("the server did not start")


def _ask(port, method, path, body=None, headers=None):
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    said = answer.read().decode()
    connection.close()
    return answer, said


def _written(pid):
    """The bytes this process has handed to write(), as for files; sockets use send()."""
    return int(re.search(r"wchar: (\d+)", Path(f"/proc/{pid}/io").read_text())[1])


def _answer_to(port, headers, pieces):
    """What comes back while the body is still on its way; it is not sent to the end."""
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.sendall(b"POST /account/sign-in/ HTTP/1.1\r\nHost: localhost\r\n" + headers + b"\r\n")
        line.settimeout(0.02)
        for piece in pieces:
            try:
                line.sendall(piece)
                if said := line.recv(65_536):
                    break
            except TimeoutError:
                continue
        else:
            line.settimeout(5)
            said = line.recv(65_536)
        line.settimeout(1)
        try:
            while more := line.recv(65_536):
                said += more
        except TimeoutError:
            pass
        return said.decode()


CHUNK = b"%x\r\n%b\r\n" % (len(PIECE), PIECE)
WAYS = {
    "declared, nothing sent": (b"Content-Length: %d\r\n" % HUGE, []),
    "declared": (b"Content-Length: %d\r\n" % HUGE, [PIECE] * 100),
    "in chunks": (b"Transfer-Encoding: chunked\r\n", [CHUNK] * 100),
    "in chunks, from htmx": (b"Transfer-Encoding: chunked\r\nHX-Request: true\r\n", [CHUNK] * 100),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_huge_body_is_refused_at_once_and_nothing_of_it_is_written(server, way):
    pid, port = server
    before, started = _written(pid), time.monotonic()
    said = _answer_to(port, *WAYS[way])
    assert said.startswith("HTTP/1.1 413"), said[:300]
    assert "too large" in said
    assert ('data-error="too_large"' in said) == ("htmx" in way)
    assert re.search(r"(?im)^content-security-policy: .*default-src 'none'", said)
    assert time.monotonic() - started < 15
    assert _written(pid) - before < 1_000_000
    assert _ask(port, "GET", "/account/sign-in/")[0].status == 200


@pytest.mark.parametrize("chunked", [False, True])
def test_an_ordinary_form_arrives(server, chunked):
    _, port = server
    answer, page = _ask(port, "GET", "/account/sign-in/")
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)[1]
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    body = f"csrfmiddlewaretoken={token}&login=a%40example.org&password=wrong&padding={'x' * 100_000}".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    answer, page = _ask(port, "POST", "/account/sign-in/", iter([body[:500], body[500:]]) if chunked else body, headers)
    assert answer.status == 200
    assert "a@example.org" in page
