"""`client.jobs` against a real server process, blocking and asyncio."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from alatau_client import AsyncClient, Cancelled, Client, Conflict, InvalidProblem, NotFound
from alatau_client.errors import DeadlineExceeded
from alatau_client.jobs import requests

from tests.api.test_airtaxi import day
from tests.api.test_docks import crossdock
from tests.api.test_flows import network
from tests.api.test_routing import line_problem
from tests.serving import ServerProcess, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Run a server."""
    with running_server(tmp_path_factory.mktemp("jobs"), workers=1, job_workers=2) as running:
        yield running


@pytest.fixture
def client(server: ServerProcess) -> Iterator[Client]:
    """Return a client."""
    with Client(server.address) as opened:
        yield opened


@pytest.mark.parametrize(
    "problem", [line_problem, crossdock, network, day], ids=lambda p: p.__name__
)
def test_every_problem_makes_a_job(client: Client, problem: object) -> None:
    """The type of the problem says which; the result is the response of the solve."""
    job = client.jobs.create(problem(), time_limit=20, max_iterations=100)  # type: ignore[operator]
    result = job.result(timeout=60)
    assert job.latest.outcome.feasible and not result.violations
    assert client.jobs.get(job.name).latest == job.latest
    assert job.latest.outcome.cost == result.plan.cost


def test_a_fleet_is_sized(client: Client) -> None:
    """The same problem makes another kind of job where one is named."""
    job = client.jobs.create(day(), kind="fleet_size", time_limit=10)
    assert job.latest.kind == "fleet_size"
    answer = job.result(timeout=60)
    assert answer.size.fleet >= answer.size.bound > 0


def test_other_messages_make_none(client: Client) -> None:
    """A location is no problem."""
    with pytest.raises(TypeError, match="no job"):
        client.jobs.create(line_problem().locations[0])


def test_watch_ends_with_the_end(client: Client) -> None:
    """Each message is newer than the one before; the last is done, and so is the handle."""
    job = client.jobs.create(line_problem(), time_limit=0.7)
    revisions = [status.revision for status in job.watch(timeout=60)]
    assert revisions == sorted(set(revisions)) and len(revisions) > 3
    assert job.latest.done and job.latest.progress.cost.total == 10


def test_cancel_keeps_or_discards(client: Client) -> None:
    """Kept: the plan so far; discarded: the result raises Cancelled."""
    kept, dropped = (client.jobs.create(line_problem(), time_limit=60) for _ in range(2))
    for job in (kept, dropped):
        next(status for status in job.watch() if status.progress.HasField("cost"))
    kept.cancel(keep_best=True)
    assert kept.result(timeout=20).plan.feasible
    dropped.cancel()
    with pytest.raises(Cancelled):
        dropped.result(timeout=20)
    dropped.delete()
    with pytest.raises(NotFound):
        dropped.refresh()


def test_a_bad_problem_raises_as_the_solve_does(client: Client) -> None:
    """The same violations as `client.routing.solve` raises."""
    problem = line_problem()
    problem.visits.add(id="a", location="nowhere")
    with pytest.raises(InvalidProblem) as direct:
        client.routing.solve(problem)
    with pytest.raises(InvalidProblem) as later:
        client.jobs.create(problem).result(timeout=60)
    assert later.value.violations == direct.value.violations
    assert later.value.reason == "INVALID_INPUT"


def test_a_wait_has_its_time(client: Client) -> None:
    """Half a second is not enough for a job of a minute, which runs on."""
    job = client.jobs.create(line_problem(), time_limit=60)
    with pytest.raises(DeadlineExceeded, match="not done"):
        job.wait(timeout=0.5)
    assert not job.refresh().done
    job.cancel()


def test_a_request_id_is_safe_to_repeat(client: Client) -> None:
    """The same call gives the same job; another problem is a Conflict."""
    first, again = (
        client.jobs.create(line_problem(), time_limit=0.1, request_id="mine") for _ in range(2)
    )
    assert first.name == again.name
    with pytest.raises(Conflict):
        client.jobs.create(line_problem(), time_limit=0.2, request_id="mine")


def test_lists_go_over_pages(client: Client) -> None:
    """Five jobs by two a page, newest first."""
    made = [
        client.jobs.create(line_problem(), time_limit=0.05, labels={"set": "five"})
        for _ in range(5)
    ]
    for job in made:
        job.wait(timeout=60)
    listed = client.jobs.list(labels={"set": "five"}, states=["SUCCEEDED"], page_size=2)
    assert [job.name for job in listed] == [job.name for job in reversed(made)]


def test_large_problems_and_plans_travel_in_pieces(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the bounds set to some bytes, chunks and pieces give the same plan."""
    whole = client.jobs.create(line_problem(), max_iterations=50).result(timeout=60)
    monkeypatch.setattr(requests, "UPLOAD_ABOVE", 10)
    monkeypatch.setattr(requests, "CHUNK", 64)
    pieces = client.jobs.create(line_problem(), max_iterations=50).result(timeout=60)
    for answer in (whole, pieces):
        answer.plan.ClearField("summary")
    assert pieces == whole


def test_a_watch_survives_its_server(tmp_path: Path) -> None:
    """The server is killed and comes back at its address: the watch goes on to the end."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    restarted = threading.Event()

    def serve_again() -> None:
        with running_server(tmp_path, workers=1, port=port):
            restarted.set()
            finished.wait(60)

    finished = threading.Event()
    with running_server(tmp_path, workers=1, port=port) as first, Client(first.address) as client:
        job = client.jobs.create(line_problem(), time_limit=1.5)
        revisions = []
        second = threading.Thread(target=serve_again)
        for status in job.watch(timeout=60):
            revisions.append(status.revision)
            if len(revisions) == 4:
                first.process.kill()
                first.process.wait()
                second.start()
        assert restarted.wait(60)
        assert revisions == sorted(set(revisions))
        assert job.latest.attempt == 2
        assert job.result().plan.feasible
        finished.set()
        second.join()


async def test_the_twin_for_asyncio(server: ServerProcess) -> None:
    """Create, watch, list, cancel, result, delete: as the blocking client."""
    async with AsyncClient(server.address) as client:
        job = await client.jobs.create(line_problem(), time_limit=0.5, labels={"async": "yes"})
        revisions = [status.revision async for status in job.watch(timeout=60)]
        assert revisions == sorted(set(revisions)) and len(revisions) > 3
        assert (await job.result()).plan.feasible
        listed = [found.name async for found in client.jobs.list(labels={"async": "yes"})]
        assert listed == [job.name]
        other = await client.jobs.create(line_problem(), time_limit=60)
        await other.cancel()
        with pytest.raises(Cancelled):
            await other.result(timeout=20)
        await other.delete()
        with pytest.raises(NotFound):
            await client.jobs.get(other.name)
        start = time.monotonic()
        slow = await client.jobs.create(line_problem(), time_limit=60)
        with pytest.raises(DeadlineExceeded):
            await slow.wait(timeout=0.3)
        assert time.monotonic() - start < 30
        await slow.cancel()
