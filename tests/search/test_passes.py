"""How often a search cools: more than once where there are iterations enough."""

from __future__ import annotations

from typing import Any

import pytest

from router._core import RouteSearch
from router.search import routes
from router.search.parameters import Parameters
from router.search.problem import RouteArrays
from router.solving import SolveOptions
from tests.search.test_refit import fleet


class Recorder:
    """A compiled search that notes how it is driven."""

    runs: list[tuple[int, int, float, float]]
    last: list[float]

    def __init__(self, *given: Any) -> None:
        self._search = RouteSearch(*given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._search, name)

    def run(self, until, iterations, opened, closes, planned, hot, cold, begun=0):  # type: ignore[no-untyped-def]
        """Note at which share of which cooling the slice begins, and how it is to end."""
        if planned:
            share = (self.iterations - begun) / planned
        else:
            share = (until - routes.SLICE_SECONDS - opened) / (closes - opened)
        Recorder.runs.append((begun, planned, share, closes - opened))
        Recorder.last.append(cold)
        return self._search.run(until, iterations, opened, closes, planned, hot, cold, begun)


@pytest.fixture
def arrays(monkeypatch: pytest.MonkeyPatch) -> RouteArrays:
    """Four stops, searched by a recorder."""
    monkeypatch.setattr(routes, "RouteSearch", Recorder)
    monkeypatch.setattr(routes, "PASS_ITERATIONS", 100)
    Recorder.runs, Recorder.last = [], []
    van = {"capacity": (4,)}
    return fleet([10, 20, 30, 40], van, van | {"distance_cost": 2}).arrays


@pytest.mark.parametrize(
    ("iterations", "passes"),
    [(799, 1), (800, 2), (1599, 2), (1600, 4), (3999, 4), (4000, 10), (10**9, 10)],
)
def test_as_many_as_there_are_iterations_for(iterations: int, passes: int) -> None:
    """Four stops, 100 iterations each: 400 for a pass."""
    stops, each = 4, routes.PASS_ITERATIONS
    assert routes._passes(iterations * each // 100, stops) == passes


def test_iterations_are_shared_out(arrays: RouteArrays) -> None:
    """1,600 iterations: four coolings of 400, each from its beginning to its end."""
    found = routes.search(arrays, SolveOptions(seconds=60, max_iterations=1600))
    assert found.iterations == 1600
    assert sorted({run[:2] for run in Recorder.runs}) == [(k, 400) for k in (0, 400, 800, 1200)]
    assert all(0 <= share < 1 for _, _, share, _ in Recorder.runs)


def test_time_is_shared_out_by_what_was_done_at_first(arrays: RouteArrays) -> None:
    """After a twentieth of the time, a search of four stops knows that it may cool ten times."""
    routes.search(arrays, SolveOptions(seconds=1.0))
    lengths = [round(length, 3) for *_, length in Recorder.runs]
    assert lengths[0] == 1.0
    assert set(lengths) == {1.0, 0.1}


def test_the_best_plan_of_all_passes_is_kept(arrays: RouteArrays) -> None:
    """A pass that ends hot does not lose what one before it found."""
    boiling = Parameters(hot=1e6, cold=1e6, open_rate=0.5)
    found = routes.search(arrays, SolveOptions(seconds=60, max_iterations=1600), parameters=boiling)
    assert found.cost == 80


def test_few_iterations_end_a_cooling_warmer(arrays: RouteArrays) -> None:
    """Four coolings of 400 iterations, 100 a stop: a quarter of what is enough, twice as warm."""
    few = Parameters(hot=50.0, cold=0.03, warm_iterations=400.0)
    routes.search(arrays, SolveOptions(seconds=60, max_iterations=1600), parameters=few)
    assert Recorder.last == pytest.approx([0.06 * arrays.spacing] * len(Recorder.last))
    assert len(Recorder.last) >= 4


def test_the_first_iterations_of_a_limited_time_tell_how_warm_it_ends(arrays: RouteArrays) -> None:
    """Nothing is known of a search before its first twentieth is over."""
    few = Parameters(hot=50.0, cold=0.03, warm_iterations=1e12)
    routes.search(arrays, SolveOptions(seconds=0.5), parameters=few)
    assert Recorder.last[0] == pytest.approx(0.03 * arrays.spacing)
    assert Recorder.last[-1] == pytest.approx(routes.WARMEST * arrays.spacing)


@pytest.mark.parametrize(
    ("given", "iterations", "last"),
    [
        ({"hot": 50.0, "warm_iterations": 4000.0}, 1000.0, 0.06),
        ({"hot": 50.0, "warm_iterations": 4000.0}, 40_000.0, 0.03),
        ({"hot": 50.0, "warm_iterations": 4000.0}, 0.0, 0.3),
        ({"hot": 0.1, "warm_iterations": 4000.0}, 1.0, 0.1),
        ({}, 1.0, 0.03),
    ],
)
def test_how_warm_a_cooling_ends(given: dict[str, float], iterations: float, last: float) -> None:
    """By the root of how many are missing, up to 0.3 and the first temperature; not by default."""
    assert routes._last(Parameters(cold=0.03, **given), iterations) == pytest.approx(last)  # type: ignore[arg-type]
