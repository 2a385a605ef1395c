"""What strangers try: forged tokens, smuggled identities, bad certificates, probing.

The list of these is in docs/serving.md; what is tested elsewhere is named there.
"""

from __future__ import annotations

import ast
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import grpc
import pytest
import trustme
from alatau.freight.v1 import routing_service_pb2 as pb
from alatau.freight.v1.routing_service_pb2_grpc import RoutingServiceStub
from alatau.jobs.v1 import jobs_service_pb2 as jobs_pb
from alatau.jobs.v1.jobs_service_pb2_grpc import SolveJobServiceStub
from alatau_client import Client, Unavailable
from google.protobuf import json_format
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from server.access.keys import KeyFile
from tests import web
from tests.api.calls import failure
from tests.api.test_routing import line_plan, line_problem
from tests.server import certificates
from tests.server.access.test_tokens import AUDIENCE, ISSUER, confused, document, token, unsigned
from tests.serving import ROOT, ServerProcess, running_server

EVALUATE = "/alatau.freight.v1.RoutingService/EvaluateRoutePlan"
LIST = "/alatau.jobs.v1.SolveJobService/ListJobs"
Sent = list[tuple[str, str]]


class Guarded(NamedTuple):
    """A server that takes keys and tokens, over both listeners, and a key for it."""

    server: ServerProcess
    key: str


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Run the server as it would run in production, but for TLS."""
    folder = tmp_path_factory.mktemp("guarded")
    key = KeyFile(folder / "keys.json").create("city")
    (folder / "jwks.json").write_text(json.dumps(document("ES256", "RS256")))
    settings = {
        "keys_file": folder / "keys.json",
        "jwt_keys": folder / "jwks.json",
        "jwt_issuer": ISSUER,
        "jwt_audience": AUDIENCE,
        "reflection": False,
        "http_port": 0,
        "workers": 1,
    }
    with running_server(folder, **settings) as server:
        yield Guarded(server, key)


def evaluation() -> pb.EvaluateRoutePlanRequest:
    """Return a request that is answered in milliseconds."""
    return pb.EvaluateRoutePlanRequest(problem=line_problem(), plan=line_plan())


def codes(server: ServerProcess, metadata: Sent) -> set[grpc.StatusCode]:
    """Return what an evaluation gets over both listeners."""
    with grpc.insecure_channel(server.address) as channel:
        call = RoutingServiceStub(channel).EvaluateRoutePlan.with_call
        try:
            over_grpc = call(evaluation(), metadata=metadata, timeout=20)[1].code()
        except grpc.RpcError as refused:
            over_grpc = refused.code()
    body = json_format.MessageToJson(evaluation()).encode()
    over_web = web.call(server.web, EVALUATE, body, "connect+json", headers=dict(metadata))
    return {over_grpc, over_web.code}


def bearer(secret: str) -> Sent:
    """Return the metadata that carries a secret."""
    return [("authorization", f"Bearer {secret}")]


def test_keys_and_tokens_open_both_listeners(guarded: Guarded) -> None:
    """Two kinds of credentials, two listeners, one door."""
    for secret in (guarded.key, token("ES256"), token("RS256", workspace="port")):
        assert codes(guarded.server, bearer(secret)) == {grpc.StatusCode.OK}
    log = guarded.server.log.read_text()
    assert '"workspace": "port"' in log
    assert '"caller": "token planner"' in log


@pytest.mark.parametrize(
    ("make", "expected"),
    [  # functions: a token of the time of collection would be refused for its age
        (lambda: "", grpc.StatusCode.UNAUTHENTICATED),
        (lambda: "alatau_00000000_" + "x" * 43, grpc.StatusCode.UNAUTHENTICATED),
        (lambda: "something else", grpc.StatusCode.UNAUTHENTICATED),
        (lambda: token(exp=1), grpc.StatusCode.UNAUTHENTICATED),
        (lambda: token(aud="other"), grpc.StatusCode.UNAUTHENTICATED),
        (lambda: token(iss="other"), grpc.StatusCode.UNAUTHENTICATED),
        (unsigned, grpc.StatusCode.UNAUTHENTICATED),
        (confused, grpc.StatusCode.UNAUTHENTICATED),
        (lambda: token("EdDSA"), grpc.StatusCode.UNAUTHENTICATED),
        (lambda: token(workspace=None), grpc.StatusCode.PERMISSION_DENIED),
    ],
    ids=["none", "key", "word", "expired", "aud", "iss", "unsigned", "hmac", "stranger", "nowhere"],
)
def test_strangers_are_refused(
    guarded: Guarded, make: Callable[[], str], expected: grpc.StatusCode
) -> None:
    """Over both listeners alike; what they sent stands nowhere in the log."""
    secret = make()
    assert codes(guarded.server, bearer(secret)) == {expected}
    if len(secret) > 20:
        time.sleep(0.05)
        log = guarded.server.log.read_text()
        assert secret not in log
        assert secret[-20:] not in log


def test_a_workspace_cannot_be_smuggled_in(guarded: Guarded) -> None:
    """Headers and requests that name another workspace change nothing of who one is."""
    smuggled: Sent = [
        ("x-workspace", "port"),
        ("workspace", "port"),
        ("x-forwarded-user", "admin"),
        ("x-alatau-workspace", "port"),
        ("x-request-id", "a b"),
    ]
    ours = bearer(token(workspace="smuggler"))
    assert codes(guarded.server, ours + smuggled) == {grpc.StatusCode.OK}
    time.sleep(0.05)
    lines = [json.loads(line) for line in guarded.server.log.read_text().splitlines()]
    assert sum(line.get("workspace") == "smuggler" for line in lines) == 2
    assert not [line for line in lines if line.get("request_id") == "a b"]
    with grpc.insecure_channel(guarded.server.address) as channel:
        jobs = SolveJobServiceStub(channel)
        stolen = jobs_pb.GetJobRequest(name="workspaces/city/solveJobs/0123456789abcdef")
        code, _ = failure(lambda: jobs.GetJob(stolen, metadata=ours + smuggled, timeout=20))
        assert code in {grpc.StatusCode.NOT_FOUND, grpc.StatusCode.INVALID_ARGUMENT}


def test_two_credentials_are_none(guarded: Guarded) -> None:
    """A good key beside a bad one, in either order, is refused: nobody guesses which counts."""
    for secrets in ((guarded.key, "x"), ("x", guarded.key)):
        sent = [pair for secret in secrets for pair in bearer(secret)]
        with grpc.insecure_channel(guarded.server.address) as channel:
            stub = RoutingServiceStub(channel)
            code, _ = failure(
                lambda stub=stub, sent=sent: stub.EvaluateRoutePlan(
                    evaluation(), metadata=sent, timeout=20
                )
            )
        assert code is grpc.StatusCode.UNAUTHENTICATED


def test_reflection_can_be_off(guarded: Guarded) -> None:
    """Nobody, whoever it is, learns from the server what it offers."""
    with grpc.insecure_channel(guarded.server.address) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        asked = reflection_pb2.ServerReflectionRequest(list_services="")
        with pytest.raises(grpc.RpcError) as refused:
            list(stub.ServerReflectionInfo(iter([asked]), metadata=bearer(guarded.key), timeout=9))
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_strangers_body_is_not_waited_for(guarded: Guarded) -> None:
    """Who announces 60 MB without credentials is refused before a byte of them has come."""
    head = (
        f"POST {EVALUATE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Content-Length: 60000000\r\n\r\n"
    )
    host, port = guarded.server.web.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(head.encode())
        answer = line.recv(4096)
    assert answer.startswith(b"HTTP/1.1 401 Unauthorized")


def test_five_hundred_silent_connections_disturb_nobody(guarded: Guarded) -> None:
    """They hold sockets on both listeners and say nothing; calls are answered."""
    lines = []
    try:
        for address in (guarded.server.address, guarded.server.web):
            host, port = address.split(":")
            lines += [socket.create_connection((host, int(port))) for _ in range(250)]
        assert codes(guarded.server, bearer(guarded.key)) == {grpc.StatusCode.OK}
    finally:
        for line in lines:
            line.close()


def test_an_unpacked_message_is_bounded_over_grpc(tmp_path: Path) -> None:
    """64 MiB of zeros pack to 64 kB; where 1 MiB is the most they are refused unpacked."""
    with (
        running_server(tmp_path, workers=1, message_mib=1) as server,
        grpc.insecure_channel(
            server.address,
            [("grpc.max_send_message_length", -1)],
            compression=grpc.Compression.Gzip,
        ) as channel,
    ):
        with pytest.raises(grpc.RpcError) as refused:
            channel.unary_unary(EVALUATE)(bytes(2**26), timeout=60)
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


class Certified(NamedTuple):
    """A server that wants client certificates, and who signs which."""

    port: str
    ca: trustme.CA
    clients: trustme.CA
    folder: Path


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certified]:
    """Run a server with mutual TLS."""
    folder, ca, clients = tmp_path_factory.mktemp("certified"), trustme.CA(), trustme.CA()
    chain, key = certificates.write(ca.issue_cert("localhost"), folder, "server")
    settings = {
        "tls_certificate": chain,
        "tls_private_key": key,
        "tls_client_authority": certificates.authority(clients, folder, "clients"),
    }
    with running_server(folder, workers=1, **settings) as server:
        yield Certified(server.address.rpartition(":")[2], ca, clients, folder)


def reached(certified: Certified, host: str, leaf: trustme.LeafCert | None) -> bool:
    """Return whether a client with a certificate gets its answer from a host name."""
    pair = (
        (leaf.private_key_pem.bytes(), b"".join(c.bytes() for c in leaf.cert_chain_pems))
        if leaf is not None
        else (None, None)
    )
    credentials = grpc.ssl_channel_credentials(certified.ca.cert_pem.bytes(), *pair)
    with Client(f"{host}:{certified.port}", tls=credentials, retry=False) as client:
        try:
            return client.routing.evaluate(line_problem(), line_plan(), timeout=10).feasible
        except Unavailable:
            return False


def test_certificates_that_do_not_count(certified: Certified) -> None:
    """None, a stranger's, an expired one; and a server by another name."""
    van = certified.clients.issue_cert("van")
    assert reached(certified, "localhost", van)
    assert not reached(certified, "localhost", None)
    assert not reached(certified, "localhost", trustme.CA().issue_cert("van"))
    assert not reached(certified, "localhost", certificates.expired(certified.clients, "van"))
    assert not reached(certified, "127.0.0.1", van)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_tls_1_1_is_too_old_for_grpc(certified: Certified) -> None:
    """The server ends the handshake; with TLS 1.2 the same client gets further."""
    for newest, refused in ((ssl.TLSVersion.TLSv1_1, True), (ssl.TLSVersion.TLSv1_2, False)):
        context = ssl.create_default_context()
        certified.ca.configure_trust(context)
        chain, key = certificates.write(
            certified.clients.issue_cert("van"), certified.folder, "van"
        )
        context.load_cert_chain(chain, key)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, newest
        context.set_alpn_protocols(["h2"])
        with socket.create_connection(("127.0.0.1", int(certified.port)), timeout=10) as line:
            if refused:
                with pytest.raises((ssl.SSLError, ConnectionError)):
                    context.wrap_socket(line, server_hostname="localhost")
            else:
                secured = context.wrap_socket(line, server_hostname="localhost")
                assert secured.version() == "TLSv1.2"
                secured.close()


