"""Jobs over a real server: from creation to result, watched, listed, refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from alatau.airtaxi.v1 import planning_service_pb2
from alatau.airtaxi.v1.planning_service_pb2_grpc import PlanningServiceStub
from alatau.common.v1 import solving_pb2
from alatau.freight.v1 import docks_service_pb2, flows_service_pb2, routing_service_pb2
from alatau.freight.v1.routing_service_pb2_grpc import RoutingServiceStub
from alatau.jobs.v1 import jobs_pb2
from alatau.jobs.v1 import jobs_service_pb2 as pb

from server.jobs.kinds import KINDS
from tests.api.calls import failure, faults
from tests.api.test_airtaxi import day
from tests.api.test_docks import crossdock
from tests.api.test_flows import network
from tests.api.test_routing import line_problem
from tests.server.jobs.asking import (
    CANCELLED,
    ENOUGH,
    FAILED,
    PREPARING,
    QUEUED,
    RUNNING,
    SUCCEEDED,
    Asking,
    routes_request,
    states,
)
from tests.serving import ServerProcess, running_server

PROBLEMS: dict[str, tuple[Any, Any, str]] = {
    "routes": (line_problem, routing_service_pb2, "/alatau.freight.v1.RoutingService/"),
    "docks": (crossdock, docks_service_pb2, "/alatau.freight.v1.DockService/"),
    "flows": (network, flows_service_pb2, "/alatau.freight.v1.FlowService/"),
    "airtaxi": (day, planning_service_pb2, "/alatau.airtaxi.v1.PlanningService/"),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Run a server with one worker for jobs and little room in its queue."""
    folder = tmp_path_factory.mktemp("jobs")
    with running_server(folder, workers=1, job_workers=1, job_queue_limit=20) as running:
        yield running


@pytest.fixture(scope="module")
def channel(server: ServerProcess) -> Iterator[grpc.Channel]:
    """Return a channel to the server."""
    with grpc.insecure_channel(server.address) as opened:
        yield opened


@pytest.fixture
def ask(channel: grpc.Channel) -> Asking:
    """Return a caller."""
    return Asking(channel)


PLANNED = [kind for kind in KINDS if kind.name != "fleet_size"]


@pytest.mark.parametrize("kind", PLANNED, ids=lambda kind: kind.name)
def test_each_solve_has_its_twin(channel: grpc.Channel, ask: Asking, kind: Any) -> None:
    """Create, wait, fetch: the plan is feasible, and the checker agrees about its cost."""
    problem, module, service = PROBLEMS[kind.name]
    request = getattr(pb, f"Create{kind.noun}JobRequest")()
    request.solve.problem.CopyFrom(problem())
    request.solve.options.CopyFrom(solving_pb2.SolveOptions(max_iterations=200))
    request.solve.options.time_limit.FromSeconds(20)
    job = ask.end(ask.call(f"Create{kind.noun}Job", request).job)
    assert (job.state, job.kind, job.outcome.feasible) == (SUCCEEDED, kind.name, True)
    fetch = getattr(pb, f"Get{kind.noun}ResultRequest")(name=job.name)
    result = ask.call(f"Get{kind.noun}Result", fetch).result
    evaluate = getattr(module, f"Evaluate{kind.noun}Request")(problem=problem(), plan=result.plan)
    response = getattr(module, f"Evaluate{kind.noun}Response")
    method = channel.unary_unary(f"{service}Evaluate{kind.noun}")
    verdict = response.FromString(method(evaluate.SerializeToString(), timeout=ENOUGH))
    assert verdict.feasible and not result.violations
    assert verdict.cost == job.outcome.cost == result.plan.cost
    assert job.outcome.result_bytes == result.ByteSize()
    assert job.progress.cost.total == verdict.cost.total


def test_a_fleet_is_sized_as_a_job(channel: grpc.Channel, ask: Asking) -> None:
    """One party needs one aircraft, proven; the same as SizeFleet answers."""
    request = pb.CreateFleetSizeJobRequest()
    request.solve.problem.CopyFrom(day())
    request.solve.options.time_limit.FromSeconds(10)
    job = ask.end(ask.call("CreateFleetSizeJob", request).job)
    assert (job.state, job.kind, job.outcome.feasible) == (SUCCEEDED, "fleet_size", True)
    fetched = ask.call("GetFleetSizeResult", pb.GetFleetSizeResultRequest(name=job.name)).result
    stub = PlanningServiceStub(channel)
    direct = stub.SizeFleet(request.solve, timeout=ENOUGH)
    assert fetched.size.fleet == direct.size.fleet == job.progress.objective
    assert fetched.size.bound == direct.size.bound and not fetched.violations


