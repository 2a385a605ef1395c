"""What is known of a call while it is answered, over gRPC and over HTTP alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn, Protocol

import grpc

Metadata = Iterable[tuple[str, str | bytes]]


class Context(Protocol):
    """What a handler may ask of the call it answers.

    Its caller is :func:`server.access.caller.current`; it fails by raising
    :class:`server.errors.ServiceError` or :class:`router.errors.InvalidInput`.
    """

    def time_remaining(self) -> float | None:
        """Return the seconds until the caller's deadline, ``None`` without one."""
        ...


class Wire(Context, Protocol):
    """The side of a call that faces the network; ``grpc.aio.ServicerContext`` has it."""

    def invocation_metadata(self) -> Metadata | None:
        """Return what the caller sent beside the request."""
        ...

    async def send_initial_metadata(self, initial_metadata: Metadata) -> None:
        """Send what comes before the response."""
        ...

    async def abort(
        self, code: grpc.StatusCode, details: str = "", trailing_metadata: Metadata = ()
    ) -> NoReturn:
        """End the call with an error."""
        ...
