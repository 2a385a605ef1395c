"""What becomes of jobs in a pool, as figures and spans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from server.jobs.watching import JobWatch
from server.rpc.traffic import Traffic
from server.store.records import JobRecord
from server.telemetry.metrics import Meters
from server.telemetry.traces import JobSpan, Tracing, lasted
from server.workers.frames import Figures
from server.workers.observer import Observer
from server.workers.pool import WorkerPool
from server.workers.worker import Job


def show_state(meters: Meters, pools: Mapping[str, WorkerPool], traffic: Traffic) -> None:
    """Show how full pools and server are, as of the moment that someone asks."""
    numbers: Mapping[str, tuple[str, Callable[[WorkerPool], float]]] = {
        "alatau_queue_depth": ("Jobs that wait for a process.", lambda pool: pool.waiting),
        "alatau_workers": ("Processes.", lambda pool: len(pool.pids)),
        "alatau_workers_busy": ("Processes at work.", lambda pool: pool.running),
    }
    for name, (text, read) in numbers.items():
        meters.gauge(name, text, "pool", {key: partial(read, pool) for key, pool in pools.items()})
    calls = {"api": lambda: traffic.running}
    meters.gauge("alatau_requests_in_progress", "Calls in progress.", "service", calls)


class JobsWatch(JobWatch):
    """Hears of jobs and tells meters and traces.

    Each time a server takes a job is a trace of its own, since its caller may be
    long gone; the attribute ``alatau.job_id`` finds them all.
    """

    def __init__(self, meters: Meters, tracing: Tracing) -> None:
        self._meters = meters
        self._tracing = tracing
        self._spans: dict[str, JobSpan] = {}

    def taken(self, record: JobRecord) -> str:
        """Begin a span."""
        attributes = {"alatau.job_id": record.id, "alatau.workspace": record.workspace}
        span = self._tracing.job(f"job {record.kind}", attributes)
        self._spans[record.id] = span
        return span.traceparent

    def left(self, record: JobRecord) -> None:
        """End it with the job's state, and count that."""
        self._spans.pop(record.id).end(record.state.name)
        self._meters.jobs.labels(record.kind, record.state.name).inc()


class PoolWatch(Observer):
    """Hears a pool and tells meters and traces.

    Parameters
    ----------
    pool
        Its name.
    meters, tracing
        What is told.
    """

    def __init__(self, pool: str, meters: Meters, tracing: Tracing) -> None:
        self._pool = pool
        self._meters = meters
        self._tracing = tracing

    def began(self, job: Job, waited: float) -> None:
        """Observe the wait."""
        self._meters.queue_seconds.labels(self._pool).observe(waited)
        self._tracing.past(job.traceparent, job.name, [lasted("queue", waited)])

    def worked(self, job: Job, figures: Figures) -> None:
        """Observe the stages, and how good the plan is."""
        for stage in figures.stages:
            seconds = (stage.ended - stage.began) / 1e9
            self._meters.stage_seconds.labels(job.name, stage.name).observe(seconds)
        if figures.gap is not None:
            self._meters.gaps.labels(job.name).observe(figures.gap)
        self._meters.iterations.labels(job.name).inc(figures.iterations)
        self._tracing.past(figures.traceparent, job.name, figures.stages)

    def died(self) -> None:
        """Count a death."""
        self._meters.deaths.labels(self._pool).inc()

    def killed(self) -> None:
        """Count a signal."""
        self._meters.kills.labels(self._pool).inc()
