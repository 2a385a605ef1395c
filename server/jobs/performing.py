"""A job as a worker does it: reports, complete results on the way, the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from alatau.common.v1 import solving_pb2
from alatau.jobs.v1 import jobs_pb2

from router.solving import Progress
from server.codecs import common
from server.jobs import reports
from server.workers.seat import Seat

if TYPE_CHECKING:
    from server.codecs.clock import Clock
    from server.part import Part

P = TypeVar("P")
S = TypeVar("S")

PLAN_SHARE = 0.01
"""Most of a job's time that may go into the results on the way."""


def perform(part: Part[Any, Any], data: bytes, seat: Seat) -> bytes:
    """Solve a Solve… request; return the report with the Solve… response.

    The first report says that the problem is valid and the search begins. Every
    improved plan is judged and sent as a complete result, as often as
    :data:`PLAN_SHARE` allows, so that the best one survives this process.
    """
    with seat.stage("validate"):
        request = part.solve_request()
        request.ParseFromString(data)
        problem, clock, options = part.decode(request, seat)
    reporter = _Reporter(part, problem, clock)
    monitor = seat.reporting(reporter.encode, incumbents=True, plan_share=PLAN_SHARE)
    monitor.report(Progress(seconds=0.0))
    with seat.stage("solve"):
        plan = part.solve(problem, options, monitor)
    with seat.stage("encode"):
        return reporter.result(plan)


class _Reporter(Generic[P, S]):
    """Makes reports of one job, and remembers the newest figures."""

    def __init__(self, part: Part[P, S], problem: P, clock: Clock) -> None:
        self._part = part
        self._problem = problem
        self._clock = clock
        self._progress = solving_pb2.Progress()
        self._cost: solving_pb2.Cost | None = None

    def encode(self, progress: Progress, plan: Any) -> bytes:
        """Return a report of progress; with a plan, also its result."""
        self._progress = common.encode_progress(progress)
        if plan is not None:
            return self.result(plan, on_the_way=True)
        if self._cost is not None:
            self._progress.cost.CopyFrom(self._cost)
        return reports.pack(jobs_pb2.SolveJob(progress=self._progress))

    def result(self, plan: S, *, on_the_way: bool = False) -> bytes:
        """Return the report with a judged plan."""
        judged = self._part.check(self._problem, plan)
        message: Any = self._part.encode_plan(plan, self._problem, self._clock)
        if on_the_way:
            # Kept only if the search never gets to say how it ended.
            message.summary.termination = solving_pb2.TERMINATION_CANCELLED
        self._cost = common.encode_cost(judged.cost)
        self._progress.cost.CopyFrom(self._cost)
        response = self._part.solve_response(
            plan=message, violations=common.encode_violations(judged.violations)
        ).SerializeToString()
        outcome = jobs_pb2.JobOutcome(
            termination=message.summary.termination,
            feasible=judged.feasible,
            cost=self._cost,
            result_bytes=len(response),
        )
        head = jobs_pb2.SolveJob(progress=self._progress, outcome=outcome)
        if not on_the_way:
            conclude(head.progress, message.summary)
        return reports.pack(head, response)


def conclude(progress: solving_pb2.Progress, summary: solving_pb2.SolveSummary) -> None:
    """Bring the newest figures to where the search ended."""
    progress.elapsed.CopyFrom(summary.elapsed)
    progress.iterations = max(progress.iterations, summary.iterations)
    for name in ("objective", "bound", "gap"):
        if summary.HasField(name):
            setattr(progress, name, getattr(summary, name))
