"""In which threads a search runs."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from router._core import RouteSearch
from router.search import routes
from router.search.problem import RouteArrays
from router.solving import SolveOptions
from tests.search.test_refit import fleet


class Noting:
    """A compiled search that notes the threads that drive it."""

    threads: set[str]

    def __init__(self, *given: Any) -> None:
        self._search = RouteSearch(*given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._search, name)

    def run(self, *given: Any, **named: Any) -> None:
        """Note the thread, then run."""
        Noting.threads.add(threading.current_thread().name)
        self._search.run(*given, **named)


@pytest.fixture
def arrays(monkeypatch: pytest.MonkeyPatch) -> RouteArrays:
    """Three stops, searched by engines that note their threads."""
    monkeypatch.setattr(routes, "RouteSearch", Noting)
    Noting.threads = set()
    van = {"capacity": (4,)}
    return fleet([10, 20, 30], van, van | {"distance_cost": 2}).arrays


def test_one_thread_is_the_callers(arrays: RouteArrays) -> None:
    """No other one is woken: under load each such turn costs as much as a small solve."""
    found = routes.search(arrays, SolveOptions(seconds=60, max_iterations=100, threads=1))
    assert found.iterations == 100
    assert Noting.threads == {threading.current_thread().name}


def test_each_further_thread_has_an_engine(arrays: RouteArrays) -> None:
    """Three threads of 100 iterations: the caller's works as well, at most two come to it."""
    found = routes.search(arrays, SolveOptions(seconds=60, max_iterations=100, threads=3))
    assert found.iterations == 300
    assert threading.current_thread().name in Noting.threads
    assert 2 <= len(Noting.threads) <= 3
