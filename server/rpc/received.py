"""A request keeps the bytes that it came as, so that nobody writes them anew.

To serialise 8 MB takes 7 ms, to read them 0.3: the message only points into them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Protocol


class Written(Protocol):
    """A message of protobuf."""

    def SerializeToString(self) -> bytes:  # noqa: N802 - protobuf's name
        """Return the message as bytes."""
        ...


_last: ContextVar[tuple[Written, bytes] | None] = ContextVar("received", default=None)


def reading(parse: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Return ``parse`` such that :func:`serialized` knows what its message came as."""

    def read(data: bytes) -> Any:
        message = parse(data)
        _last.set((message, data))
        return message

    return read


def serialized(message: Written) -> bytes:
    """Return a message as bytes: those that it came as, where this call received it."""
    last = _last.get()
    return last[1] if last is not None and last[0] is message else message.SerializeToString()
