"""The HTTP listener itself: probes, metrics, origins, hosts, limits, TLS, stopping."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
import trustme
from alatau.freight.v1 import routing_service_pb2 as pb
from alatau.freight.v1.routing_service_pb2_grpc import RoutingServiceStub
from google.protobuf import json_format

from server.access.keys import KeyFile
from tests import web
from tests.api.calls import failure
from tests.api.test_routing import line_plan, line_problem
from tests.server import certificates
from tests.serving import ServerProcess, running_server

SOLVE = "/alatau.freight.v1.RoutingService/SolveRoutePlan"
STREAM = "/alatau.freight.v1.RoutingService/StreamRoutePlan"
EVALUATE = "/alatau.freight.v1.RoutingService/EvaluateRoutePlan"
PAGE = "https://plan.example"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Run a server with one worker, no queue, messages of 1 MiB, and one trusted origin."""
    settings = {"workers": 1, "queue_limit": 0, "message_mib": 1, "http_port": 0}
    folder = tmp_path_factory.mktemp("listener")
    with running_server(folder, **settings, cors_origins=f'["{PAGE}"]') as running:
        yield running


def evaluation() -> bytes:
    """Return a request that is answered in milliseconds, as JSON."""
    request = pb.EvaluateRoutePlanRequest(problem=line_problem(), plan=line_plan())
    return json_format.MessageToJson(request).encode()


def solve(seconds: float) -> bytes:
    """Return a request that takes as long as its limit says, as JSON."""
    request = pb.SolveRoutePlanRequest(problem=line_problem())
    request.options.time_limit.FromMilliseconds(round(1000 * seconds))
    return json_format.MessageToJson(request).encode()


def figures(server: ServerProcess) -> str:
    """Return the metrics."""
    status, headers, text = web.fetch(server.web, "/metrics")
    assert status == 200
    assert headers["content-type"].startswith("text/plain; version=")
    return text.decode()


def test_probes(server: ServerProcess) -> None:
    """Alive and ready."""
    assert web.fetch(server.web, "/healthz")[0] == 200
    assert web.fetch(server.web, "/readyz")[0] == 200


def test_what_is_not_there(server: ServerProcess) -> None:
    """Unknown paths, other verbs, gRPC itself and other forms, each with its status."""
    assert web.fetch(server.web, "/alatau.freight.v1.RoutingService/No", b"{}")[0] == 404
    assert web.fetch(server.web, "/nothing")[0] == 404
    assert web.fetch(server.web, EVALUATE, method="GET")[0] in {404, 405, 415}
    for kind in ("application/grpc", "text/plain"):
        status, _, _ = web.fetch(server.web, EVALUATE, b"{}", {"content-type": kind})
        assert status == 415


def test_only_trusted_origins_get_permission(server: ServerProcess) -> None:
    """A browser asks first; the trusted page gets what it needs, another one nothing."""
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,connect-protocol-version,content-type",
    }
    for origin, status in ((PAGE, 200), ("https://evil.example", 400)):
        got, headers, _ = web.fetch(
            server.web, EVALUATE, None, {"origin": origin, **asked}, method="OPTIONS"
        )
        assert got == status
        assert headers.get("access-control-allow-origin") == (PAGE if status == 200 else None)
    sent = {"origin": PAGE, "content-type": "application/json"}
    status, headers, _ = web.fetch(server.web, EVALUATE, evaluation(), sent)
    assert status == 200
    assert headers["access-control-allow-origin"] == PAGE
    assert "grpc-status" in headers["access-control-expose-headers"].lower()


def test_an_open_door_answers_to_its_own_names_only(server: ServerProcess) -> None:
    """A page that has its name point here (DNS rebinding) is turned away."""
    sent = {"content-type": "application/json", "host": "evil.example"}
    assert web.fetch(server.web, EVALUATE, evaluation(), sent)[0] == 400


def test_messages_are_as_large_as_over_grpc(server: ServerProcess) -> None:
    """1 MiB is the limit, packed or not: a small body that unpacks to 64 MiB is refused."""
    for body, packing in ((bytes(2**20 + 1), {}), (gzip.compress(bytes(2**26)), {})):
        headers = {"content-encoding": "gzip"} if body[:2] == b"\x1f\x8b" else packing
        answer = web.call(server.web, EVALUATE, body, "connect+proto", headers=headers)
        assert answer.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    with grpc.insecure_channel(server.address) as channel, pytest.raises(grpc.RpcError) as refused:
        channel.unary_unary(EVALUATE)(bytes(2**20 + 1), timeout=10)
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"problem":' * 50_000, b'{"problem": {}, "problem": {}}', b'{"problem": 7}'],
    ids=["brackets", "nesting", "twice", "number"],
)
def test_odd_json_is_refused_with_a_sentence(server: ServerProcess, body: bytes) -> None:
    """Deep, doubled or of the wrong type: never a fault of the server."""
    answer = web.call(server.web, EVALUATE, body, "connect+json")
    assert answer.code is grpc.StatusCode.INVALID_ARGUMENT
    assert answer.message.startswith("The request is no JSON of its type: ")


