"""One stream of server-sent events: a queue that the hub fills, emptied for as long as somebody listens."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from functools import partial

from django.http import HttpRequest, HttpResponse

from raci.web.streams import hand_over

from .hub import hub
from .presence import Present
from .readers import Reader, Send

MOST_WAITING = 200  # events; a browser that takes none of them is let go, and comes again when it can


def stream(request: HttpRequest, make_reader: Callable[[Send], Reader], person: Present) -> HttpResponse:
    """An answer that goes on until the reader leaves or the hub ends it."""
    return hand_over(request, partial(_events, make_reader, person))


async def _events(make_reader: Callable[[Send], Reader], person: Present) -> AsyncGenerator[bytes, None]:
    queue, loop = asyncio.Queue[bytes | None](), asyncio.get_running_loop()

    def put(message: bytes | None) -> None:
        queue.put_nowait(message if queue.qsize() < MOST_WAITING else None)

    def send(message: bytes | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(put, message)

    reader = make_reader(send)
    if not hub.join(reader, person):
        return  # the page asks again, and is then told that there are too many
    try:
        yield b": here\n\n"
        while (message := await queue.get()) is not None:
            yield message
    finally:
        hub.leave(reader)
