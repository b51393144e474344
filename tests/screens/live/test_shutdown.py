"""Open streams never keep a server from stopping; and a browser that takes nothing is let go."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest

from raci.web import streams
from raci.web.streams import PLACE, with_streams

ROOT = Path(__file__).resolve().parents[3]
SERVER = """
import asyncio, sys
import uvicorn
from raci.web.streams import PLACE, with_streams

async def ticking():
    while True:
        yield b"data: tick\\n\\n"
        await asyncio.sleep(0.1)

async def application(scope, receive, send):
    scope[PLACE].append(ticking)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})

uvicorn.run(with_streams(application), port=int(sys.argv[1]), log_level="error")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_stop_stops_with_streams_open(number):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], cwd=ROOT)
    try:
        answers = [_opened(port) for _ in range(3)]
        started = time.monotonic()
        process.send_signal(number)
        process.wait(timeout=10)
        assert time.monotonic() - started < 3
        for answer in answers:
            answer.read()  # to its end; one that is cut off raises IncompleteRead
    finally:
        process.kill()


def _opened(port: int):
    for _ in range(100):
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/")
            answer = connection.getresponse()
            assert answer.readline() == b"data: tick\n"
            return answer
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def test_a_browser_that_takes_nothing_is_let_go(monkeypatch):
    monkeypatch.setattr(streams, "STALLED", 0.2)
    ended = []

    async def ticking():
        try:
            while True:
                yield b"data: tick\n\n"
        finally:
            ended.append(True)

    async def application(scope, receive, send):
        scope[PLACE].append(ticking)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive():
        await asyncio.Event().wait()

    async def send(message):
        if message.get("body"):
            await asyncio.Event().wait()  # nobody reads

    async def opened():
        await asyncio.wait_for(with_streams(application)({"type": "http"}, receive, send), timeout=5)

    with ThreadPoolExecutor(1) as thread:  # this one may have a loop already, of a browser
        thread.submit(asyncio.run, opened()).result()
    assert ended == [True]