def test_an_unknown_field_is_named(server: ServerProcess) -> None:
    """A misspelt constraint is not silently dropped."""
    answer = web.call(server.web, EVALUATE, b'{"problem": {"visitz": []}}', "connect+json")
    assert answer.code is grpc.StatusCode.INVALID_ARGUMENT
    assert "visitz" in answer.message


def test_large_json_is_read_beside_other_calls(server: ServerProcess) -> None:
    """A request of nearly 1 MiB is read in a thread and judged."""
    request = pb.EvaluateRoutePlanRequest(problem=line_problem(), plan=line_plan())
    for number in range(15_000):
        request.problem.locations.add(id=f"far-{number}", planar={"x": number})
    body = json_format.MessageToJson(request, indent=None).encode()
    assert 2**19 < len(body) < 2**20
    answer = web.call(server.web, EVALUATE, body, "connect+json")
    assert answer.code is grpc.StatusCode.OK, answer.message


def raw(server: ServerProcess, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send bytes on a connection of their own and return the first bytes of the answer."""
    host, port = server.web.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        for piece in pieces:
            line.sendall(piece)
            time.sleep(pause)
        return line.recv(4096)


def test_heads_are_bounded_and_smuggling_is_refused(server: ServerProcess) -> None:
    """A head of 20 or 100 kB, two lengths, a length beside odd chunks: refused, never served."""
    start = b"POST " + EVALUATE.encode() + b" HTTP/1.1\r\nHost: localhost\r\n"
    bombs = [start + b"X-Bomb: " + b"x" * size + b"\r\n\r\n" for size in (20_000, 100_000)]
    twice = start + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x"
    both = start + b"Content-Length: 2\r\nTransfer-Encoding: chunked, chunked\r\n\r\n{}"
    for attack in (*bombs, twice, both):
        status = raw(server, attack).split(b"\r\n")[0]
        assert status.removeprefix(b"HTTP/1.1 ")[:3] in {b"400", b"431", b"501", b""}


def test_a_caller_who_leaves_frees_the_worker(server: ServerProcess) -> None:
    """A solve of a minute whose connection closes: the only worker answers within a second."""
    head = (
        f"POST {SOLVE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(solve(60))}\r\n\r\n"
    )
    host, port = server.web.split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(head.encode() + solve(60))
        busy = time.monotonic() + 10
        while 'alatau_workers_busy{pool="solves"} 1.0' not in figures(server):
            assert time.monotonic() < busy
    start = time.monotonic()
    while 'alatau_workers_busy{pool="solves"} 0.0' not in figures(server):
        assert time.monotonic() - start < 5
        time.sleep(0.02)
    assert web.call(server.web, SOLVE, solve(0.1), "connect+json").code is grpc.StatusCode.OK


@pytest.mark.parametrize("form", web.FORMS)
def test_deadlines_count(server: ServerProcess, form: str) -> None:
    """The caller's timeout is the solve's limit; a millisecond is too short for anything."""
    name, unit = ("grpc-timeout", "m") if form == "grpc-web" else ("connect-timeout-ms", "")
    request = pb.SolveRoutePlanRequest(problem=line_problem())
    json_body = json_format.MessageToJson(request).encode()
    body = json_body if form.endswith("json") else request.SerializeToString()
    start = time.monotonic()
    answer = web.call(server.web, SOLVE, body, form, headers={name: f"1500{unit}"})
    assert answer.code is grpc.StatusCode.OK
    assert time.monotonic() - start < 9  # without the header it would take ten
    late = web.call(server.web, SOLVE, body, form, headers={name: f"1{unit}"})
    assert late.code is grpc.StatusCode.DEADLINE_EXCEEDED


def test_metrics_tell_what_happened(server: ServerProcess) -> None:
    """A call, a refusal, stages of a solve: each is counted."""
    web.call(server.web, SOLVE, solve(0.1), "connect+json")
    web.call(server.web, SOLVE, b"{}", "connect+json")
    text = figures(server)
    for wanted in (
        f'alatau_requests_total{{code="OK",method="{SOLVE}"}}',
        f'alatau_requests_total{{code="INVALID_ARGUMENT",method="{SOLVE}"}}',
        'alatau_stage_seconds_count{job="routes.solve",stage="solve"}',
        'alatau_queue_seconds_count{pool="solves"}',
        'alatau_iterations_total{job="routes.solve"}',
        "process_resident_memory_bytes",
    ):
        assert wanted in text


def test_metrics_want_a_key_where_calls_do(tmp_path: Path) -> None:
    """Probes are open, figures are not; a key opens them. Two keys at once are none."""
    key = KeyFile(tmp_path / "keys.json").create("city")
    bearer = {"authorization": f"Bearer {key}"}
    with running_server(
        tmp_path, workers=1, http_port=0, keys_file=tmp_path / "keys.json"
    ) as server:
        assert web.fetch(server.web, "/healthz")[0] == 200
        assert web.fetch(server.web, "/metrics")[0] == 401
        assert web.fetch(server.web, "/metrics", None, bearer)[0] == 200
        doubled = f"POST {EVALUATE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        doubled += f"Authorization: Bearer {key}\r\nAuthorization: Bearer nobody\r\n"
        answer = raw(server, (doubled + "Content-Length: 2\r\n\r\n{}").encode())
        assert b"401 Unauthorized" in answer
        assert key.encode() not in server.log.read_bytes()


def trusting(ca: trustme.CA) -> ssl.SSLContext:
    """Return a client's context that trusts one authority."""
    context = ssl.create_default_context()
    ca.configure_trust(context)
    return context


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_tls_old_versions_and_renewal(tmp_path: Path) -> None:
    """TLS serves, TLS 1.1 is refused, and a renewed certificate counts at once."""
    old, new = trustme.CA(), trustme.CA()
    chain, key = certificates.write(old.issue_cert("localhost"), tmp_path, "server")
    settings = {"tls_certificate": chain, "tls_private_key": key, "http_port": 0}
    with running_server(tmp_path, workers=1, **settings) as server:
        address = f"localhost:{server.web.rpartition(':')[2]}"

        def code(context: ssl.SSLContext) -> grpc.StatusCode:
            return web.call(address, EVALUATE, evaluation(), "connect+json", context=context).code

        assert code(trusting(old)) is grpc.StatusCode.OK
        ancient = trusting(old)
        ancient.set_ciphers("ALL:@SECLEVEL=0")  # so that it is not the client that refuses
        ancient.minimum_version = ssl.TLSVersion.TLSv1
        ancient.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(ssl.SSLError, match=r"EOF occurred|alert protocol version"):
            code(ancient)
        with pytest.raises(ssl.SSLCertVerificationError):
            code(trusting(new))
        certificates.write(new.issue_cert("localhost"), tmp_path, "server")
        assert code(trusting(new)) is grpc.StatusCode.OK
        with pytest.raises(ssl.SSLCertVerificationError):
            code(trusting(old))


def test_mutual_tls_over_http(tmp_path: Path) -> None:
    """Without a client certificate of the authority nobody gets in."""
    ca, clients = trustme.CA(), trustme.CA()
    chain, key = certificates.write(ca.issue_cert("localhost"), tmp_path, "server")
    van = certificates.write(clients.issue_cert("van"), tmp_path, "van")
    settings = {
        "tls_certificate": chain,
        "tls_private_key": key,
        "tls_client_authority": certificates.authority(clients, tmp_path, "clients"),
    }
    with running_server(tmp_path, workers=1, http_port=0, **settings) as server:
        address = f"localhost:{server.web.rpartition(':')[2]}"
        with pytest.raises((ssl.SSLError, ConnectionError)):
            web.fetch(address, "/healthz", context=trusting(ca))
        known = trusting(ca)
        known.load_cert_chain(*van)
        assert web.fetch(address, "/healthz", context=known)[0] == 200


def test_stopping_is_told_and_running_calls_end_well(tmp_path: Path) -> None:
    """While a solve has its grace: not ready, new calls refused with a time, and the plan comes."""
    with running_server(tmp_path, workers=1, http_port=0, grace_seconds=5.5) as server:
        answers: list[web.Answer] = []
        running = threading.Thread(
            target=lambda: answers.append(
                web.call(server.web, STREAM, solve(60), "connect+json", streams=True)
            )
        )
        running.start()
        while 'alatau_workers_busy{pool="solves"} 1.0' not in figures(server):
            time.sleep(0.02)
        stopped = threading.Thread(target=server.stop)
        stopped.start()
        while (ready := web.fetch(server.web, "/readyz"))[0] == 200:
            time.sleep(0.02)
        assert ready[0] == 503
        late = web.call(server.web, EVALUATE, evaluation(), "connect+json")
        assert late.code is grpc.StatusCode.UNAVAILABLE
        assert late.details["ErrorInfo"].reason == "STOPPING"  # type: ignore[attr-defined]
        assert "RetryInfo" in late.details
        with grpc.insecure_channel(server.address) as channel:
            stub = RoutingServiceStub(channel)
            code, details = failure(lambda: stub.SolveRoutePlan(pb.SolveRoutePlanRequest()))
            assert code is grpc.StatusCode.UNAVAILABLE
            assert "RetryInfo" in details
        running.join()
        stopped.join()
        assert answers[0].code is grpc.StatusCode.OK
        assert json.loads(answers[0].parts[-1])["plan"]["feasible"]
        assert server.process.returncode == 0