def test_an_expired_server_is_refused_by_clients(tmp_path: Path) -> None:
    """Ours do not speak to a server whose certificate ended an hour ago."""
    ca = trustme.CA()
    chain, key = certificates.write(certificates.expired(ca, "localhost"), tmp_path, "server")
    settings = {"tls_certificate": chain, "tls_private_key": key}
    with running_server(tmp_path, workers=1, **settings) as server:
        port = server.address.rpartition(":")[2]
        assert not reached(Certified(port, ca, ca, tmp_path), "localhost", None)


UNSAFE = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle"}
"""Modules that make objects of bytes, and so run what a stranger sends."""


def test_nothing_is_unpickled() -> None:
    """No module of the product imports what makes objects of bytes."""
    found = []
    for folder in ("router", "server", "clients/python/alatau_client"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
                found += [(path, name) for name in names if name.split(".")[0] in UNSAFE]
    assert found == []


def test_no_csv_is_written() -> None:
    """No module of the product writes tables that a spreadsheet would run."""
    found = []
    for folder in ("router", "server", "clients/python/alatau_client"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                name = node.attr if isinstance(node, ast.Attribute) else ""
                if name in {"DictWriter", "to_csv"} or ast.unparse(node) == "csv.writer":
                    found.append((path, name))
    assert found == []
