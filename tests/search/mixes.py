"""Random small problems over all features of the routing problem."""

from __future__ import annotations

from typing import Any

import numpy as np

from router.freight.routes.problem import (
    BackhaulRule,
    Depot,
    Group,
    Location,
    RoutingProblem,
    Shipment,
    ShipmentStop,
    VehicleType,
    Visit,
)
from router.matrix import UNREACHABLE, Euclidean, GreatCircle, Matrix, RoundMode, Travel
from router.timewindow import TimeWindow

HORIZON = 1000


class Mix:
    """Draws one problem; which features it has is drawn first.

    Each feature is present with even chance, so that every pair of features
    meets in a few dozen problems.
    """

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        names = (
            "windows two_windows service release prizes groups skills fleet limits durations "
            "depots open_end reloads collect dims shifts matrix profiles holes backhaul tight"
        )
        self.has = {name: self.coin() for name in names.split()}
        self.shape = self.rng.choice(["visits", "shipments", "both"], p=[0.6, 0.2, 0.2])

    def coin(self, chance: float = 0.5) -> bool:
        """Return whether an event of the chance happens."""
        return bool(self.rng.random() < chance)

    def whole(self, low: int, high: int) -> int:
        """Return a whole number in [low, high]."""
        return int(self.rng.integers(low, high + 1))

    def problem(self) -> RoutingProblem:
        """Return the problem."""
        self.dims = 2 if self.has["dims"] else 1
        visits = self.whole(1, 9) if self.shape != "shipments" else 0
        shipments = self.whole(1, 4) if self.shape != "visits" else 0
        depots = 2 if self.has["depots"] else 1
        size = depots + visits + 2 * shipments
        xs, ys = self.rng.integers(0, 60, size).astype(float), self.rng.integers(0, 60, size)
        places = tuple(
            Location(f"l{k}", float(x), float(y))
            for k, (x, y) in enumerate(zip(xs, ys, strict=True))
        )
        jobs = [f"l{k}" for k in range(depots, size)]
        groups = self.groups(visits)
        grouped = {name for group in groups for name in group.visits}
        travel = self.travel(xs, ys.astype(float), depots)
        return RoutingProblem(
            locations=places,
            depots=tuple(self.depot(k) for k in range(depots)),
            vehicle_types=tuple(
                self.vehicle(k, depots, tuple(travel))
                for k in range(self.whole(1, 3) if self.has["fleet"] else 1)
            ),
            travel=travel,
            visits=tuple(self.visit(k, jobs[k], f"v{k}" in grouped) for k in range(visits)),
            shipments=tuple(
                self.shipment(k, jobs[visits + 2 * k], jobs[visits + 2 * k + 1])
                for k in range(shipments)
            ),
            groups=groups,
            dimensions=("a", "b")[: self.dims],
            backhaul=BackhaulRule(str(self.rng.choice([*BackhaulRule])))
            if self.has["backhaul"]
            else BackhaulRule.MIXED,
        )

    def travel(self, xs: Any, ys: Any, depots: int) -> dict[str, Travel]:
        """Return the profiles: straight, great circles, or any matrix."""
        if not self.has["matrix"]:
            mode = RoundMode.FLOOR if self.coin() else RoundMode.NEAREST
            if self.coin(0.2):
                return {"default": GreatCircle(xs / 100, ys / 100, 20.0, 1.3)}
            return {"default": Euclidean(xs, ys, 1.0, mode)}
        found: dict[str, Travel] = {}
        for name in ("default", "slow")[: 2 if self.has["profiles"] else 1]:
            table = self.rng.integers(1, 80, (len(xs), len(xs)))
            np.fill_diagonal(table, 0)
            if self.has["holes"]:
                hole = self.rng.random(table.shape) < 0.1
                hole[:depots] = hole[:, :depots] = False
                table[hole] = UNREACHABLE
            other = table if self.coin() else self.rng.integers(1, 80, table.shape)
            found[name] = Matrix(table.astype(np.int64), other.astype(np.int64))
        return found

    def window(self, width: int) -> TimeWindow:
        """Return a window of at most the width in the horizon."""
        start = self.whole(0, HORIZON - width)
        return TimeWindow(start, start + self.whole(0, width))

    def windows(self) -> tuple[TimeWindow, ...]:
        """Return the windows of a stop."""
        if not self.has["windows"] or self.coin(0.3):
            return ()
        if not self.has["two_windows"]:
            return (self.window(300),)
        early, late = self.whole(0, 300), self.whole(500, 900)
        return TimeWindow(early, early + self.whole(0, 150)), TimeWindow(late, late + 80)

    def load(self, most: int = 6) -> tuple[int, ...]:
        """Return a load of each dimension."""
        return tuple(self.whole(0, most) for _ in range(self.dims))

    def skills(self) -> frozenset[str]:
        """Return the skills that a job asks for."""
        return frozenset({"s"}) if self.has["skills"] and self.coin(0.3) else frozenset()

    def prize(self) -> int | None:
        """Return a prize, or None: required."""
        return self.whole(0, 150) if self.has["prizes"] and self.coin(0.6) else None

    def visit(self, k: int, place: str, grouped: bool) -> Visit:
        """Return visit ``v<k>``."""
        collects = self.has["collect"] and self.coin()
        return Visit(
            id=f"v{k}",
            location=place,
            deliver=() if collects and self.coin(0.7) else self.load(),
            collect=self.load() if collects else (),
            windows=self.windows(),
            service=self.whole(0, 20) if self.has["service"] else 0,
            release=self.whole(0, 200) if self.has["release"] else 0,
            prize=None if grouped else self.prize(),
            skills=self.skills(),
        )

    def shipment(self, k: int, start: str, end: str) -> Shipment:
        """Return shipment ``p<k>``."""
        service = 10 if self.has["service"] else 0
        return Shipment(
            id=f"p{k}",
            pickup=ShipmentStop(location=start, windows=self.windows(), service=service),
            delivery=ShipmentStop(location=end, windows=self.windows(), service=service),
            load=self.load(),
            prize=self.prize(),
            skills=self.skills(),
        )

    def groups(self, visits: int) -> tuple[Group, ...]:
        """Return an exclusive group of the first two or three visits."""
        if not self.has["groups"] or visits < 3:
            return ()
        required = self.coin()
        names = tuple(f"v{k}" for k in range(self.whole(2, 3)))
        return (Group(id="g", visits=names, required=required, prize=0 if required else 70),)

    def depot(self, k: int) -> Depot:
        """Return depot ``d<k>``."""
        window = TimeWindow(self.whole(0, 50), 1500) if self.has["shifts"] else TimeWindow()
        service = 7 if self.has["service"] else 0
        return Depot(id=f"d{k}", location=f"l{k}", window=window, service=service)

    def vehicle(self, k: int, depots: int, profiles: tuple[str, ...]) -> VehicleType:
        """Return vehicle type ``t<k>``."""
        limits, durations = self.has["limits"], self.has["durations"]
        reloads = tuple(f"d{d}" for d in range(depots)) if self.has["reloads"] else ()
        return VehicleType(
            id=f"t{k}",
            count=None if self.coin(0.3) else self.whole(1, 2 if self.has["tight"] else 8),
            start=f"d{self.whole(0, depots - 1)}",
            end=None if self.has["open_end"] and self.coin() else f"d{self.whole(0, depots - 1)}",
            capacity=() if self.coin(0.1) else tuple(self.whole(6, 18) for _ in range(self.dims)),
            shift=TimeWindow(self.whole(0, 60), 1400) if self.has["shifts"] else TimeWindow(),
            fixed_cost=self.whole(0, 100) if self.has["fleet"] else 0,
            distance_cost=self.whole(0, 3) if self.has["fleet"] else 1,
            duration_cost=self.whole(0, 2) if durations else 0,
            max_distance=self.whole(150, 500) if limits and self.coin() else None,
            max_duration=self.whole(150, 600) if durations and self.coin() else None,
            max_stops=self.whole(2, 6) if limits and self.coin() else None,
            reload_depots=reloads,
            max_reloads=self.whole(0, 3) if self.coin() else None,
            skills=frozenset({"s"}) if self.coin() else frozenset(),
            profile=str(self.rng.choice(profiles)),
        )
