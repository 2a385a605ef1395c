"""Messages as bytes and as JSON.

JSON is read strictly: a field that is not known is refused with its name, since
a constraint that is silently dropped makes a wrong plan. Reading and writing
JSON is Python and slow beside protobuf's own form, so what is large is done in a
thread, and other calls go on.
"""

from __future__ import annotations

import asyncio
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from server.errors import Reason, ServiceError
from server.rpc.guarded import Handler

LARGE = 32 * 1024
"""Bytes of a message from which JSON is read or written in a thread."""


async def from_json(handler: Handler, data: bytes) -> Message:
    """Return the request message that a JSON text says.

    Raises
    ------
    ServiceError
        MALFORMED_MESSAGE, with what is wrong.
    """
    read: Any = handler.request_deserializer
    message: Message = read.__self__()
    try:
        if len(data) < LARGE:
            json_format.Parse(data, message)
        else:
            await asyncio.to_thread(json_format.Parse, data, message)
    except (json_format.ParseError, UnicodeDecodeError, RecursionError) as fault:
        why = " ".join(str(fault).split())[:500]
        text = f"The request is no JSON of its type: {why}"
        raise ServiceError(Reason.MALFORMED_MESSAGE, text) from fault
    return message


async def to_json(message: Message) -> bytes:
    """Return a message as JSON text."""
    if message.ByteSize() < LARGE:
        return _text(message)
    return await asyncio.to_thread(_text, message)


def _text(message: Message) -> bytes:
    text: str = json_format.MessageToJson(message, indent=None)
    return text.encode()
