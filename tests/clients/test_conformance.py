"""The calls of ``clients/conformance/vectors.json``, made with the Python stubs."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from alatau.airtaxi.v1 import planning_service_pb2
from alatau.freight.v1 import docks_service_pb2, flows_service_pb2, routing_service_pb2
from alatau.jobs.v1 import jobs_service_pb2
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2 as details
from grpc_status import rpc_status

from tests.serving import ROOT, running_server

FILE = Path(os.environ.get("ALATAU_VECTORS", ROOT / "clients/conformance/vectors.json"))
VECTORS = json.loads(FILE.read_text(encoding="utf-8"))["vectors"]
SERVICES = [
    service
    for module in (
        planning_service_pb2,
        docks_service_pb2,
        flows_service_pb2,
        routing_service_pb2,
        jobs_service_pb2,
    )
    for service in module.DESCRIPTOR.services_by_name.values()
]


@pytest.fixture(scope="module")
def channel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[grpc.Channel]:
    """Open a channel to the server that ``ALATAU_ADDRESS`` names, or to one of our own."""
    address = os.environ.get("ALATAU_ADDRESS")
    if address:
        with grpc.insecure_channel(address) as opened:
            yield opened
        return
    with (
        running_server(tmp_path_factory.mktemp("conformance"), workers=1) as server,
        grpc.insecure_channel(server.address) as opened,
    ):
        yield opened


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_answers_as_every_other_language(channel: grpc.Channel, vector: dict[str, Any]) -> None:
    """The answer has the values, or the refusal has the reasons, that the vector names."""
    expected = vector["expect"]
    if expected["code"] == "OK":
        answer = MessageToDict(call(channel, vector), always_print_fields_with_no_presence=True)
        found = {path: value_at(answer, path) for path in expected["values"]}
        assert found == expected["values"]
        return
    with pytest.raises(grpc.RpcError) as refusal:
        call(channel, vector)
    assert refusal.value.code().name == expected["code"]
    assert reasons(refusal.value) == (expected["reason"], expected.get("violations", []))


def call(channel: grpc.Channel, vector: dict[str, Any]) -> Message:
    """Make the call; of a stream, return the last message."""
    method = method_of(vector["method"])
    answer_type = GetMessageClass(method.output_type)
    path, streams = f"/{vector['method']}", method.server_streaming
    stub = (channel.unary_stream if streams else channel.unary_unary)(
        path,
        request_serializer=GetMessageClass(method.input_type).SerializeToString,
        response_deserializer=answer_type.FromString,
    )
    request = ParseDict(vector["request"], GetMessageClass(method.input_type)())
    answer = stub(request, timeout=vector["timeoutSeconds"])
    return list(answer)[-1] if streams else answer


def method_of(name: str) -> MethodDescriptor:
    """Return the descriptor of a method by its full name."""
    service, method = name.split("/")
    [found] = [s for s in SERVICES if s.full_name == service]
    return found.methods_by_name[method]


def value_at(root: object, path: str) -> object:
    """Return the value at a path such as ``plan.routes[0].vehicleType``."""
    value: Any = root
    for step in re.findall(r"[^.\[\]]+", path):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def reasons(refusal: grpc.RpcError) -> tuple[str, list[dict[str, str]]]:
    """Return the reason of a refusal and its violations."""
    info, bad = details.ErrorInfo(), details.BadRequest()
    for detail in rpc_status.from_call(refusal).details:
        detail.Unpack(info) or detail.Unpack(bad)
    return info.reason, [{"code": v.reason, "path": v.field} for v in bad.field_violations]
