"""Drive the compiled search: construct, anneal until the deadline, report, stop."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from math import inf, sqrt

from router._core import RouteSearch
from router.search.parameters import Parameters
from router.search.problem import ArrayRoute, ArraySolution, Item, RouteArrays
from router.solving import Monitor, Progress, Silent, SolveOptions

SLICE_SECONDS = 0.1
"""Longest time between two looks at the monitor."""
EXCHANGES = 20
"""Times in a search at which threads compare their plans."""
PASSES = (1, 2, 4, 10)
"""How many times a search may cool; divisors of ``EXCHANGES``."""
PASS_ITERATIONS = 20_000
"""Iterations for each stop that pay within one cooling; with more, another one finds a
better plan than a slower one does."""
WARMEST = 0.3
"""Highest last temperature of a cooling that ends warmer for its few iterations, in mean
distances to the nearest neighbour."""
UNLIMITED = 2**62
GRACE_SECONDS = 0.1
"""Most time beyond the limit for a first plan that serves everything."""

Start = Sequence[tuple[int, Sequence[Item]]]
"""A plan to start from: the vehicle type and the items of each route."""


def search(
    arrays: RouteArrays,
    options: SolveOptions,
    monitor: Monitor | None = None,
    initial: Start = (),
    *,
    parameters: Parameters | None = None,
    opened: float | None = None,
) -> ArraySolution:
    """Search for the cheapest plan and return the best one found.

    Parameters
    ----------
    arrays
        The problem.
    options
        Limits, seed and threads. With ``max_iterations`` each thread does so
        many and the temperature follows their count, so that the result does
        not depend on the clock unless the time limit comes first.
    monitor
        Hears of progress at most ten times a second and may stop the search.
    initial
        A plan to start from; what breaks a rule is dropped and repaired.
    parameters
        Defaults where ``None``.
    opened
        ``time.monotonic()`` when the solve began, to which the time limit
        counts; now where ``None``.
    """
    run = _Run(
        arrays=arrays,
        options=options,
        monitor=monitor or Silent(),
        parameters=parameters or Parameters.tuned(arrays.kind, arrays.features, arrays.stops),
        opened=time.monotonic() if opened is None else opened,
    )
    run.start(initial)
    run.anneal()
    return run.solution()


@dataclass(slots=True, kw_only=True)
class _Run:
    """One search in progress: an engine a thread, and what was reported."""

    arrays: RouteArrays
    options: SolveOptions
    monitor: Monitor
    parameters: Parameters
    opened: float
    engines: list[RouteSearch] = field(default_factory=list)
    curve: list[tuple[float, int]] = field(default_factory=list)
    stopped: bool = False
    passes: int = 1
    each: float = inf
    """Iterations for each stop in one cooling, as far as is known."""

    @property
    def closes(self) -> float:
        return self.opened + self.options.seconds

    def start(self, initial: Start) -> None:
        """Give each engine its seed and a first plan."""
        for k in range(self.options.threads):
            seed = self.options.seed + k * 1_000_003
            engine = RouteSearch(self.arrays, self.parameters, seed)
            if initial:
                engine.load(initial, self.closes)
            engine.construct(self.closes + GRACE_SECONDS)
            self.engines.append(engine)
        self._report()

    def anneal(self) -> None:
        """Run all engines in slices until time, iterations or monitor end it.

        The search cools anew in each pass; where time is the limit, the iterations of the
        first stage tell how many passes there will be.
        """
        planned = self.options.max_iterations
        if planned is not None:
            self._cool(planned)
        with ThreadPoolExecutor(len(self.engines)) as pool:  # one engine needs no thread of it
            for share in range(1, EXCHANGES + 1):
                moment = self.opened + self.options.seconds * share / EXCHANGES
                count = UNLIMITED if planned is None else planned * share // EXCHANGES
                while not self._reached(self.closes if planned else moment, count):
                    until = min(time.monotonic() + SLICE_SECONDS, self.closes)
                    if planned is None:
                        until = min(until, moment)
                    slice_ = partial(self._slice, until=until, count=count, stage=share - 1)
                    others = [pool.submit(slice_, engine) for engine in self.engines[1:]]
                    slice_(self.engines[0])
                    for other in others:
                        other.result()
                    self._report()
                if self.stopped or time.monotonic() >= self.closes:
                    return
                if planned is None and share == 1:
                    self._cool(EXCHANGES * min(engine.iterations for engine in self.engines))
                self._exchange()

    def _cool(self, iterations: int) -> None:
        """Choose how often to cool in so many iterations."""
        self.passes = _passes(iterations, self.arrays.stops)
        self.each = iterations / self.passes / max(1, self.arrays.stops)

    def _reached(self, moment: float, count: int) -> bool:
        self.stopped = self.stopped or self.monitor.stopped()
        done = all(engine.iterations >= count for engine in self.engines)
        return self.stopped or done or time.monotonic() >= moment

    def _slice(self, engine: RouteSearch, until: float, count: int, stage: int) -> None:
        spacing, passed = self.arrays.spacing, stage * self.passes // EXCHANGES
        planned, opened, closes = self.options.max_iterations or 0, self.opened, self.closes
        if not planned:
            length = self.options.seconds / self.passes
            opened, closes = opened + passed * length, opened + (passed + 1) * length
        engine.run(
            until,
            count,
            opened,
            closes,
            planned // self.passes,
            self.parameters.hot * spacing,
            _last(self.parameters, self.each) * spacing,
            begun=planned * passed // self.passes,
        )

    def _exchange(self) -> None:
        """Let the engine that stands worst go on from the best plan."""
        if len(self.engines) < 2:
            return
        best = self._best()
        worst = max(self.engines, key=lambda e: (e.best_missing, e.best_cost))
        if worst is not best and _rank(worst) > _rank(best):
            worst.restart([(kind, items) for _, kind, items in best.best()], self.closes)

    def _best(self) -> RouteSearch:
        return min(self.engines, key=_rank)

    def _report(self) -> None:
        best = self._best()
        seconds, known = time.monotonic() - self.opened, len(self.curve)
        if not best.best_missing and (not self.curve or best.best_cost < self.curve[-1][1]):
            self.curve.append((seconds, best.best_cost))
        self.monitor.report(
            Progress(
                seconds=seconds,
                objective=None if best.best_missing else float(best.best_cost),
                iterations=sum(engine.iterations for engine in self.engines),
                served=best.served,
                total=self.arrays.stops,
            ),
            self.solution if len(self.curve) > known else None,
        )

    def solution(self) -> ArraySolution:
        best = self._best()
        return ArraySolution(
            routes=tuple(ArrayRoute(slot, kind, tuple(items)) for slot, kind, items in best.best()),
            cost=best.best_cost,
            missing=best.best_missing,
            iterations=sum(engine.iterations for engine in self.engines),
            seconds=time.monotonic() - self.opened,
            stopped=self.stopped,
            curve=tuple(self.curve),
        )


def _passes(iterations: int, stops: int) -> int:
    """Return how many times so many iterations are enough to cool."""
    return max((k for k in PASSES if iterations >= k * PASS_ITERATIONS * stops), default=1)


def _last(parameters: Parameters, iterations: float) -> float:
    """Return the last temperature of a cooling with so many iterations for each stop."""
    warmer = parameters.cold * sqrt(parameters.warm_iterations / max(1.0, iterations))
    return max(parameters.cold, min(warmer, WARMEST, parameters.hot))


def _rank(engine: RouteSearch) -> tuple[int, int]:
    return engine.best_missing, engine.best_cost
