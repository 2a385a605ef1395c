"""HiGHS in this process and in its own: results, its log and its file, its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from router.exact import mip, mip_process
from router.exact.mip import Mip, minimise
from router.exact.mip_process import bound_of, last_solution
from router.exact.outcome import Limits, Outcome, Snapshot, Status


def knapsack(values: list[int], weights: list[int], room: int) -> Mip:
    """Return the 0-1 knapsack as a minimisation."""
    n = len(values)
    return Mip(
        cost=-np.array(values, dtype=np.float64),
        lower=np.zeros(n),
        upper=np.ones(n),
        integer=np.ones(n, dtype=np.bool_),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([float(room)]),
        rows=np.zeros(n, dtype=np.int64),
        columns=np.arange(n),
        values=np.array(weights, dtype=np.float64),
    )


def hard() -> Mip:
    """Return a market split of 5 rows: no branch and bound proves it within seconds.

    Slacks of either sign, at a cost of 1 a unit, make it feasible.
    """
    r = np.random.default_rng(3)
    m, n = 5, 40
    matrix = r.integers(0, 100, (m, n)).astype(np.float64)
    rows, columns = np.nonzero(matrix)
    slack = np.arange(m)
    return Mip(
        cost=np.concatenate([np.zeros(n), np.ones(2 * m)]),
        lower=np.zeros(n + 2 * m),
        upper=np.concatenate([np.ones(n), np.full(2 * m, 5000.0)]),
        integer=np.ones(n + 2 * m, dtype=np.bool_),
        row_lower=np.floor(matrix.sum(axis=1) / 2),
        row_upper=np.floor(matrix.sum(axis=1) / 2),
        rows=np.concatenate([rows, slack, slack]),
        columns=np.concatenate([columns, n + slack, n + m + slack]),
        values=np.concatenate([matrix[rows, columns], np.ones(m), -np.ones(m)]),
    )


def limits(seconds: float) -> Limits:
    """Return limits that end after ``seconds``."""
    return Limits(deadline=time.monotonic() + seconds)


@pytest.mark.parametrize("entries", [0, mip.QUICK_ENTRIES])
def test_both_processes_prove_the_same(monkeypatch: pytest.MonkeyPatch, entries: int) -> None:
    """Items of value 6, 10, 12 and weight 1, 2, 3 into 5: the last two, for 22."""
    monkeypatch.setattr(mip, "QUICK_ENTRIES", entries)
    outcome = minimise(knapsack([6, 10, 12], [1, 2, 3], 5), limits(60))
    assert outcome.status is Status.OPTIMAL
    assert outcome.objective == pytest.approx(-22)
    assert outcome.bound is not None
    assert np.ceil(outcome.bound) == -22
    assert outcome.solution is not None
    assert outcome.solution.round().tolist() == [0, 1, 1]


@pytest.mark.parametrize("entries", [0, mip.QUICK_ENTRIES])
def test_infeasible(monkeypatch: pytest.MonkeyPatch, entries: int) -> None:
    """Nothing weighs -1 or less."""
    monkeypatch.setattr(mip, "QUICK_ENTRIES", entries)
    outcome = minimise(knapsack([1], [1], -1), limits(60))
    assert outcome.status is Status.INFEASIBLE
    assert outcome.solution is None


def test_incumbents_and_bounds_come_on_the_way() -> None:
    """A hard program reports solutions before its time is up, which is kept."""
    seen: list[Snapshot[mip.Doubles]] = []
    begin = time.monotonic()

    def listen(news: Snapshot[mip.Doubles]) -> bool:
        seen.append(news)
        return True

    outcome = minimise(hard(), limits(6), listen)
    assert time.monotonic() - begin < 7
    assert outcome.status is Status.LIMIT
    assert outcome.solution is not None
    assert outcome.objective == pytest.approx(outcome.solution[40:].sum())
    found = [news.objective or 0.0 for news in seen if news.solution is not None]
    assert found == sorted(found, reverse=True)
    assert found


def test_the_listener_ends_it() -> None:
    """Told so at the first solution, a solve of a minute ends within a second with it."""
    told: list[float] = []

    def listen(news: Snapshot[mip.Doubles]) -> bool:
        if news.solution is not None:
            told.append(time.monotonic())
        return not told

    outcome = minimise(hard(), limits(60), listen)
    assert time.monotonic() - told[0] < 1
    assert outcome.status is Status.STOPPED
    assert outcome.solution is not None


PARENT = """
import sys, time
from router.exact import mip, mip_process
from router.exact.outcome import Limits
from tests.exact.test_mip import hard
mip.QUICK_ENTRIES = 0
start = mip_process._start
def told():
    child = start()
    print(child.pid, flush=True)
    return child
