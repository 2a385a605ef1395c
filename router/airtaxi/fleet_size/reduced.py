"""An operator's day as a network of steps and charge levels.

What the reduced model keeps, rounds and leaves out is stated in
``docs/airtaxi_model.md``; every rounding is against the fleet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from router.airtaxi.charging import seconds_to
from router.airtaxi.fleet import AircraftType
from router.airtaxi.fleet_size.limits import Limits
from router.airtaxi.fleet_size.network import ChargeArc, Ints, Leg, Network, charge_arcs
from router.airtaxi.fleet_size.timetable import Timetable, gather
from router.airtaxi.network import Corridor, Vertiport
from router.airtaxi.problem import AirTaxiProblem
from router.errors import Violations
from router.timewindow import TimeWindow

LEVELS = 32
"""Steps of charge between the reserve and full."""
MOST_NODES = 2_000_000
"""Sites times steps times levels of the largest network."""


class ChargingPolicy(StrEnum):
    """How long aircraft charge."""

    PARTIAL = "partial"
    """As long as suits the plan."""
    TO_80 = "to_80"
    """As long as suits, but never above 80 % of the battery."""
    FULL = "full"
    """To full after each flight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """A day in steps and levels."""

    network: Network
    limits: Limits
    timetable: Timetable
    sites: tuple[str, ...]
    legs: tuple[tuple[str, str], ...]
    seats: int
    step_s: int


def reduce(
    problem: AirTaxiProblem,
    *,
    step_s: int = 300,
    aircraft_type: str | None = None,
    policy: ChargingPolicy = ChargingPolicy.PARTIAL,
) -> Reduction:
    """Return the day in steps of ``step_s`` seconds for one type of aircraft.

    Parameters
    ----------
    step_s
        60 to 3,600 seconds.
    aircraft_type
        Id; ``None``: the only one that the fleet has.

    Raises
    ------
    InvalidInput
        For what the reduced model cannot represent.
    """
    kind = _kind(problem, step_s, aircraft_type, policy)
    level_wh = _level_wh(kind)
    top = LEVELS if policy is not ChargingPolicy.TO_80 else _level_at_80(kind, level_wh)
    last = (problem.horizon.end - problem.horizon.start) // step_s
    sites = {v.id: i for i, v in enumerate(problem.vertiports)}
    days = _Days(problem, kind, step_s, last, policy is ChargingPolicy.FULL)
    corridors = sorted(
        (c for c in problem.corridors if c.steps(kind.id)), key=lambda c: sites[c.origin]
    )
    made = [days.leg(c, sites, level_wh) for c in corridors]
    charges = tuple(_charges(v, kind, level_wh, top, step_s) for v in problem.vertiports)
    network = Network(
        last_step=last, levels=top + 1, legs=tuple(leg for leg, _ in made), charges=charges
    )
    keys = tuple(c.key for c in corridors)
    return Reduction(
        network=network,
        limits=_limits(problem, step_s, tuple(down for _, down in made)),
        timetable=gather(problem, keys, network, step_s, kind),
        sites=tuple(sites),
        legs=keys,
        seats=kind.seats,
        step_s=step_s,
    )


