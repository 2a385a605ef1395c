"""Tiny dock problems, and every plan that they admit."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from typing import Any

from router.freight.docks.check import check
from router.freight.docks.plan import (
    Appointment,
    DockPlan,
    MissedReason,
    MissedTransfer,
    Unassigned,
    UnassignedReason,
)
from router.freight.docks.problem import (
    CrewShift,
    Direction,
    DockProblem,
    Door,
    Transfer,
    Truck,
)
from router.solving import Cost
from router.timewindow import TimeWindow

HOUR = 3600
IN, OUT = Direction.INBOUND, Direction.OUTBOUND


def door(name: str = "D", **fields: Any) -> Door:
    """Return a door that takes everything at any time."""
    return Door(id=name, **fields)


def inbound(name: str, setup: int, **fields: Any) -> Truck:
    """Return an inbound truck that stands ``setup`` seconds at its door."""
    return Truck(id=name, direction=IN, setup=setup, **fields)


def outbound(name: str, setup: int, **fields: Any) -> Truck:
    """Return an outbound truck that stands ``setup`` seconds at its door."""
    return Truck(id=name, direction=OUT, setup=setup, **fields)


def problem(
    *trucks: Truck, doors: tuple[Door, ...] = (Door(id="D"),), **fields: Any
) -> DockProblem:
    """Return a problem with one door where none is given."""
    return DockProblem(doors=doors, trucks=trucks, **fields)


def slots(text: str, given: DockProblem) -> tuple[Appointment, ...]:
    """Return appointments from ``"truck@door:start ..."``, with the right ends."""
    handling = {truck.id: truck.handling for truck in given.trucks}
    found = []
    for word in text.split():
        truck, place = word.split("@")
        name, start = place.split(":")
        end = int(start) + handling.get(truck, 0)
        found.append(Appointment(truck=truck, door=name, start=int(start), end=end))
    return tuple(found)


def plan(given: DockProblem, text: str, *, missed: str = "", **fields: Any) -> DockPlan:
    """Return the plan of ``text`` with its true cost, and all else listed as left out."""
    appointments = slots(text, given)
    docked = {slot.truck for slot in appointments}
    left = [truck.id for truck in given.trucks if truck.id not in docked]
    fields = {"cost": Cost(0), "feasible": False} | fields
    bare = DockPlan(
        appointments=appointments,
        unassigned=tuple(Unassigned(name, (UnassignedReason.DOORS_BUSY,)) for name in left),
        missed=tuple(MissedTransfer(t, (MissedReason.NOT_IN_TIME,)) for t in missed.split()),
        **fields,
    )
    if fields["cost"].total:
        return bare
    from dataclasses import replace

    return replace(bare, cost=check(given, bare).cost)


def codes(given: DockProblem, text: str, **fields: Any) -> list[str]:
    """Return the codes of all violations of the plan of ``text``."""
    return [v.code for v in check(given, plan(given, text, **fields)).violations]


def every_plan(given: DockProblem, end: int) -> Iterator[DockPlan]:
    """Return every plan with starts in 0 to ``end``, feasible or not."""
    places = [f"@{d.id}:{start}" for d in given.doors for start in range(end + 1)]
    for chosen in product(["", *places], repeat=len(given.trucks)):
        words = [t.id + place for t, place in zip(given.trucks, chosen, strict=True) if place]
        for made in product([True, False], repeat=len(given.transfers)):
            ids = [t.id for t, yes in zip(given.transfers, made, strict=True) if not yes]
            yield plan(given, " ".join(words), missed=" ".join(ids))


def cheapest(given: DockProblem, end: int) -> int | None:
    """Return the least cost of a feasible plan, found by trying all."""
    reports = (check(given, one) for one in every_plan(given, end))
    return min((report.cost.total for report in reports if report.feasible), default=None)


def random_problem(seed: int, trucks: int, doors: int, transfers: int = 3) -> DockProblem:
    """Return a problem of a few seconds' length with all features mixed."""
    r = random.Random(seed)
    some = [_random_truck(r, f"t{i}") for i in range(trucks)]
    return DockProblem(
        doors=tuple(_random_door(r, f"d{i}") for i in range(doors)),
        trucks=tuple(some),
        transfers=_random_transfers(r, some, r.randint(0, transfers)),
        crews=r.choice(
            [
                (),
                (
                    CrewShift(window=TimeWindow(0, 5), count=r.randint(0, 2)),
                    CrewShift(window=TimeWindow(3, 12), count=r.randint(0, 2)),
                ),
            ]
        ),
        seconds_per_100_metres=r.choice([0, 1]),
        movement_cost=r.choice([0, 1000]),
    )


def _random_door(r: random.Random, name: str) -> Door:
    split = (TimeWindow(r.randint(0, 2), r.randint(4, 5)), TimeWindow(6, 12))
    return Door(
        id=name,
        directions=r.choice([frozenset({IN}), frozenset({OUT}), frozenset(Direction)]),
        capabilities=frozenset(c for c in "ab" if r.random() < 0.7),
        windows=r.choice([(), split]),
        x=r.randint(0, 2) * 100,
        y=r.randint(-1, 1) * 50,
        changeover=r.choice([0, 0, 1]),
    )


def _random_truck(r: random.Random, name: str) -> Truck:
    arrival = r.randint(0, 4)
    return Truck(
        id=name,
        direction=r.choice([IN, OUT]),
        arrival=TimeWindow(arrival, arrival + r.randint(0, 8)),
        release=r.choice([0, 0, r.randint(0, 6)]),
        due=r.randint(0, 8),
        deadline=r.choice([2**40, r.randint(3, 12)]),
        quantity=10,
        rate=r.choice([36_000, 18_000]),
        setup=r.choice([0, 1]),
        crews=r.randint(0, 2),
        requires=frozenset(c for c in "ab" if r.random() < 0.2),
        waiting_cost=r.choice([0, 100, 36_000]),
        tardiness_cost=r.choice([0, 5_000, 72_000]),
        penalty=r.choice([None, r.randint(0, 60)]),
    )


def _random_transfers(r: random.Random, trucks: list[Truck], count: int) -> tuple[Transfer, ...]:
    ins = [truck.id for truck in trucks if truck.direction is IN]
    outs = [truck.id for truck in trucks if truck.direction is OUT]
    if not (ins and outs):
        return ()
    return tuple(
        Transfer(
            id=f"x{i}",
            inbound=r.choice(ins),
            outbound=r.choice(outs),
            quantity=r.randint(0, 3),
            setup=r.randint(0, 2),
            penalty=r.choice([None, r.randint(0, 40)]),
        )
        for i in range(count)
    )
