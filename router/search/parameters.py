"""Parameters of the route search."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from router.search.problem import Feature, Kind

PAIRED_LOOKS = 50_000
"""Neighbours in all, with shipments, as long as each stop has 50 to 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What steers ruin, recreate and annealing.

    Defaults follow Christiaens and Vanden Berghe 2020
    (doi:10.1287/trsc.2019.0914) where not said otherwise.
    """

    mean_removed: float = 10.0
    """Mean stops removed an iteration, > 0."""
    longest_string: int = 10
    """Most stops removed from one route, >= 1."""
    split_rate: float = 0.5
    """Share of strings that spare some stops in their middle, in [0, 1]."""
    split_depth: float = 0.01
    """Chance of each further spared stop, in [0, 1)."""
    blink_rate: float = 0.01
    """Chance that a place is overlooked, in [0, 1)."""
    neighbours: int = 40
    """Neighbours of a stop next to which it may be inserted, >= 1."""
    hot: float = 10.0
    """First temperature, in mean distances to the nearest neighbour, > 0."""
    cold: float = 0.05
    """Last temperature, same unit, > 0."""
    warm_iterations: float = 0.0
    """Iterations for each stop in one cooling below which it ends warmer than ``cold``, by the
    root of how many are missing, >= 0: few ones would be spent where nothing changes any more."""
    retry: int = 12
    """Most jobs that are left out which an iteration tries to insert, >= 0."""

    open_rate: float = 0.0
    """Share of iterations that open a route, in [0, 1]: no job alone may be worth a
    vehicle that many together are."""
    tail_rate: float = 0.0
    """Share of iterations that exchange the tails of two routes, in [0, 1]."""
    crowd: float = 0.0
    """What each route in use weighs beyond its cost, in temperatures above twice the last
    one, >= 0: there are more plans with many half-empty routes than with few full ones, so that
    a hot search keeps too many."""
    appeal: float = 0.0
    """What each optional job left out weighs beyond its prize where routes hold twenty stops,
    in the same unit, >= 0; up to twice as much where they hold fewer, less where more. Routes of
    a hot search are long, so that what will pay in good ones seems not to, and a route once given
    up hardly comes back."""
    shrink_rate: float = 0.0
    """Share of iterations that hand ruined routes to the cheapest unused vehicle of another
    type that holds what is left, in [0, 1]."""
    fit_rate: float = 1.0
    """Share of iterations that offer each changed route the unused vehicles of other
    types, in [0, 1]."""
    trade_rate: float = 0.0
    """Share of iterations in which a ruined route and another exchange vehicles, in [0, 1]."""
    refit_rate: float = 0.0
    """Share of exchanges of tails that choose the vehicles of both routes anew or cut a
    route in two, in [0, 1]."""

    @classmethod
    def tuned(cls, kind: Kind, features: Feature, stops: int) -> Parameters:
        """Return the parameters for a kind of problem with so many stops.

        Found on public instances of 200 to 1,000 stops at equal time; the
        comparisons stand in ``docs/decisions``, 0100 to 0137.
        """
        fleet, optional = bool(features & Feature.FLEET), bool(features & Feature.OPTIONAL)
        opens = 0.02 if optional else 0.05 if fleet else 0.0
        if kind is Kind.PAIRED:
            near = min(max(PAIRED_LOOKS // max(stops, 1), 50), 100)
            return cls(
                neighbours=near, hot=50.0, cold=0.03, warm_iterations=4000.0, open_rate=opens,
                fit_rate=0.1, tail_rate=0.3,
            )  # fmt: skip
        if kind is Kind.GENERAL and features & Feature.RELOADS:
            return cls(hot=5.0, cold=0.1, open_rate=0.1)
        if kind is Kind.GENERAL:
            return cls(hot=15.0, cold=0.03, open_rate=opens)
        if kind is Kind.PLAIN and features & Feature.BACKHAUL:
            return cls(
                neighbours=100, hot=10.0, cold=0.1, open_rate=opens, fit_rate=0.3, tail_rate=0.4,
                crowd=30.0 if fleet or optional else 0.0,  # all others begin with full vehicles
            )  # fmt: skip
        if kind is Kind.PLAIN and fleet:
            return cls(
                hot=15.0, cold=0.1, open_rate=0.25, shrink_rate=0.3, fit_rate=0.3, tail_rate=0.3,
                trade_rate=0.2, refit_rate=0.8,
            )  # fmt: skip
        if kind is Kind.PLAIN and optional:
            return cls(hot=4.0, cold=0.1, open_rate=0.3, tail_rate=0.1, crowd=60.0, appeal=0.5)
        if kind is Kind.PLAIN:
            return cls(mean_removed=7.0, hot=4.0, cold=0.05, tail_rate=0.2, crowd=60.0)
        if optional:
            return cls(
                neighbours=80, hot=8.0, open_rate=0.3, fit_rate=0.1, tail_rate=0.3, appeal=0.5
            )
        hot, opens = (5.0, 0.1) if fleet else (10.0, 0.2)
        return cls(neighbours=80, hot=hot, open_rate=opens, fit_rate=0.1, tail_rate=0.3)

    def __post_init__(self) -> None:
        if not (self.mean_removed > 0 and self.longest_string >= 1 and self.neighbours >= 1):
            raise ValueError(
                "mean_removed, longest_string and neighbours must be positive; "
                f"they are {self.mean_removed}, {self.longest_string}, {self.neighbours}."
            )
        if not (
            0 <= self.blink_rate < 1 and 0 <= self.split_rate <= 1 and 0 <= self.split_depth < 1
        ):
            raise ValueError("blink_rate, split_rate and split_depth must be shares below 1.")
        for name in (name for name in self.__slots__ if name.endswith("_rate")):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be a share; it is {getattr(self, name)}.")
        for name in ("crowd", "appeal", "warm_iterations"):
            if not 0 <= getattr(self, name) < inf:
                text = f"{name} must be a number that is not negative; it is {getattr(self, name)}."
                raise ValueError(text)
        if not (0 < self.cold <= self.hot and self.retry >= 0):
            raise ValueError(f"0 < cold <= hot is needed; they are {self.cold} and {self.hot}.")
