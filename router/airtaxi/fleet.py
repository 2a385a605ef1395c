"""Aircraft and the people who fly them."""

from __future__ import annotations

from dataclasses import dataclass

from router.airtaxi.charging import ChargeCurve
from router.timewindow import FOREVER, TimeWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class AircraftType:
    """Aircraft that do not differ but in place, time and charge."""

    id: str
    seats: int
    """Seats for passengers, >= 1."""
    payload_kg: int
    """Most weight of all parties on board, baggage included."""
    battery_wh: int
    """Usable energy when full, > 0."""
    reserve_wh: int
    """Least state of charge at landing, 0 to ``battery_wh``."""
    curve: ChargeCurve
    turnaround_s: int = 300
    """Least time on the stand between on-block and the next off-block."""
    connect_s: int = 0
    """Least time from on-block to the start of charging."""
    disconnect_s: int = 0
    """Least time from the end of charging to off-block."""
    cost_per_flight: int = 0
    cost_per_flight_s: int = 0
    """Cost of one second between departure and landing."""
    day_cost: int = 0
    """Cost of an aircraft that flies at all."""
    needs_pilot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Downtime:
    """An aircraft is neither flown nor charged, e.g. under maintenance."""

    window: TimeWindow
    vertiport: str | None = None
    """Where it has to stand; ``None``: anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aircraft:
    """One aircraft (tail)."""

    id: str
    type: str
    start: str
    """Vertiport on whose stand it is from ``available_from``."""
    soc_wh: int
    """State of charge at ``available_from``."""
    available_from: int = 0
    """Earliest off-block or charge."""
    available_until: int = FOREVER
    """Latest on-block."""
    downtimes: tuple[Downtime, ...] = ()
    end: str | None = None
    """Where it stands when the day ends; ``None``: anywhere."""
    final_soc_wh: int = 0
    """Least state of charge when the day ends, later charging included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """Someone who flies; works from base to base."""

    id: str
    base: str
    """Vertiport of the first off-block and the last on-block."""
    shift: TimeWindow
    """Contains every block time."""
    types: frozenset[str] = frozenset()
    """Types that the pilot may fly; empty: all."""
    max_duty_s: int = FOREVER
    """Longest time from first off-block to last on-block."""
    max_flight_s: int = FOREVER
    """Most time between departures and landings, summed."""
    max_work_s: int = FOREVER
    """Longest time from an off-block to an on-block without a break between."""
    break_s: int = 0
    """Least time between on-block and off-block that counts as a break."""
