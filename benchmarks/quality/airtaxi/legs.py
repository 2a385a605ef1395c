"""What arcs between flights cost and last: the day's numbers that the routing peer is told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.airtaxi.pooled import Pooled, block
from router.airtaxi.fleet import AircraftType
from router.airtaxi.network import Corridor
from router.airtaxi.problem import AirTaxiProblem

SHARE = 0.7
"""Of the battery, up to which it is charged; fuller ones stay so until they fly."""

ENERGY_WH = 100
"""Watt-hours in which energy is paid, so that its price is a whole number."""

BARRED = 10**7
"""Seconds of an arc that nobody can fly: beyond every horizon."""

Ints = NDArray[np.int64]
Spans = list[tuple[int, int]]
"""Closed intervals of seconds, ascending."""


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the model: where aircraft start or end, a downtime, or a flight."""

    origin: int
    """Vertiport by position; -1: anywhere."""
    destination: int
    lasts: int = 0
    """Seconds of a downtime."""
    flight: Pooled | None = None
    end: bool = False


@dataclass(frozen=True, slots=True)
class Arcs:
    """Of one type, from node (row) to node (column): the node itself, then the way to the next."""

    cost: Ints
    """Of the flights, energy left out, minor units."""
    time: Ints
    """From off-block to off-block at the earliest, s."""
    charge: Ints
    """The same with as much charging as the next flight and an empty one before it burn, s."""
    energy: Ints
    """Burnt, ``ENERGY_WH``."""


class Legs:
    """Seconds, energy, costs and charging of one type, at the most of the day."""

    def __init__(self, problem: AirTaxiProblem, kind: AircraftType) -> None:
        self.kind = kind
        port = {v.id: i for i, v in enumerate(problem.vertiports)}
        size = (len(port), len(port))
        self.seconds = np.full(size, BARRED, np.int64)
        self.energy = np.zeros(size, np.int64)
        self.cost = np.zeros(size, np.int64)
        for c in problem.corridors:
            if steps := c.steps(kind.id):
                at = port[c.origin], port[c.destination]
                self.seconds[at] = block(problem, c, kind)[1]
                self.energy[at] = max(s.energy_wh for s in steps)
                self.cost[at] = (
                    kind.cost_per_flight
                    + kind.cost_per_flight_s * max(s.seconds for s in steps)
                    + problem.vertiport[c.destination].landing_fee
                )
        plug = kind.connect_s + kind.disconnect_s
        bare = max(plug, kind.turnaround_s)
        self.plug = np.array([plug if v.chargers else bare for v in problem.vertiports], np.int64)
        """Seconds of a stay at each vertiport in which nothing is charged."""
        best = [max(g.power_w for g in v.chargers) for v in problem.vertiports if v.chargers]
        full = int(SHARE * kind.battery_wh)
        self.power = max(1, min([kind.curve.power_w(full), *best]))
        begins = [a.soc_wh for a in problem.aircraft if a.type == kind.id]
        self.battery_s = self.charge_s(max([full, *begins]) - kind.reserve_wh)
        """Seconds of charging that the battery holds above the reserve."""

    def charge_s(self, energy_wh: int) -> int:
        """Return how long charging takes, rounded up; of a surplus (below 0), down."""
        return -(-energy_wh * 3600 // self.power)

    def arcs(self, nodes: list[Node], scale: int) -> Arcs:
        """Return what arcs cost and last between all nodes; money is divided by ``scale``."""
        here = np.array([n.destination for n in nodes])[:, None]
        there = np.array([n.origin for n in nodes])[None, :]
        stays = ~np.array([n.end for n in nodes])[None, :]
        empty = (here != there) & (here >= 0) & (there >= 0)
        flies = np.array([n.flight is not None for n in nodes])[:, None]
        own = tuple(np.array([(n.origin, n.destination) for n in nodes]).T)
        lasts = np.where(flies, self.seconds[own][:, None], [[n.lasts] for n in nodes])
        burnt = np.where(flies, self.energy[own][:, None], 0)
        spent = np.where(flies, self.cost[own][:, None], 0)
        moves = lasts + np.where(empty, self.seconds[here, there], 0)
        positioning = np.where(empty, self.energy[here, there], 0)
        # A stay after the flight unless the day ends there, and one after the empty flight.
        after, later = flies & (empty | stays), empty & stays
        turn = self.kind.turnaround_s
        time = moves + turn * (after.astype(np.int64) + later)
        charge = moves + np.where(after, self.plug[here], 0) + np.where(later, self.plug[there], 0)
        charge += -(-(burnt.T + positioning) * 3600 // self.power)
        return Arcs(
            (spent + np.where(empty, self.cost[here, there], 0)) // scale,
            time,
            np.maximum(time, charge),
            -(-(burnt + positioning) // ENERGY_WH),
        )


def open_moments(problem: AirTaxiProblem, corridor: Corridor, kind: AircraftType) -> Spans:
    """Return when a type can go off block into a corridor, whatever the wind of the day."""
    here, there = problem.vertiport[corridor.origin], problem.vertiport[corridor.destination]
    seconds = [s.seconds for s in corridor.steps(kind.id)]
    out = here.taxi_s + here.takeoff_s
    lands, stops = out + min(seconds), out + max(seconds) + there.landing_s
    begin, end = problem.horizon.start, problem.horizon.end
    found = [(begin, end - stops - there.taxi_s)]
    if here.opening:
        found = both(found, [(w.start - here.taxi_s, w.end - out) for w in here.opening])
    if there.opening:
        found = both(found, [(w.start - lands, w.end - stops) for w in there.opening])
    for shut in corridor.closures:
        before, after = shut.start - out - max(seconds) - 1, shut.end - out + 1
        found = both(found, [(begin, before), (after, end)])
    return found


def both(one: Spans, other: Spans) -> Spans:
    """Return the intervals that lie in both."""
    parts = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return [(a, b) for a, b in parts if a <= b]
