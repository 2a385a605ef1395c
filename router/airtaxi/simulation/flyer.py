"""One aircraft on a simulated day: where it is in its program, and with what charge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from router.airtaxi.fleet import Aircraft, AircraftType
from router.airtaxi.schedule import Charge, Flight
from router.airtaxi.simulation.resources import NEVER, Hold

Item = Flight | Charge


class State(Enum):
    """What an aircraft is doing."""

    AWAY = auto()
    """Its day has not begun."""
    STANDS = auto()
    PLUGGED = auto()
    FLIES = auto()
    """From off-block to on-block."""


@dataclass(slots=True)
class Leg:
    """The flight that an aircraft is on."""

    off_block: int
    departure: int
    seconds: int
    energy_wh: int
    promise: Hold
    """Of a pad at the destination."""
    expected_on: int
    trips: list[str]
    walk_ups: list[str]
    knock_on_s: int
    landing: int = 0
    off_stand_at: int = NEVER
    """When it stops to wait for a stand."""
    holding_s: int = 0


@dataclass(slots=True)
class Flyer:
    """The state of one aircraft."""

    tail: Aircraft
    kind: AircraftType
    program: list[Item]
    """Its flights and sessions in the order of time."""
    place: str
    soc_wh: int
    state: State = State.AWAY
    at: int = 0
    """The item of the program that is next, or runs."""
    turned: int = 0
    """On-block plus turnaround."""
    ready: int = 0
    """The same with what the turnaround took longer."""
    plug_from: int = 0
    unplugged: int = 0
    """End of the last session plus the time to disconnect."""
    extra: bool = False
    """Whether the running session is not of the program."""
    leg: Leg | None = None
    flown: int = 0
    """Flights so far."""

    def next_flight(self) -> Flight | None:
        """Return the next flight after what runs."""
        first = self.at + (self.state is State.FLIES)
        return next((i for i in self.program[first:] if isinstance(i, Flight)), None)

    def need_wh(self, expected_wh: Callable[[Flight], int]) -> int:
        """Return the charge with which all flights before the next session can be flown."""
        need, final = self.kind.reserve_wh, True
        for item in self.program[self.at + 1 if self._charging() else self.at :]:
            if isinstance(item, Charge):
                final = False
                break
            need += expected_wh(item)
        if final:
            need += max(0, self.tail.final_soc_wh - self.kind.reserve_wh)
        return need

    def _charging(self) -> bool:
        return self.at < len(self.program) and isinstance(self.program[self.at], Charge)

    def clear_of_downtimes(self, start: int, end: int) -> int:
        """Return the first moment from ``start`` on from which so long a use meets no downtime."""
        for down in self.tail.downtimes:
            if start <= down.window.end and down.window.start <= end:
                start, end = down.window.end + 1, end + down.window.end + 1 - start
        return start