def test_the_life_of_a_job(ask: Asking) -> None:
    """Its states in order, its moments in order, its figures at the end those of the plan."""
    created = ask.create(0.5, labels={"day": "mon"}, request_id="life")
    assert created.state == QUEUED and created.queue_position == 1
    job = ask.end(created)
    assert states(job) == [QUEUED, PREPARING, RUNNING, SUCCEEDED]
    moments = [job.create_time, job.start_time, job.end_time, job.expire_time]
    assert [m.ToNanoseconds() for m in moments] == sorted(m.ToNanoseconds() for m in moments)
    assert (job.attempt, job.worker_deaths, job.queue_position) == (1, 0, 0)
    assert (job.labels["day"], job.request_id) == ("mon", "life")
    plan = ask.plan(job)
    assert job.progress.objective == plan.summary.objective == plan.cost.total
    assert job.progress.iterations == plan.summary.iterations > 0
    assert (job.progress.served, job.progress.total) == (2, 2)
    assert ask.get(job) == job


def test_a_watch_goes_on_where_it_broke_off(ask: Asking) -> None:
    """Revisions only grow, also over a second watch; the last message is the end."""
    job = ask.create(1.5)
    revisions = []
    first = ask.watch(job)
    for message in first:
        revisions.append(message.job.revision)
        if message.job.state == RUNNING and len(revisions) >= 4:
            break
    first.cancel()
    for message in ask.watch(job, after=revisions[-1]):
        revisions.append(message.job.revision)
    assert revisions == sorted(set(revisions))
    assert message.job.done
    (again,) = ask.watch(job, after=revisions[-1])
    assert again.job == message.job


def test_progress_is_told(ask: Asking) -> None:
    """Iterations grow, the cost comes by its parts, all before the end."""
    job = ask.create(1.0)
    seen = [m.job for m in ask.watch(job) if m.job.state == RUNNING and not m.job.done]
    iterations = [job.progress.iterations for job in seen]
    assert iterations == sorted(iterations) and iterations[-1] > iterations[0]
    assert seen[-1].progress.cost.components["distance"] == 10


def test_cancel_discards(ask: Asking) -> None:
    """The job ends without a plan, soon, and its worker takes the next."""
    job = ask.create(60)
    ask.until(job, lambda j: j.state == RUNNING)
    start = time.monotonic()
    ask.cancel(job)
    ended = ask.end(job)
    assert time.monotonic() - start < 3
    assert ended.state == CANCELLED and ended.cancel == jobs_pb2.CANCEL_MODE_DISCARD
    code, details = failure(lambda: ask.plan(job))
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert details["ErrorInfo"].reason == "NO_RESULT"
    assert ask.end(ask.create(0.2)).state == SUCCEEDED
    assert ask.cancel(job) == ended


def test_cancel_keeps_the_best(ask: Asking) -> None:
    """The plan so far is the result, and says that it was cut short."""
    job = ask.create(60)
    ask.until(job, lambda j: j.progress.HasField("cost"))
    start = time.monotonic()
    ask.cancel(job, jobs_pb2.CANCEL_MODE_KEEP_BEST)
    ended = ask.end(job)
    assert time.monotonic() - start < 3
    assert ended.state == SUCCEEDED
    assert ended.outcome.termination == solving_pb2.TERMINATION_CANCELLED
    assert ask.plan(job).feasible


def test_cancel_in_the_queue(ask: Asking) -> None:
    """A job that waits is done with the call; its place in the queue moves up meanwhile."""
    first = ask.create(60)
    ask.until(first, lambda j: j.state == RUNNING)
    second, third = ask.create(60), ask.create(60)
    assert [ask.get(job).queue_position for job in (second, third)] == [1, 2]
    assert ask.cancel(second).state == CANCELLED
    assert ask.until(third, lambda j: j.queue_position == 1).state == QUEUED
    ask.cancel(third)
    ask.cancel(first)
    ask.end(first)


def test_a_request_id_makes_one_job(ask: Asking) -> None:
    """Sent twice: the same job; sent with another problem: ALREADY_EXISTS."""
    job = ask.create(0.2, request_id="once")
    assert ask.create(0.2, request_id="once").name == job.name
    code, details = failure(lambda: ask.create(0.3, request_id="once"))
    assert code is grpc.StatusCode.ALREADY_EXISTS
    assert details["ErrorInfo"].reason == "REQUEST_ID_REUSED"
    ask.end(job)
    assert ask.create(0.2, request_id="once").state == SUCCEEDED


def test_bad_problems_fail_with_every_violation(ask: Asking) -> None:
    """Two visits of one id at an unknown place: the job says all that is wrong."""
    problem = line_problem()
    for _ in range(2):
        problem.visits.add(id="x", location="nowhere")
    job = ask.end(ask.create(1, problem=problem))
    assert (job.state, job.error.reason) == (FAILED, "INVALID_INPUT")
    assert {"UNKNOWN_LOCATION", "DUPLICATE_ID"} <= {v.code for v in job.error.violations}
    assert all(v.path.startswith("problem.visits") for v in job.error.violations)