def _kind(
    problem: AirTaxiProblem, step_s: int, wanted: str | None, policy: ChargingPolicy
) -> AircraftType:
    """Return the type to size the fleet with, or refuse what cannot be reduced."""
    found = Violations()
    flown = sorted({a.type for a in problem.aircraft})
    if wanted is not None and wanted not in problem.type:
        found.add("UNKNOWN_ID", "aircraft_type", f"{wanted!r} is no type; give one of the types.")
    elif wanted is None and len(flown) != 1:
        sentence = f"are of types {', '.join(flown)}; name the one to size a fleet of."
        found.add("UNSUPPORTED_MIXED_FLEET", "aircraft", sentence)
    kind = problem.type.get(wanted or flown[0])
    if kind is not None and kind.needs_pilot and problem.pilots:
        found.add("UNSUPPORTED_PILOTS", "pilots", "are not part of fleet sizing; leave them out.")
    if kind is not None and any(a.downtimes for a in problem.aircraft):
        sentence = "have downtimes, which fleet sizing does not know; leave them out."
        found.add("UNSUPPORTED_DOWNTIMES", "aircraft", sentence)
    length = problem.horizon.end - problem.horizon.start
    if not 60 <= step_s <= 3600:
        found.add("OUT_OF_RANGE", "step", f"is {step_s} s; give 60 to 3600.")
    elif len(problem.vertiports) * (length // step_s) * (LEVELS + 1) > MOST_NODES:
        found.add("NETWORK_TOO_LARGE", "step", f"of {step_s} s is too short for this day.")
    if policy is ChargingPolicy.FULL:
        for i, vertiport in enumerate(problem.vertiports):
            if not vertiport.chargers:
                sentence = "has no charger; charging to full after each flight needs one."
                found.add("NO_CHARGER", f"vertiports[{i}].chargers", sentence)
    found.raise_if_any()
    assert kind is not None
    return kind


def _level_wh(kind: AircraftType) -> int:
    """Return the watt-hours of a level, rounded down."""
    return max(1, (kind.battery_wh - kind.reserve_wh) // LEVELS)


def _level_at_80(kind: AircraftType, level_wh: int) -> int:
    return max(0, min(LEVELS, (kind.battery_wh * 8 // 10 - kind.reserve_wh) // level_wh))


def _power_w(vertiport: Vertiport) -> int:
    """Return the power of the weakest charger; each serves like it."""
    return min(group.power_w for group in vertiport.chargers)


def _charges(
    vertiport: Vertiport, kind: AircraftType, level_wh: int, top: int, step_s: int
) -> tuple[ChargeArc, ...]:
    """Return the charges at a vertiport, up to the highest level that they reach."""
    if not vertiport.chargers:
        return ()
    minutes = []
    for level in range(top):
        start = kind.reserve_wh + level * level_wh
        seconds = seconds_to(kind.curve, _power_w(vertiport), start, start + level_wh)
        if seconds is None:
            break
        minutes.append(max(1, seconds) / 60)
    return charge_arcs(minutes, step_s / 60) if minutes else ()


@dataclass(frozen=True, slots=True)
class _Days:
    """Makes legs: when departures are possible, how long they last, what they burn."""

    problem: AirTaxiProblem
    kind: AircraftType
    step_s: int
    last: int
    to_full: bool

    def leg(self, corridor: Corridor, sites: dict[str, int], level_wh: int) -> tuple[Leg, Ints]:
        """Return the leg of a corridor, and the steps to touch-down."""
        steps, burn, down = (np.zeros(self.last + 1, np.int32) for _ in range(3))
        origin = self.problem.vertiport[corridor.origin]
        destination = self.problem.vertiport[corridor.destination]
        idle = max(self.kind.turnaround_s, self.kind.connect_s + self.kind.disconnect_s)
        for step in range(self.last + 1):
            leaves = self.problem.horizon.start + step * self.step_s
            leaves += origin.taxi_s + origin.takeoff_s
            flight = corridor.step(self.kind.id, leaves)
            if flight is None or not _open(origin, destination, corridor, leaves, flight.seconds):
                continue
            lands = leaves + flight.seconds - self.problem.horizon.start - step * self.step_s
            full = lands + destination.landing_s + destination.taxi_s + idle
            down[step] = lands // self.step_s
            burn[step] = -(-flight.energy_wh // level_wh)
            if self.to_full and burn[step] <= LEVELS:
                full += self._fill(destination, int(burn[step]), level_wh)
                burn[step] = 0
            steps[step] = -(-full // self.step_s)
        return Leg(sites[corridor.origin], sites[corridor.destination], steps, burn), down

    def _fill(self, vertiport: Vertiport, burned: int, level_wh: int) -> int:
        """Return the seconds to the highest level from so many levels below."""
        top = self.kind.reserve_wh + LEVELS * level_wh
        seconds = None
        while seconds is None:  # The last watt-hours may never come.
            seconds = seconds_to(self.kind.curve, _power_w(vertiport), top - burned * level_wh, top)
            top -= 1
        return seconds


def _open(
    origin: Vertiport, destination: Vertiport, corridor: Corridor, leaves: int, seconds: int
) -> bool:
    """Return whether pads and corridor are open for a departure."""
    lands = leaves + seconds
    takeoff = TimeWindow(leaves - origin.takeoff_s, leaves)
    landing = TimeWindow(lands, lands + destination.landing_s)
    if origin.opening_around(takeoff) is None or destination.opening_around(landing) is None:
        return False
    return all(lands <= c.start or leaves >= c.end for c in corridor.closures)


def _limits(problem: AirTaxiProblem, step_s: int, touch_down: tuple[Ints, ...]) -> Limits:
    stands, chargers, movements = [], [], []
    for vertiport in problem.vertiports:
        stands.append(vertiport.stands)
        count = sum(group.count for group in vertiport.chargers)
        if vertiport.power_limit_w is not None and vertiport.chargers:
            each = max(group.grid_w(_power_w(vertiport)) for group in vertiport.chargers)
            count = min(count, vertiport.power_limit_w // each)
        chargers.append(count)
        longest = max(1, vertiport.takeoff_s, vertiport.landing_s)
        movements.append(math.floor(vertiport.pads * step_s / longest))
    return Limits(
        stands=np.array(stands, np.int32),
        chargers=np.array(chargers, np.int32),
        movements=np.array(movements, np.int32),
        touch_down=touch_down,
    )
