"""The limit on what is sent to the ASGI application."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


def with_body_limit(application: Application) -> Application:
    """Cuts off a body that is too large, declared or not. Django would write all of it to disk before any middleware.

    Django gets an empty body and the size as Content-Length, which `refuse_large_bodies` answers with 413.
    """

    async def limited(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        headers = scope.get("headers", ())
        length = dict(headers).get(b"content-length", b"")
        size = int(length) if length.isdigit() else 0
        inner, received, is_cut = dict(scope), 0, False

        async def receive_within_limit() -> Message:
            nonlocal received, is_cut
            if is_cut:
                await asyncio.Future()  # the rest is left alone; Django stops waiting when it has answered
            if size <= settings.MAX_BODY_BYTES:
                message = await receive()
                received += len(message.get("body", b""))
                if received <= settings.MAX_BODY_BYTES:
                    return message
                inner["headers"] = [*headers, (b"content-length", str(received).encode())]
            is_cut = True
            return {"type": "http.request", "body": b"", "more_body": False}

        await application(inner, receive_within_limit, send)

    return limited
