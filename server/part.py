"""What every part of the service has in common: solve, stream, evaluate.

A part brings its messages, its codec, its solver and its checker; the three
jobs are the same for all. They run in worker processes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from google.protobuf.message import Message

from router.errors import Violations
from router.solving import CheckReport, Monitor, Progress, SolveOptions
from server import registry
from server.codecs import common
from server.codecs.clock import Clock
from server.jobs import performing
from server.workers.seat import Seat

P = TypeVar("P")
S = TypeVar("S")
P_contra = TypeVar("P_contra", contravariant=True)
S_co = TypeVar("S_co", covariant=True)


class Solve(Protocol[P_contra, S_co]):
    """A solver of the library."""

    def __call__(self, problem: P_contra, options: SolveOptions, monitor: Monitor) -> S_co:
        """Return the best plan found."""
        ...


def _no_figures(report: CheckReport) -> Mapping[str, object]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Generic[P, S]):
    """One part of the library as the service offers it.

    Attributes
    ----------
    name
        First half of the names of its jobs, e.g. ``routes``.
    solve_request, solve_response, stream_request, stream_response, \
evaluate_request, evaluate_response
        Message classes. Requests have ``problem``, and ``options`` or ``plan``;
        responses ``plan`` and ``violations``, or ``feasible``, ``cost`` and
        ``violations``.
    decode_problem
        ``(message, found) -> (problem, clock)``; the problem is ``None`` where
        something was found.
    decode_plan
        ``(message, problem, clock, found) -> plan``.
    encode_plan
        ``(plan, problem, clock) -> message``.
    solve, check
        The library's solver and its independent checker.
    figures
        Further fields of the evaluate response, from a report.
    """

    name: str
    solve_request: Callable[[], Any]
    solve_response: Callable[..., Any]
    stream_request: Callable[[], Any]
    stream_response: Callable[..., Any]
    evaluate_request: Callable[[], Any]
    evaluate_response: Callable[..., Any]
    decode_problem: Callable[[Any, Violations], tuple[P | None, Clock]]
    decode_plan: Callable[[Any, P, Clock, Violations], S]
    encode_plan: Callable[[S, P, Clock], Message]
    solve: Solve[P, S]
    check: Callable[[P, S], CheckReport]
    figures: Callable[[CheckReport], Mapping[str, object]] = _no_figures

    def register(self) -> None:
        """Register ``<name>.solve``, ``.stream``, ``.job`` and ``.evaluate``."""
        registry.register(f"{self.name}.solve", self.run_solve)
        registry.register(f"{self.name}.stream", self.run_stream)
        registry.register(f"{self.name}.job", self.run_job)
        registry.register(f"{self.name}.evaluate", self.run_evaluate)

    def run_solve(self, data: bytes, seat: Seat) -> bytes:
        """Solve a request and return the response with the checked plan."""
        with seat.stage("validate"):
            request = self.solve_request()
            request.ParseFromString(data)
            problem, clock, options = self.decode(request, seat)
        with seat.stage("solve"):
            plan = self.solve(problem, options, seat.quiet())
        with seat.stage("encode"):
            return self._finished(self.solve_response, plan, problem, clock)

    def run_stream(self, data: bytes, seat: Seat) -> bytes:
        """Solve a request, report on the way, and return the last response."""
        with seat.stage("validate"):
            request = self.stream_request()
            request.ParseFromString(data)
            problem, clock, options = self.decode(request, seat)
        last: list[Progress] = []

        def encode(progress: Progress, plan: object | None) -> bytes:
            last[:] = [progress]
            response = self.stream_response(progress=common.encode_progress(progress))
            if plan is not None:
                response.incumbent.CopyFrom(self.encode_plan(plan, problem, clock))  # type: ignore[arg-type]
            return bytes(response.SerializeToString())

        monitor = seat.reporting(encode, incumbents=request.include_incumbents)
        with seat.stage("solve"):
            plan = self.solve(problem, options, monitor)
        with seat.stage("encode"):
            progress = common.encode_progress(last[0]) if last else None
            return self._finished(self.stream_response, plan, problem, clock, progress=progress)

    def run_job(self, data: bytes, seat: Seat) -> bytes:
        """Solve a request as a job: with reports, and complete results on the way."""
        return performing.perform(self, data, seat)

    def run_evaluate(self, data: bytes, seat: Seat) -> bytes:
        """Judge a plan and return the response with what the checker found."""
        with seat.stage("validate"):
            problem, plan = self._claim(data)
        with seat.stage("check"):
            report = self.check(problem, plan)
        with seat.stage("encode"):
            response = self.evaluate_response(
                feasible=report.feasible,
                cost=common.encode_cost(report.cost),
                violations=common.encode_violations(report.violations),
                **self.figures(report),
            )
            return bytes(response.SerializeToString())

    def _claim(self, data: bytes) -> tuple[P, S]:
        """Return the problem and the plan to judge.

        Raises
        ------
        InvalidInput
            With every violation of both.
        """
        request = self.evaluate_request()
        request.ParseFromString(data)
        found = Violations()
        problem, clock = self._problem(request, found)
        if not request.HasField("plan"):
            found.add("REQUIRED", "plan", "is not set; give the plan to judge.")
        if problem is None:
            found.raise_if_any()
        assert problem is not None
        plan = self.decode_plan(request.plan, problem, clock, found.at("plan"))
        found.raise_if_any()
        return problem, plan

    def _problem(self, request: Any, found: Violations) -> tuple[P | None, Clock]:
        if request.HasField("problem"):
            return self.decode_problem(request.problem, found.at("problem"))
        found.add("REQUIRED", "problem", "is not set; give the problem.")
        return None, Clock()

    def decode(self, request: Any, seat: Seat) -> tuple[P, Clock, SolveOptions]:
        """Return what a solve needs.

        Raises
        ------
        InvalidInput
            With every violation of problem and options.
        """
        found = Violations()
        problem, clock = self._problem(request, found)
        options = common.decode_options(request.options, seat.solve_seconds(), found.at("options"))
        found.raise_if_any()
        assert problem is not None
        assert options is not None
        return problem, clock, options

    def _finished(
        self, response: Callable[..., Any], plan: S, problem: P, clock: Clock, **fields: object
    ) -> bytes:
        report = self.check(problem, plan)
        message = response(
            plan=self.encode_plan(plan, problem, clock),
            violations=common.encode_violations(report.violations),
            **fields,
        )
        return bytes(message.SerializeToString())
