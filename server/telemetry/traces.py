"""Traces by OpenTelemetry, across the border to the worker processes.

A call's span continues the trace that its caller sent (``traceparent``). The
worker gets that context with its job, measures its stages, and sends them back;
the server turns them into spans. So no telemetry library runs in a process that
is forked, and a trace shows what happened on both sides.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import NoOpTracerProvider, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from server.workers.frames import Stage

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
"""OpenTelemetry's environment variables; where one is set, traces are sent there."""
TRACEPARENT = "traceparent"

_propagator = TraceContextTextMapPropagator()


class CallSpan:
    """The span of one call; spans made in its task are its children."""

    def __init__(self, tracer: trace.Tracer, method: str, metadata: Mapping[str, object]) -> None:
        sent = {key: value for key, value in metadata.items() if isinstance(value, str)}
        service, _, name = method[1:].partition("/")
        self._span = tracer.start_span(
            method[1:],
            _propagator.extract(sent),
            SpanKind.SERVER,
            {"rpc.system": "grpc", "rpc.service": service, "rpc.method": name},
        )
        # The context ends with the call's task, so nothing has to be put back.
        contexts.attach(trace.set_span_in_context(self._span))

    @property
    def trace_id(self) -> str:
        """The trace's id as 32 hex digits; empty where nothing is traced."""
        about = self._span.get_span_context()
        return f"{about.trace_id:032x}" if about.is_valid else ""

    def note(self, name: str, value: str) -> None:
        """Set an attribute."""
        self._span.set_attribute(name, value)

    def end(self, code: str, number: int) -> None:
        """End with a gRPC status."""
        self._span.set_attribute("rpc.grpc.status_code", number)
        if code in {"INTERNAL", "UNKNOWN", "UNAVAILABLE", "DEADLINE_EXCEEDED"}:
            self._span.set_status(StatusCode.ERROR, code)
        self._span.end()


class JobSpan:
    """The span of one job while one server has it."""

    def __init__(self, tracer: trace.Tracer, name: str, attributes: Mapping[str, str]) -> None:
        self._span = tracer.start_span(name, contexts.Context(), attributes=dict(attributes))
        carrier: dict[str, str] = {}
        _propagator.inject(carrier, trace.set_span_in_context(self._span))
        self.traceparent = carrier.get(TRACEPARENT, "")

    def end(self, state: str) -> None:
        """End with the job's state."""
        self._span.set_attribute("alatau.state", state)
        self._span.end()


class Tracing:
    """Makes spans and sends them on.

    Parameters
    ----------
    exporter
        Where they go; ``None``: to where the environment says, or nowhere.
    """

    def __init__(self, exporter: SpanExporter | None = None) -> None:
        chosen = exporter or _exporter_of_environment()
        self._provider: TracerProvider | None = None
        if chosen is not None:
            resource = Resource.create({"service.name": "alatau"})
            self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
            self._provider.add_span_processor(BatchSpanProcessor(chosen))
        self._tracer = (self._provider or NoOpTracerProvider()).get_tracer("alatau.server")

    def call(self, method: str, metadata: Mapping[str, object]) -> CallSpan:
        """Begin the span of a call."""
        return CallSpan(self._tracer, method, metadata)

    def job(self, name: str, attributes: Mapping[str, str]) -> JobSpan:
        """Begin the span of a job."""
        return JobSpan(self._tracer, name, attributes)

    def past(self, traceparent: str, job: str, stages: Sequence[Stage]) -> None:
        """Add spans of stages that are over, below the span of a traceparent."""
        if self._provider is None or not traceparent:
            return
        parent = _propagator.extract({TRACEPARENT: traceparent})
        for stage in stages:
            span = self._tracer.start_span(
                stage.name, parent, attributes={"alatau.job": job}, start_time=stage.began
            )
            span.end(stage.ended)

    def flush(self, seconds: float) -> None:
        """Send what is held; returns when it is sent or the time is up."""
        if self._provider is not None:
            self._provider.force_flush(round(1000 * seconds))
            self._provider.shutdown()


def traceparent() -> str:
    """Return the W3C form of the current span; empty where nothing is traced."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get(TRACEPARENT, "")


def lasted(name: str, seconds: float) -> Stage:
    """Return a stage that ends now."""
    now = time.time_ns()
    return Stage(name, now - round(1e9 * seconds), now)


def _exporter_of_environment() -> SpanExporter | None:
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return None
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()
