"""Streams that outlive their request.

A view that checked who asks hands the stream over to the ASGI layer: `hand_over(request, events)`. The request then
ends as any other does, and an open stream holds no thread, no database connection and no middleware. When the server is
told to stop, all streams end at once, so that nobody waits for them.
"""

import asyncio
import signal
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse

from .asgi import Application, Message, Receive, Send

Events = Callable[[], AsyncGenerator[bytes, None]]
PLACE = "remit.stream"  # where in the scope of a request its stream is put
STALLED = 30.0  # seconds after which a browser that takes nothing is let go


def can_stream(request: HttpRequest) -> bool:
    """Whether the server this came through can hold streams: not under WSGI, nor without `with_streams`."""
    return isinstance(request, ASGIRequest) and PLACE in request.scope


def hand_over(request: HttpRequest, events: Events) -> HttpResponse:
    """The answer to a request whose body will be these events, for as long as they come and somebody listens."""
    assert isinstance(request, ASGIRequest)
    request.scope[PLACE].append(events)
    response = HttpResponse(content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # a proxy that collects would hold everything back
    return response


def with_streams(application: Application) -> Application:
    """Sends what was handed over, once the request is done."""
    is_over = asyncio.Event()

    async def streaming(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(is_over, receive, send)
            return
        handed_over: list[Events] = []
        begun: list[Message] = []

        async def send_unless_handed_over(message: Message) -> None:
            if not handed_over:
                await send(message)
            elif message["type"] == "http.response.start":
                begun.append(message)

        await application({**scope, PLACE: handed_over}, receive, send_unless_handed_over)
        if begun:
            await _stream(begun[0], handed_over[0](), receive, send, is_over)

    return streaming


async def _live(is_over: asyncio.Event, receive: Receive, send: Send) -> None:
    """The life of the server, which Django does not care about."""
    while (await receive())["type"] == "lifespan.startup":
        is_over.clear()
        _end_when_told_to_stop(asyncio.get_running_loop(), is_over)
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


def _end_when_told_to_stop(loop: asyncio.AbstractEventLoop, is_over: asyncio.Event) -> None:
    """Before what the server does itself on these signals: it waits until every answer is sent."""
    if threading.current_thread() is not threading.main_thread():
        return  # no signal comes here

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, partial(_end_first, loop, is_over, signal.getsignal(number)))


def _end_first(
    loop: asyncio.AbstractEventLoop, is_over: asyncio.Event, then: Any, number: int, frame: FrameType | None
) -> None:
    loop.call_soon_threadsafe(is_over.set)
    if callable(then):
        then(number, frame)


async def _stream(
    begun: Message, events: AsyncGenerator[bytes, None], receive: Receive, send: Send, is_over: asyncio.Event
) -> None:
    headers = [(name, value) for name, value in begun["headers"] if name.lower() != b"content-length"]
    await send({**begun, "headers": headers})
    tasks = [asyncio.create_task(work) for work in (_pump(events, send), _gone(receive), is_over.wait())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if is_over.is_set():
        with suppress(Exception):  # the browser may be gone as well
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _pump(events: AsyncGenerator[bytes, None], send: Send) -> None:
    try:
        async for event in events:
            async with asyncio.timeout(STALLED):
                await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        await events.aclose()


async def _gone(receive: Receive) -> None:
    """Returns when nobody listens any more."""
    while (await receive())["type"] != "http.disconnect":
        pass
