"""The Python client, blocking and asyncio, against a real server."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest
from alatau.airtaxi.v1 import sizing_pb2
from alatau_client import (
    AsyncClient,
    Cancelled,
    Client,
    Connection,
    DeadlineExceeded,
    InvalidProblem,
    QuotaExceeded,
    Unavailable,
)

from tests.api.test_airtaxi import day
from tests.api.test_routing import line_plan, line_problem
from tests.serving import ROOT, ServerProcess


@pytest.fixture
def client(server: ServerProcess) -> Iterator[Client]:
    """Open a client."""
    with Client(server.address) as opened:
        opened.wait_until_ready(5)
        yield opened


@pytest.fixture
async def async_client(server: ServerProcess) -> AsyncIterator[AsyncClient]:
    """Open the twin for asyncio."""
    async with AsyncClient(server.address) as opened:
        await opened.wait_until_ready(5)
        yield opened


def test_solve_and_evaluate(client: Client) -> None:
    """Out to 5 and back are 10 metres; the checker agrees."""
    answer = client.routing.solve(line_problem(), max_iterations=100, seed=7)
    assert answer.plan.cost.total == 10
    judged = client.routing.evaluate(line_problem(), answer.plan)
    assert judged.feasible
    assert judged.cost.total == 10


def test_stream_gives_progress_and_a_result(client: Client) -> None:
    """Reports come while the solve runs; the result has the plan."""
    stream = client.routing.stream(line_problem(), time_limit=0.4)
    seen = [report.progress.iterations for report in stream]
    assert seen == sorted(seen)
    assert stream.result().plan.cost.total == 10


def test_result_without_looking_at_progress(client: Client) -> None:
    """A caller may ask for the result at once."""
    assert client.routing.stream(line_problem(), time_limit=0.2).result().plan.feasible


def test_bad_input_is_typed_with_every_violation(client: Client) -> None:
    """400 faults, far more than a default gRPC client would take, all arrive."""
    problem = line_problem()
    for number in range(400):
        problem.visits.add(id=f"v{number}", location="nowhere")
    with pytest.raises(InvalidProblem) as refused:
        client.routing.solve(problem)
    error = refused.value
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert error.reason == "INVALID_INPUT"
    assert error.domain == "alatau.router"
    assert error.metadata["violations"] == "400"
    assert len(error.violations) == 400
    assert error.violations[0].code == "UNKNOWN_LOCATION"
    assert error.violations[0].path == "problem.visits[2].location"
    assert len(error.request_id) == 32
    assert "problem.visits[2].location: 'nowhere'" in str(error)


def test_the_deadline_is_typed(client: Client) -> None:
    """Nobody answers within a millisecond."""
    with pytest.raises(DeadlineExceeded):
        client.routing.solve(line_problem(), timeout=0.001)


def test_a_message_too_large_is_typed(client: Client) -> None:
    """The largest message is 64 MiB, on both sides."""
    problem = line_problem()
    problem.name = "x" * (65 * 2**20)
    with pytest.raises(QuotaExceeded):
        client.routing.solve(problem)


def test_no_server_is_unavailable() -> None:
    """Without retries the caller hears at once that nobody is there."""
    with Client("localhost:1", retry=False) as client, pytest.raises(Unavailable):
        client.routing.evaluate(line_problem(), line_plan(), timeout=5)
    with Client("localhost:1") as client, pytest.raises(DeadlineExceeded):
        client.wait_until_ready(0.1)


def test_cancel_ends_a_stream(client: Client) -> None:
    """After cancel the iterator raises instead of waiting for the plan."""
    stream = client.routing.stream(line_problem(), time_limit=30)
    next(iter(stream))
    stream.cancel()
    with pytest.raises(Cancelled):
        stream.result()


def test_a_key_needs_tls_beyond_this_machine() -> None:
    """A key never travels in the open."""
    with pytest.raises(ValueError, match="needs TLS"):
        Connection(target="example.org:50051", api_key="secret")
    sent = dict(Connection(target="localhost:1", api_key=lambda: "secret").metadata())
    assert sent["authorization"] == "Bearer secret"
    assert "secret" not in repr(Connection(target="localhost:1", api_key="secret"))


async def test_async_solve_and_evaluate(async_client: AsyncClient) -> None:
    """The twin gives the same answers."""
    answer = await async_client.routing.solve(line_problem(), max_iterations=100)
    assert answer.plan.cost.total == 10
    judged = await async_client.routing.evaluate(line_problem(), answer.plan)
    assert judged.feasible


async def test_async_stream(async_client: AsyncClient) -> None:
    """Progress by ``async for``, the plan by ``result``."""
    stream = async_client.routing.stream(line_problem(), time_limit=0.4, incumbents=True)
    seen = [report.progress.iterations async for report in stream]
    assert seen == sorted(seen)
    assert (await stream.result()).plan.cost.total == 10


async def test_async_errors_and_cancel(async_client: AsyncClient) -> None:
    """Errors are of the same classes as in the blocking client."""
    with pytest.raises(InvalidProblem):
        await async_client.routing.solve(type(line_problem())())
    stream = async_client.routing.stream(line_problem(), time_limit=30)
    await anext(aiter(stream))
    stream.cancel()
    with pytest.raises(Cancelled):
        await stream.result()


def test_the_client_needs_neither_library_nor_server() -> None:
    """No module of the client imports ``router``, ``server`` or a solver."""
    for path in (ROOT / "clients" / "python" / "alatau_client").glob("*.py"):
        assert not imported(path) & {"router", "server", "ortools", "numpy"}, path


def imported(path: Path) -> set[str]:
    """Return the top-level packages that a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_the_example_of_the_readme_runs(
    server: ServerProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """It prints the cost of each report and one route with both stops."""
    text = (ROOT / "clients" / "python" / "README.md").read_text()
    example = text.partition("```python\n")[2].partition("```")[0]
    example = example.replace("localhost:50051", server.address).replace(
        "time_limit=5", "time_limit=1"
    )
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - our own file
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("van ")
    assert "market" in last
    assert "school" in last


@pytest.mark.parametrize("part", ["airtaxi", "docks", "flows", "routing"])
def test_every_part_has_the_three_verbs(client: Client, part: str) -> None:
    """An empty problem is refused by each of them, in each part."""
    service = getattr(client, part)
    with pytest.raises(InvalidProblem):
        service.solve(None)
    with pytest.raises(InvalidProblem):
        service.stream(None).result()
    with pytest.raises(InvalidProblem):
        service.evaluate(None, None)


async def test_fleets_are_sized(client: Client, async_client: AsyncClient) -> None:
    """Both clients agree that nobody is lost with the least fleet; no problem is refused."""
    sizing = sizing_pb2.FleetSizing(unlimited_sites=True)
    size = client.airtaxi.size_fleet(day(), sizing, time_limit=2).size
    assert 1 <= size.bound <= size.fleet
    sizing.fleets.append(size.fleet)
    answer = await async_client.airtaxi.size_fleet(day(), sizing, time_limit=4)
    assert [loss.lost_passengers for loss in answer.losses] == [0]
    with pytest.raises(InvalidProblem):
        client.airtaxi.size_fleet(None)  # type: ignore[arg-type]
