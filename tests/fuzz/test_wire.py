"""Broken requests to every RPC of a real server: never INTERNAL, UNKNOWN or a lost call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from tests.fuzz.targets import targets
from tests.server.codecs.mutations import mutate
from tests.serving import ServerProcess, running_server

TRIALS = 12
"""Broken requests to each RPC."""
SECONDS = 1.0
"""Deadline of each call; solves are told to take a few milliseconds."""
NEVER = {
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DATA_LOSS,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Run a server."""
    with running_server(tmp_path_factory.mktemp("wire"), workers=1, check_workers=1) as running:
        yield running


def rpcs(channel: grpc.Channel) -> Iterator[MethodDescriptor]:
    """Yield every RPC of ours that the server lists, with its messages."""
    database = ProtoReflectionDescriptorDatabase(channel)
    pool = DescriptorPool(database)
    for name in sorted(database.get_services()):
        if name.startswith("alatau."):
            yield from pool.FindServiceByName(name).methods


def good_requests() -> dict[str, bytes]:
    """Return a good request by the full name of its message."""
    return {
        each.request().DESCRIPTOR.full_name: list(each.seeds())[1] for each in targets().values()
    }


def status(channel: grpc.Channel, rpc: MethodDescriptor, request: bytes) -> grpc.StatusCode:
    """Return how a call ended."""
    path = f"/{rpc.containing_service.full_name}/{rpc.name}"
    make: Any = {
        (False, False): channel.unary_unary,
        (False, True): channel.unary_stream,
        (True, False): channel.stream_unary,
        (True, True): channel.stream_stream,
    }[rpc.client_streaming, rpc.server_streaming]
    sent = iter([request, request]) if rpc.client_streaming else request
    try:
        answer = make(path)(sent, timeout=SECONDS)
        if rpc.server_streaming:
            list(answer)
    except grpc.RpcError as refused:
        return refused.code()
    return grpc.StatusCode.OK


def test_broken_requests_are_answered_or_refused(server: ServerProcess) -> None:
    """Every RPC that the server lists, with faults in its message and in its bytes."""
    good, ended = good_requests(), Counter[grpc.StatusCode]()
    with grpc.insecure_channel(server.address) as channel:
        for rpc in rpcs(channel):
            for trial in range(TRIALS):
                random = Random(f"{rpc.full_name} {trial}")
                request: Any = message_factory.GetMessageClass(rpc.input_type)()
                request.ParseFromString(good.get(rpc.input_type.full_name, b""))
                mutate(request, random, random.randint(1, 3))
                data = bytearray(request.SerializeToString())
                if trial % 4 == 0 and data:
                    data[random.randrange(len(data))] ^= 1 << random.randrange(8)
                code = status(channel, rpc, bytes(data))
                assert code not in NEVER, (rpc.full_name, trial, server.log.read_text()[-3000:])
                ended[code] += 1
    assert ended[grpc.StatusCode.OK] > 0
    assert ended[grpc.StatusCode.INVALID_ARGUMENT] > 0


def test_the_descriptors_are_those_of_the_stubs(server: ServerProcess) -> None:
    """Reflection names every part's service."""
    with grpc.insecure_channel(server.address) as channel:
        named = {rpc.input_type.full_name for rpc in rpcs(channel)}
    assert named >= set(good_requests())