mip_process._start = told
mip.minimise(hard(), Limits(deadline=time.monotonic() + 60))
"""


def test_the_child_dies_with_its_parent() -> None:
    """Killed without a chance to clean up, a parent leaves no HiGHS behind."""
    root = Path(__file__).parents[2]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(1.5)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    for _ in range(50):
        if not alive(child):
            return
        time.sleep(0.1)
    raise AssertionError("the child lives on.")


def alive(pid: int) -> bool:
    """Return whether a process runs; a zombie that waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_broken_child_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the process cannot even start its work, that is said, not waited for."""
    monkeypatch.setattr(mip, "QUICK_ENTRIES", 0)
    monkeypatch.setattr(mip_process.sys, "executable", "/bin/false")
    with pytest.raises(RuntimeError, match="ended"):
        minimise(knapsack([1], [1], 1), limits(20))


def test_lines_of_the_log() -> None:
    """Nodes processed and best bound are read; heads and other lines are not."""
    line = (
        " L      12       3         1  50.00%   423671.123026   423848             0.04%       41"
        "     12      0       824     5.6s"
    )
    found = bound_of(line)
    assert found is not None
    assert (found.bound, found.nodes) == (423671.123026, 12)
    assert bound_of(" J       0       0         0   0.00%   -inf            898644  Large") is None
    assert bound_of("Src  Proc. InQueue |  Leaves   Expl. | BestBound       BestSol") is None
    assert bound_of("  Gap               5.07% (tolerance: 0.01%)") is None


def test_the_file_of_solutions() -> None:
    """The last complete block counts; one that is still being written does not."""
    first = "Objective 12\n# Columns -2\n 3 0\n 1.5 2\n"
    found = last_solution(first, 4)
    assert found is not None
    assert found.objective == 12
    assert found.values.tolist() == [3, 0, 1.5, 0]
    for unfinished in ("Obj", "Objective 9", "Objective 9\n# Columns -2\n 3 0\n 4"):
        again = last_solution(first + unfinished, 4)
        assert again is not None
        assert again.objective == 12
    assert last_solution("", 4) is None


@pytest.mark.parametrize("iterations", [None, 1000])
def test_a_small_model_is_done_in_this_process(
    iterations: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where iterations are the limit: no other process is begun."""
    monkeypatch.setattr(mip_process, "run", None)
    counted = Limits(deadline=time.monotonic() + 20, iterations=iterations)
    found = minimise(knapsack([6, 5, 4], [3, 2, 2], 4), counted)
    assert (found.status, found.objective) == (Status.OPTIMAL, -9)


def test_what_the_clock_ends_does_not_count_where_iterations_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A first look that is not done in time is forgotten then, and kept otherwise."""
    half = Outcome(Status.LIMIT, np.ones(3), -1.0, -9.0)
    monkeypatch.setattr(mip, "_quick", lambda *given: half)
    monkeypatch.setattr(mip_process, "run", lambda *given: Outcome(Status.LIMIT))
    small, deadline = knapsack([6, 5, 4], [3, 2, 2], 4), time.monotonic() + 20
    assert minimise(small, Limits(deadline=deadline)).objective == -1
    assert minimise(small, Limits(deadline=deadline, iterations=5)).objective is None
