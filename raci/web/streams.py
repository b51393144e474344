"""Streams that outlive their request.

A view that checked who asks hands the stream over to the ASGI layer: `hand_over(request, events)`. The request then
ends as any other does, and an open stream holds no thread, no database connection and no middleware.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse

from .asgi import Application, Message, Receive, Send

Events = Callable[[], AsyncIterator[bytes]]
PLACE = "remit.stream"  # where in the scope of a request its stream is put


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

    async def streaming(scope: dict[str, object], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
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
            await _stream(begun[0], handed_over[0](), receive, send)

    return streaming


async def _stream(begun: Message, events: AsyncIterator[bytes], receive: Receive, send: Send) -> None:
    headers = [(name, value) for name, value in begun["headers"] if name.lower() != b"content-length"]
    await send({**begun, "headers": headers})
    tasks = {asyncio.create_task(_pump(events, send)), asyncio.create_task(_gone(receive))}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(events: AsyncIterator[bytes], send: Send) -> None:
    async for event in events:
        await send({"type": "http.response.body", "body": event, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    """Returns when nobody listens any more."""
    while (await receive())["type"] != "http.disconnect":
        pass
