"""Every RPC over HTTP answers as it does over gRPC, in results and in refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import grpc
import pytest
from google.protobuf import descriptor_pool, json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from server.access.keys import KeyFile
from server.door.handlers import handlers
from server.servicers import services
from tests import web
from tests.api.calls import failure
from tests.serving import ROOT, ServerProcess, running_server

METHODS = sorted(handlers(services(Mock(), Mock()).values()))
VECTORS = json.loads((ROOT / "clients/conformance/vectors.json").read_text("utf-8"))["vectors"]
EPHEMERAL = {"elapsed", "improvements", "iterations", "request_id", "seconds"}
"""Fields that differ from run to run."""
MOVING = {
    *("state", "done", "revision", "history", "attempt", "progress", "outcome", "queue_position"),
    *("create_time", "start_time", "end_time", "expire_time"),
}
"""Fields of a job that go on between two calls."""

every_method = pytest.mark.parametrize("path", METHODS, ids=lambda path: path.split("/")[2])
every_form = pytest.mark.parametrize("form", web.FORMS)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Run a server with both listeners."""
    folder = tmp_path_factory.mktemp("door")
    with running_server(folder, workers=1, http_port=0) as running:
        yield running


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServerProcess, str]]:
    """Run a server that wants keys, with one that counts."""
    folder = tmp_path_factory.mktemp("guarded")
    key = KeyFile(folder / "keys.json").create("city")
    settings = {"workers": 1, "http_port": 0, "keys_file": folder / "keys.json"}
    with running_server(folder, **settings) as running:
        yield running, key


@pytest.fixture(scope="module")
def channel(server: ServerProcess) -> Iterator[grpc.Channel]:
    """Open a gRPC channel to it."""
    with grpc.insecure_channel(server.address) as opened:
        yield opened


@pytest.fixture(scope="module")
def asked() -> dict[str, web.Answer]:
    """Keep what gRPC said to each vector, for all forms to be compared with."""
    return {}


def described(path: str) -> MethodDescriptor:
    """Return the descriptor of a method."""
    service, name = path[1:].split("/")
    return descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]


def by_grpc(channel: grpc.Channel, path: str, body: bytes) -> web.Answer:
    """Make a call over gRPC."""
    make = channel.unary_stream if described(path).server_streaming else channel.unary_unary

    def answer() -> list[bytes]:
        got = make(path)(body, timeout=30)
        return list(got) if described(path).server_streaming else [got]

    try:
        return web.Answer(grpc.StatusCode.OK, parts=answer())
    except grpc.RpcError:
        code, details = failure(answer)
        return web.Answer(code, details=details)


def by_web(server: ServerProcess, path: str, body: bytes, form: str, **headers: str) -> web.Answer:
    """Make a call over HTTP."""
    streams = described(path).server_streaming
    return web.call(server.web, path, body, form, streams=streams, headers=headers)


def lasting(message: Message) -> Any:
    """Return a message as a dict without what differs from run to run."""

    def kept(value: Any) -> Any:
        if isinstance(value, dict):
            dropped = EPHEMERAL | MOVING if "kind" in value and "state" in value else EPHEMERAL
            return {k: kept(v) for k, v in value.items() if k not in dropped}
        return [kept(item) for item in value] if isinstance(value, list) else value

    return kept(json_format.MessageToDict(message, preserving_proto_field_name=True))


def lasting_details(answer: web.Answer) -> Any:
    """Return the details of an error without what differs from call to call."""
    return {name: lasting(detail) for name, detail in answer.details.items()}


@every_form
@every_method
def test_an_empty_request_gets_the_same(
    server: ServerProcess, channel: grpc.Channel, path: str, form: str
) -> None:
    """Whatever a method says to nothing: code and every detail are the same."""
    body = b"{}" if form.endswith("json") else b""
    over_grpc, over_web = by_grpc(channel, path, b""), by_web(server, path, body, form)
    assert over_web.code is over_grpc.code
    assert lasting_details(over_web) == lasting_details(over_grpc)
    assert over_web.headers["x-request-id"]


@every_form
@every_method
def test_garbage_gets_the_same(
    server: ServerProcess, channel: grpc.Channel, path: str, form: str
) -> None:
    """Bytes that are no message, or no JSON, are refused alike."""
    over_grpc, over_web = by_grpc(channel, path, b"\xff\xff"), by_web(server, path, b"\xff", form)
    assert over_web.code is over_grpc.code is grpc.StatusCode.INVALID_ARGUMENT
    assert lasting_details(over_web) == lasting_details(over_grpc)
    assert over_web.details["ErrorInfo"].reason == "MALFORMED_MESSAGE"  # type: ignore[attr-defined]


@every_form
@every_method
def test_every_method_wants_a_key(guarded: tuple[ServerProcess, str], path: str, form: str) -> None:
    """Without a key no call comes as far as its request; with one it does."""
    server, key = guarded
    refused = by_web(server, path, b"\xff", form)
    assert refused.code is grpc.StatusCode.UNAUTHENTICATED
    assert refused.details["ErrorInfo"].reason == "UNAUTHENTICATED"  # type: ignore[attr-defined]
    admitted = by_web(server, path, b"\xff", form, authorization=f"Bearer {key}")
    assert admitted.code is grpc.StatusCode.INVALID_ARGUMENT


@every_form
@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_results_are_the_same(
    server: ServerProcess,
    channel: grpc.Channel,
    asked: dict[str, web.Answer],
    vector: dict[str, Any],
    form: str,
) -> None:
    """The conformance vectors over both listeners: same plans, same refusals."""
    path = "/" + vector["method"]
    about = described(path)
    shortened = dict(vector["request"])
    # A search uses all of its time; what is sized ends by its proof, whenever that comes.
    if "timeLimit" in shortened.get("options", {}) and not path.endswith("SizeFleet"):
        shortened["options"] = {**shortened["options"], "timeLimit": "0.3s"}
    request = json_format.ParseDict(shortened, GetMessageClass(about.input_type)())
    binary = request.SerializeToString()
    body = json.dumps(shortened).encode() if form.endswith("json") else binary
    if vector["name"] not in asked:
        asked[vector["name"]] = by_grpc(channel, path, binary)
    over_grpc, over_web = asked[vector["name"]], by_web(server, path, body, form)
    assert over_web.code is over_grpc.code
    assert over_web.code.name == vector["expect"]["code"]
    assert lasting_details(over_web) == lasting_details(over_grpc)
    kind = GetMessageClass(about.output_type)
    ours, theirs = over_web.messages(kind, form)[-1:], over_grpc.messages(kind, "grpc")[-1:]
    assert [lasting(message) for message in ours] == [lasting(message) for message in theirs]


def test_streams_report_on_the_way(server: ServerProcess) -> None:
    """Progress comes while the search runs, and the plan at last."""
    vector = next(v for v in VECTORS if "Stream" in v["method"] and v["expect"]["code"] == "OK")
    path = "/" + vector["method"]
    kind = GetMessageClass(described(path).output_type)
    answer = by_web(server, path, json.dumps(vector["request"]).encode(), "connect+json")
    messages: Any = answer.messages(kind, "connect+json")
    assert len(messages) > 1
    assert [m.HasField("plan") for m in messages] == [False] * (len(messages) - 1) + [True]


def test_the_vectors_are_there() -> None:
    """The comparison above compares something."""
    assert len(VECTORS) > 5
    assert len(METHODS) >= 12
