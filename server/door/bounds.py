"""What a request may cost before it is understood."""

from __future__ import annotations

import asyncio

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEAD_BYTES = 16 * 1024
"""Most bytes of a request's headers, as on the gRPC listener."""
BODY_SECONDS = 30.0
"""Between two pieces of a request's body."""


class Bounds:
    """Refuses long heads and gives up bodies that do not come; an ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; one that stalls looks to the application as if its caller left."""
        head = sum(len(name) + len(value) for name, value in scope["headers"])
        if head > HEAD_BYTES:
            text = f"The request's headers have {head} bytes; {HEAD_BYTES} are the most.\n"
            await PlainTextResponse(text, 431)(scope, receive, send)
            return
        complete = False

        async def next_piece() -> Message:
            nonlocal complete
            if complete:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), BODY_SECONDS)
            except TimeoutError:
                return {"type": "http.disconnect"}
            complete = not message.get("more_body", False)
            return message

        await self._app(scope, next_piece, send)
