"""Figures for Prometheus. No label names a workspace or anything a caller chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

SECONDS = (0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0, 60.0, 300.0, 1800.0)
"""Upper ends of the classes of times."""
GAPS = (0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Upper ends of the classes of relative gaps."""
REFUSALS = frozenset({"RESOURCE_EXHAUSTED", "UNAVAILABLE", "UNAUTHENTICATED", "PERMISSION_DENIED"})
"""Codes of calls that were turned away, whatever they asked for."""


class Meters:
    """All figures of one server, in a registry of their own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.requests = Counter(
            "alatau_requests",
            "Calls that ended, by method and gRPC status code.",
            ("method", "code"),
            registry=self._registry,
        )
        self.request_seconds = self._histogram(
            "alatau_request_seconds",
            "Seconds from the first byte of a call to its status.",
            "method",
        )
        self.refusals = Counter(
            "alatau_refusals",
            "Calls that were turned away, by reason.",
            ("reason",),
            registry=self._registry,
        )
        self.queue_seconds = self._histogram(
            "alatau_queue_seconds", "Seconds that a job waited for a process.", "pool"
        )
        self.stage_seconds = self._histogram(
            "alatau_stage_seconds", "Seconds of a stage of a job in its process.", "job", "stage"
        )
        self.gaps = Histogram(
            "alatau_gap_ratio",
            "Relative gap of a finished solve between cost and bound, where there is a bound.",
            ("job",),
            buckets=GAPS,
            registry=self._registry,
        )
        self.iterations = Counter(
            "alatau_iterations", "Iterations of solves.", ("job",), registry=self._registry
        )
        self.jobs = Counter(
            "alatau_jobs",
            "Jobs that ended here, or went back into the queue (QUEUED).",
            ("kind", "state"),
            registry=self._registry,
        )
        self.deaths = Counter(
            "alatau_worker_deaths",
            "Processes that died under a job.",
            ("pool",),
            registry=self._registry,
        )
        self.kills = Counter(
            "alatau_worker_kills",
            "Processes that were ended by a signal, since their job did not stop.",
            ("pool",),
            registry=self._registry,
        )

    def ended(self, method: str, code: str, reason: str, seconds: float) -> None:
        """Count a call; ``reason`` is empty where it succeeded."""
        self.requests.labels(method, code).inc()
        self.request_seconds.labels(method).observe(seconds)
        if code in REFUSALS:
            self.refusals.labels(reason).inc()

    def gauge(
        self, name: str, text: str, label: str, values: Mapping[str, Callable[[], float]]
    ) -> None:
        """Show numbers that are asked for when the figures are read."""
        made = Gauge(name, text, (label,), registry=self._registry)
        for value, read in values.items():
            made.labels(value).set_function(read)

    def text(self) -> tuple[bytes, str]:
        """Return all figures in Prometheus' text form, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(name, text, labels, buckets=SECONDS, registry=self._registry)
