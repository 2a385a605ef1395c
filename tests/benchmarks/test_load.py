"""The load benchmarks, made small: they run, and what they report is right."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path

import pytest

from benchmarks.load import gets, soak, watchers
from benchmarks.load.generator import Outcome, at_rate, codes, goodput, quantile
from benchmarks.load.overhead import arrivals, matrix_request, solves
from benchmarks.load.overload import recovery
from benchmarks.load.pace import PAUSE, pacing
from benchmarks.load.pictures import curves, lines
from benchmarks.load.processes import private_mib, usage
from benchmarks.load.report import Figure, Limit, finish
from benchmarks.load.server import served
from benchmarks.load.soak import growth
from benchmarks.load.watchers import Watcher, spread


async def test_a_matrix_reaches_numpy_in_a_worker() -> None:
    """In both forms; the moment told by the worker lies after the request's arrival."""
    for packed in (False, True):
        seconds, _ = await arrivals(matrix_request(20, packed=packed), 3)
        assert len(seconds) == 3
        assert 0 < min(seconds) < 10


def test_library_and_service_do_the_same_work(tmp_path: Path) -> None:
    """The same seed and as many iterations give the same cost, by either way."""
    ((library, service),) = solves(tmp_path, visits=30, seed=1, seconds=0.2, repeats=1)
    assert library.cost == service.cost
    assert library.iterations == service.iterations > 0
    assert library.wall > 0
    assert service.wall > 0


def test_usage_is_that_of_this_process() -> None:
    """A running test has memory, descriptors and has used a core."""
    now = usage(os.getpid())
    assert now.memory_mib > 10
    assert 10 < private_mib(os.getpid()) < 10_000
    assert now.cpu_seconds > 0
    assert now.descriptors > 2
    assert now.processes >= 1


def test_figures_are_held_against_their_limits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """21 ms are not at most 20, and three times an empty call of 7; the file has samples."""
    figures = [Figure("p99", 21.0, "ms", Limit(most=20), empty=7.0), Figure("share", 1.0, "%")]
    finish("some", figures, {"raw": [1]}, tmp_path, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["figures"][0] == {
        "name": "p99",
        "value": 21.0,
        "unit": "ms",
        "limit": "≤ 20",
        "kept": False,
        "empty_call": 7.0,
        "ratio_to_empty_call": 3.0,
    }
    assert told["figures"][1]["kept"] is None
    assert json.loads((tmp_path / "results.json").read_text())["samples"] == {"raw": [1]}
    assert Limit(least=90).kept(91)
    assert not Limit(least=90).kept(89)
    finish("some", figures, {}, tmp_path, as_json=False)
    assert "≤ 20" in capsys.readouterr().out


def test_latency_counts_from_when_a_call_was_due() -> None:
    """The third of ten calls blocks the loop for 200 ms; those due meanwhile are late as well."""

    async def call(number: int) -> None:
        if number == 2:
            time.sleep(0.2)  # noqa: ASYNC251 - the stall is the point

    outcomes = asyncio.run(at_rate(call, rate=100, seconds=0.1))
    assert len(outcomes) == 10
    late = [each for each in outcomes if each.latency > 0.1]
    assert len(late) >= 5
    assert codes(outcomes) == {"OK": 10}
    assert goodput(outcomes, 0.1) == pytest.approx(100)


def test_quantiles_are_values_that_occurred() -> None:
    """99 % of 1 to 100 are at most 99 or 100; of nothing there is none."""
    values = [float(v) for v in range(1, 101)]
    assert quantile(values, 0.5) in (50, 51)
    assert quantile(values, 0.99) in (99, 100)
    assert quantile([], 0.5) != quantile([], 0.5)


def test_a_watcher_that_skips_a_revision_is_as_far_with_a_later_one() -> None:
    """Revision 5 is first seen at 1.0; the other watcher sees 6 at 1.5: 0 and 500 ms.

    Revision 6 is first seen at 1.2: 0 and 300 ms.
    """
    quick = Watcher(seen=[(1.0, 5), (1.2, 6)])
    slow = Watcher(seen=[(0.9, 4), (1.5, 6)])
    assert sorted(spread([quick, slow], 0.95, 2.0)) == pytest.approx([0, 0, 300, 500])


def test_recovery_is_the_first_second_in_which_all_is_well() -> None:
    """A refusal in the first second, a slow answer in the second: normal after two."""
    calm = [
        Outcome(0.1, 0.01, "RESOURCE_EXHAUSTED"),
        Outcome(0.2, 0.01, "OK"),
        Outcome(1.1, 0.9, "OK"),
        Outcome(2.1, 0.01, "OK"),
    ]
    assert recovery(calm, usual=20.0) == 2
    assert recovery(calm[:3], usual=20.0) == float("inf")


def test_growth_leaves_the_warm_up_out() -> None:
    """After two of ten: 100 at first, 110 at last."""
    assert growth([10, 20, 100, 100, 100, 100, 100, 110, 110, 110], 0.2) == pytest.approx(0.1)


def test_scenarios_on_a_real_server(tmp_path: Path) -> None:
    """A second of each: every GetJob and every call of the mixture is answered."""
    store = f"sqlite:///{tmp_path}/jobs.db"
    with served(tmp_path, workers=1, job_workers=1, store=store) as server:
        told, empty = asyncio.run(gets.measure(server.address, jobs=1, rate=20, seconds=1))
        assert codes(told) == {"OK": 20}
        assert codes(empty) == {"OK": 50}
        watched = asyncio.run(watchers.measure(server, count=20, seconds=1))
        assert len(watched.ends) == 20
        assert min(watched.ends) > 0
        samples, outcomes = asyncio.run(soak.measure(server, rate=10, seconds=1))
        assert codes(outcomes) == {"OK": 10}
        assert samples[0].server_mib > 10
    curves(tmp_path / "a.png", "ms", {"told": [1.0, 2.0]})
    lines(tmp_path / "b.png", ("s", "MiB"), {"server": ([0, 1], [5, 6])})
    assert (tmp_path / "a.png").stat().st_size > 1000
    assert (tmp_path / "b.png").stat().st_size > 1000


def test_the_pace_is_that_of_the_time_asked_for() -> None:
    """Samples come while the context lasts; those outside a time do not count for it."""
    begin = time.monotonic()
    with pacing() as pace:
        time.sleep(3 * PAUSE)
    assert pace.samples
    assert all(begin < moment < time.monotonic() and speed > 0 for moment, speed in pace.samples)
    pace.samples = [(1.0, 10.0), (2.0, 20.0), (3.0, 30.0)]
    assert pace.between(1.5, 3.0) == 25.0
