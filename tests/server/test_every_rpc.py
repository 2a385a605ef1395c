"""Every RPC that is served, found by itself: who has no key, and who names what others have."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple
from unittest.mock import Mock

import grpc
import pytest
from alatau.jobs.v1 import jobs_service_pb2 as pb
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message_factory import GetMessageClass

from server.access.keys import KeyFile
from server.door.handlers import handlers
from server.servicers import services
from tests.api.calls import failure
from tests.server.jobs.asking import Asking
from tests.serving import running_server

PATHS = sorted(handlers(services(Mock(), Mock()).values()))
"""What the server offers, so that a new RPC is tried as soon as it is there."""
DEPTH = 5
"""How deep names are put into a request."""
every_path = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.rpartition("/")[2])


class World(NamedTuple):
    """A server with two workspaces, and what one of them has there."""

    channel: grpc.Channel
    city: Asking
    village: list[tuple[str, str]]
    names: tuple[str, str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run the server; the city has a job that runs and an upload."""
    folder = tmp_path_factory.mktemp("every")
    keys = KeyFile(folder / "keys.json")
    city, village = (f"Bearer {keys.create(name)}" for name in ("city", "village"))
    with (
        running_server(folder, workers=1, keys_file=folder / "keys.json") as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        owner = Asking(channel, authorization=city)
        announced = pb.CreateUploadRequest(size=1, sha256=hashlib.sha256(b"x").digest())
        upload = owner.call("CreateUpload", announced).upload.name
        job = owner.create(60).name
        yield World(channel, owner, [("authorization", village)], (job, upload))


def described(path: str) -> MethodDescriptor:
    """Return the descriptor of a method."""
    service, name = path[1:].split("/")
    return descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]


def naming(message: Any, name: str, depth: int = DEPTH) -> Any:
    """Put a name into every text of a message, and of the messages in it."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            continue
        text = field.type == FieldDescriptor.TYPE_STRING
        if text and field.is_repeated:
            getattr(message, field.name).append(name)
        elif text:
            setattr(message, field.name, name)
        elif field.message_type is not None and depth:
            inner = getattr(message, field.name)
            naming(inner.add() if field.is_repeated else inner, name, depth - 1)
    return message


def answers(world: World, path: str, data: bytes, metadata: list[tuple[str, str]]) -> list[bytes]:
    """Make a call and return all that comes back."""
    if described(path).server_streaming:
        return list(world.channel.unary_stream(path)(data, metadata=metadata, timeout=10))
    return [world.channel.unary_unary(path)(data, metadata=metadata, timeout=10)]


def said(world: World, path: str, data: bytes) -> grpc.StatusCode:
    """Return what the village hears, which is nothing of the city."""
    try:
        got = answers(world, path, data, world.village)
    except grpc.RpcError as refused:
        code: grpc.StatusCode = refused.code()
        return code
    assert not any(b"workspaces/city" in answer for answer in got)
    return grpc.StatusCode.OK


@every_path
def test_nobody_comes_in_without_a_key(world: World, path: str) -> None:
    """Whatever is asked, bytes that are no message included."""
    for data in (b"", b"\xff\xff"):
        code, details = failure(lambda data=data: answers(world, path, data, []))
        assert code is grpc.StatusCode.UNAUTHENTICATED
        assert details["ErrorInfo"].reason == "UNAUTHENTICATED"


@every_path
def test_what_others_have_is_not_there(world: World, path: str) -> None:
    """A request that names the city's job, or its upload, wherever it has room for a name."""
    kind = GetMessageClass(described(path).input_type)
    for name in world.names:
        lone = kind()
        for field in ("name", "upload"):
            if field in kind.DESCRIPTOR.fields_by_name:
                setattr(lone, field, name)
        for request in (lone, naming(kind(), name)):
            assert said(world, path, request.SerializeToString()) in {
                grpc.StatusCode.OK,
                grpc.StatusCode.NOT_FOUND,
                grpc.StatusCode.INVALID_ARGUMENT,
            }
    job, upload = world.names
    assert not world.city.call("GetJob", pb.GetJobRequest(name=job)).job.done
    there = world.city.call("GetUpload", pb.GetUploadRequest(name=upload)).upload
    assert not there.complete and there.received == 0


def test_there_is_something_to_try() -> None:
    """All services of the API are among them."""
    assert len({path.split("/")[1] for path in PATHS}) == len(services(Mock(), Mock()))
    assert len(PATHS) > 25
