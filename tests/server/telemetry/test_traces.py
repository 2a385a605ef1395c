"""Traces: from the caller through the server to the worker, in memory and over OTLP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from alatau.freight.v1 import routing_service_pb2 as pb
from alatau.freight.v1.routing_service_pb2_grpc import RoutingServiceStub
from alatau.jobs.v1 import jobs_pb2, jobs_service_pb2
from alatau.jobs.v1.jobs_service_pb2_grpc import SolveJobServiceStub
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from server import app
from server.settings import Settings
from server.telemetry import traces
from tests.api.test_routing import line_plan, line_problem
from tests.serving import running_server

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
EVALUATE = "alatau.freight.v1.RoutingService/EvaluateRoutePlan"
SOLVE = "alatau.freight.v1.RoutingService/SolveRoutePlan"


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Have servers of this process send their spans to memory."""
    memory = InMemorySpanExporter()
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")  # milliseconds
    monkeypatch.setattr(app, "Tracing", lambda: traces.Tracing(memory))
    return memory


@pytest.fixture
async def ports(exporter: InMemorySpanExporter, tmp_path: Path) -> AsyncIterator[app.Ports]:
    """Run a server in this process, whose spans go to memory."""
    store = f"sqlite:///{tmp_path}/jobs.db"
    server = app.App(Settings(port=0, workers=1, job_workers=1, grace_seconds=5, store=store))
    yield await server.start()
    await server.stop()


@pytest.fixture
async def stub(ports: app.Ports) -> AsyncIterator[RoutingServiceStub]:
    """Return the service."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{ports.grpc}") as channel:
        yield RoutingServiceStub(channel)


async def spans_after(exporter: InMemorySpanExporter, calls: int) -> dict[str, ReadableSpan]:
    """Return the spans by name once so many calls have ended and were sent."""
    for _ in range(500):
        found = exporter.get_finished_spans()
        if sum("/" in span.name for span in found) >= calls:
            return {span.name: span for span in found}
        await asyncio.sleep(0.02)
    raise AssertionError([span.name for span in exporter.get_finished_spans()])


async def test_a_trace_crosses_the_border(
    stub: RoutingServiceStub, exporter: InMemorySpanExporter
) -> None:
    """The caller's trace goes on in the call, and in the worker's stages below it."""
    request = pb.SolveRoutePlanRequest(problem=line_problem())
    request.options.time_limit.FromMilliseconds(200)
    await stub.SolveRoutePlan(request, metadata=[("traceparent", PARENT)], timeout=20)
    spans = await spans_after(exporter, 1)
    assert set(spans) == {SOLVE, "queue", "validate", "solve", "encode"}
    call = spans[SOLVE]
    assert call.parent is not None and f"{call.parent.span_id:016x}" == "b7ad6b7169203331"
    assert {f"{span.context.trace_id:032x}" for span in spans.values()} == {TRACE}
    below = [spans[name] for name in ("queue", "validate", "solve", "encode")]
    assert all(span.parent and span.parent.span_id == call.context.span_id for span in below)
    moments = [(span.start_time or 0, span.end_time or 0) for span in below]
    assert moments == sorted(moments)
    assert (call.start_time or 0) <= moments[0][0] + 10**6
    assert moments[-1][1] <= (call.end_time or 0)
    assert moments[2][1] - moments[2][0] > 100e6  # nanoseconds of the solve
    assert call.attributes is not None
    assert call.attributes["rpc.grpc.status_code"] == 0
    assert call.attributes["alatau.workspace"] == "local"


async def test_refused_input_has_its_stage(
    stub: RoutingServiceStub, exporter: InMemorySpanExporter
) -> None:
    """A request that breaks rules comes as far as its validation."""
    with pytest.raises(grpc.RpcError):
        await stub.EvaluateRoutePlan(pb.EvaluateRoutePlanRequest(), timeout=20)
    spans = await spans_after(exporter, 1)
    assert set(spans) == {EVALUATE, "queue", "validate"}
    attributes = spans[EVALUATE].attributes
    assert attributes is not None
    assert attributes["rpc.grpc.status_code"] == 3


async def test_a_job_is_a_trace_of_its_own(
    stub: RoutingServiceStub, exporter: InMemorySpanExporter, ports: app.Ports
) -> None:
    """The job's span has its id and its state; the worker's stages are below it."""
    request = jobs_service_pb2.CreateRoutePlanJobRequest()
    request.solve.problem.CopyFrom(line_problem())
    request.solve.options.time_limit.FromMilliseconds(200)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{ports.grpc}") as channel:
        jobs = SolveJobServiceStub(channel)
        made = (await jobs.CreateRoutePlanJob(request, timeout=20)).job
        watch = jobs.WatchJob(jobs_service_pb2.WatchJobRequest(name=made.name), timeout=30)
        last = [answer.job async for answer in watch][-1]
    assert last.state == jobs_pb2.SolveJob.STATE_SUCCEEDED
    for _ in range(500):
        spans = {span.name: span for span in exporter.get_finished_spans()}
        if "job routes" in spans:
            break
        await asyncio.sleep(0.02)
    job = spans["job routes"]
    assert job.attributes is not None
    assert made.name.endswith(str(job.attributes["alatau.job_id"]))
    assert job.attributes["alatau.state"] == "SUCCEEDED"
    below = [spans[name] for name in ("queue", "validate", "solve", "encode")]
    assert all(span.parent and span.parent.span_id == job.context.span_id for span in below)


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Takes spans as an OpenTelemetry collector does."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def Export(  # noqa: N802 - the proto's name
        self,
        request: trace_service_pb2.ExportTraceServiceRequest,
        context: grpc.ServicerContext,
    ) -> trace_service_pb2.ExportTraceServiceResponse:
        """Note the names of the spans."""
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                self.names |= {span.name for span in scope.spans}
        return trace_service_pb2.ExportTraceServiceResponse()


@pytest.fixture
def collector() -> Iterator[tuple[Collector, str]]:
    """Run a collector."""
    taking = Collector()
    server = grpc.server(ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(taking, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield taking, f"http://127.0.0.1:{port}"
    server.stop(None)


def test_spans_go_where_the_environment_says(
    collector: tuple[Collector, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real server sends its spans over OTLP, the last ones as it stops; the log has the trace."""
    taking, endpoint = collector
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    with running_server(tmp_path, workers=1) as server:
        with grpc.insecure_channel(server.address) as channel:
            request = pb.EvaluateRoutePlanRequest(problem=line_problem(), plan=line_plan())
            sent = [("traceparent", PARENT)]
            RoutingServiceStub(channel).EvaluateRoutePlan(request, timeout=20, metadata=sent)
        assert server.stop() == 0
        assert {EVALUATE, "queue", "validate", "check", "encode"} <= taking.names
        assert f'"trace_id": "{TRACE}"' in server.log.read_text()