def test_bad_settings_are_refused_at_once(ask: Asking) -> None:
    """Every fault in one answer."""
    request = routes_request(1, request_id="a b", labels={"k" * 64: "v"})
    request.settings.time_to_live.FromMilliseconds(10)
    request.upload = "u"
    assert faults(lambda: ask.call("CreateRoutePlanJob", request)) == {
        ("REQUEST_ID", "settings.request_id"),
        ("LABELS", f"settings.labels[{'k' * 63}]"),
        ("TIME_TO_LIVE", "settings.time_to_live"),
        ("UPLOAD", "upload"),
    }
    empty = pb.CreateDockPlanJobRequest()
    assert faults(lambda: ask.call("CreateDockPlanJob", empty)) == {("REQUIRED", "solve.problem")}


def test_small_requests_never_wait_behind_jobs(ask: Asking, channel: grpc.Channel) -> None:
    """While the only worker for jobs is busy, a solve and a check are answered."""
    job = ask.create(60)
    ask.until(job, lambda j: j.state == RUNNING)
    solve = routing_service_pb2.SolveRoutePlanRequest(problem=line_problem())
    solve.options.max_iterations = 10
    stub = RoutingServiceStub(channel)
    answer = stub.SolveRoutePlan(solve, timeout=20)
    judged = routing_service_pb2.EvaluateRoutePlanRequest(problem=line_problem(), plan=answer.plan)
    assert stub.EvaluateRoutePlan(judged, timeout=20).feasible
    assert ask.get(job).state == RUNNING
    ask.cancel(job)
    ask.end(job)


def test_lists_hold_what_was_asked_for(ask: Asking) -> None:
    """By label and state, page by page, newest first; a token serves one list only."""
    made = [ask.create(0.05, labels={"list": "a", "n": str(n)}) for n in range(5)]
    for job in made:
        ask.end(job)
    request = pb.ListJobsRequest(page_size=2, labels={"list": "a"}, states=[SUCCEEDED])
    pages = []
    while True:
        page = ask.call("ListJobs", request)
        pages.append([job.labels["n"] for job in page.jobs])
        request.page_token = page.next_page_token
        if not page.next_page_token:
            break
    assert pages == [["4", "3"], ["2", "1"], ["0"]]
    request.page_token = ask.call("ListJobs", pb.ListJobsRequest(page_size=1)).next_page_token
    wrong = faults(lambda: ask.call("ListJobs", request))
    assert wrong == {("PAGE_TOKEN", "page_token")}
    bad = pb.ListJobsRequest(page_size=-1, kind="boats", states=[99])
    assert faults(lambda: ask.call("ListJobs", bad)) == {
        ("PAGE_SIZE", "page_size"),
        ("UNKNOWN_VALUE", "kind"),
        ("UNKNOWN_VALUE", "states[0]"),
    }


def test_a_plan_comes_route_by_route(ask: Asking) -> None:
    """The pieces make the plan that the whole result has."""
    job = ask.end(ask.create(0.3))
    request = pb.StreamRoutePlanResultRequest(name=job.name)
    head, *rest = ask.call("StreamRoutePlanResult", request)
    assert not head.plan.routes and head.plan.cost.total == job.outcome.cost.total
    joined = head.plan
    joined.routes.extend(piece.route for piece in rest)
    assert rest and joined == ask.plan(job)


def test_a_deleted_job_is_gone(ask: Asking) -> None:
    """Not before it is done; then it is NOT_FOUND."""
    job = ask.create(60)
    delete = pb.DeleteJobRequest(name=job.name)
    code, details = failure(lambda: ask.call("DeleteJob", delete))
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert details["ErrorInfo"].reason == "NOT_DONE"
    ask.cancel(job)
    ask.end(job)
    ask.call("DeleteJob", delete)
    assert failure(lambda: ask.get(job))[0] is grpc.StatusCode.NOT_FOUND
    assert failure(lambda: ask.call("DeleteJob", delete))[0] is grpc.StatusCode.NOT_FOUND


def test_a_full_queue_and_a_hopeless_deadline(ask: Asking) -> None:
    """Both are RESOURCE_EXHAUSTED at once with a time to retry; waiting jobs still run."""
    running = ask.create(60)
    ask.until(running, lambda j: j.state == RUNNING)
    waiting = [ask.create(60) for _ in range(20)]
    code, details = failure(lambda: ask.create(60))
    assert (code, details["ErrorInfo"].reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "QUEUE_FULL")
    assert details["RetryInfo"].retry_delay.ToMilliseconds() > 0
    ask.cancel(waiting.pop())
    request = routes_request(60)
    request.settings.deadline.FromSeconds(int(time.time()) + 600)
    code, details = failure(lambda: ask.call("CreateRoutePlanJob", request))
    assert (code, details["ErrorInfo"].reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "HOPELESS")
    for job in [*waiting, running]:
        ask.cancel(job)
    ask.end(running)


def test_an_unknown_wish_discards_no_plan(ask: Asking) -> None:
    """A mode of a later version is refused, and the job goes on."""
    job = ask.create(60)
    code, details = failure(lambda: ask.cancel(job, 99))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert [v.reason for v in details["BadRequest"].field_violations] == ["UNKNOWN_VALUE"]
    assert not ask.get(job).done
    assert ask.cancel(job, jobs_pb2.CANCEL_MODE_UNSPECIFIED).name == job.name
    assert ask.end(job).state == CANCELLED
