"""Fleet sizing as jobs: ``airtaxi.size_fleet``, ``fleet_size.job``."""

from __future__ import annotations

from dataclasses import replace

from alatau.airtaxi.v1 import planning_service_pb2 as pb
from alatau.jobs.v1 import jobs_pb2

from router.airtaxi.fleet_size.study import Case, cases, investigate
from router.errors import InvalidInput, Violations
from router.solving import Monitor, Progress, SolveOptions
from server import registry
from server.codecs import airtaxi, common, fleet_size
from server.jobs import performing, reports
from server.workers.seat import Seat


def run(data: bytes, seat: Seat) -> bytes:
    """Size the fleet of a request and return the response, judged by the checker."""
    request = pb.SizeFleetRequest.FromString(data)
    response = _sized(*_decode(request, seat), seat.quiet())
    return bytes(response.SerializeToString())


def run_job(data: bytes, seat: Seat) -> bytes:
    """Size the fleet as a job: with reports, and at the end the response."""
    request = pb.SizeFleetRequest.FromString(data)
    decoded = _decode(request, seat)
    monitor = seat.reporting(_report, incumbents=False)
    monitor.report(Progress(seconds=0.0))
    response = _sized(*decoded, monitor)
    summary, body = response.size.summary, response.SerializeToString()
    outcome = jobs_pb2.JobOutcome(
        termination=summary.termination,
        feasible=response.size.HasField("fleet") and not response.violations,
        result_bytes=len(body),
    )
    head = jobs_pb2.SolveJob(outcome=outcome)
    performing.conclude(head.progress, summary)
    return reports.pack(head, body)


def _report(progress: Progress, plan: object | None) -> bytes:
    return reports.pack(jobs_pb2.SolveJob(progress=common.encode_progress(progress)))


def _sized(
    case: Case, options: SolveOptions, fleets: list[int], monitor: Monitor
) -> pb.SizeFleetResponse:
    share = replace(options, seconds=options.seconds / (1 + len(fleets)))
    finding = investigate(case, fleets, share, monitor)
    broken = [*finding.violations, *(v for point in finding.points for v in point.violations)]
    return pb.SizeFleetResponse(
        size=fleet_size.encode_size(finding),
        losses=[fleet_size.encode_loss(point) for point in finding.points],
        violations=common.encode_violations(broken),
    )


def _decode(request: pb.SizeFleetRequest, seat: Seat) -> tuple[Case, SolveOptions, list[int]]:
    """Return what to size, how long, and the fleets asked for.

    Raises
    ------
    InvalidInput
        With every violation of problem, options and sizing, or with what the
        reduced model cannot represent.
    """
    found = Violations()
    problem = None
    if request.HasField("problem"):
        problem, _ = airtaxi.decode_problem(request.problem, found.at("problem"))
    else:
        found.add("REQUIRED", "problem", "is not set; give the problem.")
    sizing = fleet_size.decode_sizing(request.sizing, found.at("sizing"))
    options = common.decode_options(request.options, seat.solve_seconds(), found.at("options"))
    found.raise_if_any()
    assert problem is not None
    assert options is not None
    try:
        case = next(
            cases(
                problem,
                policies=(sizing.policy,),
                step_s=sizing.step_s,
                aircraft_type=sizing.aircraft_type,
                limited=sizing.limited,
            )
        )
    except InvalidInput as refused:
        fleet_size.note(refused, found)
        raise InvalidInput(tuple(found)) from None
    return case, options, list(sizing.fleets)


registry.register("airtaxi.size_fleet", run)
registry.register("fleet_size.job", run_job)
