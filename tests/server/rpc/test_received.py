"""What a call received goes on as it came."""

from __future__ import annotations

import asyncio

import pytest
from alatau.freight.v1 import routing_service_pb2 as pb
from google.protobuf.message import DecodeError

from server.rpc.received import reading, serialized

read = reading(pb.EvaluateRoutePlanRequest.FromString)


def test_the_bytes_that_came_are_those_that_go_on() -> None:
    """The very object, with fields that this version does not know."""
    data = pb.EvaluateRoutePlanRequest(plan={}).SerializeToString() + b"\xf8\x07\x01"
    assert serialized(read(data)) is data


def test_another_message_is_written() -> None:
    """What was made here has no bytes yet, even if it equals what came."""
    read(b"")
    made = pb.EvaluateRoutePlanRequest(plan={})
    assert serialized(made) == made.SerializeToString()


def test_bytes_that_are_no_message_are_not_kept() -> None:
    """The fault is that of the parser; the message before keeps its bytes."""
    data = pb.EvaluateRoutePlanRequest(plan={}).SerializeToString()
    message = read(data)
    with pytest.raises(DecodeError):
        read(b"\xff\xff")
    assert serialized(message) is data


async def test_calls_do_not_see_each_others_bytes() -> None:
    """Two calls at once, each with its own message."""

    async def call(name: str) -> bool:
        request = pb.EvaluateRoutePlanRequest()
        request.problem.locations.add(id=name)
        data = request.SerializeToString()
        message = read(data)
        await asyncio.sleep(0)
        return serialized(message) is data

    assert await asyncio.gather(*(call(name) for name in "abc")) == [True] * 3
