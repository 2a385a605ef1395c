"""What aircraft share on a simulated day: pads, stands, chargers, power, corridor entries."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field

from router.airtaxi.charging import charge, drawn_w
from router.airtaxi.fleet import AircraftType
from router.airtaxi.network import ChargerGroup, Vertiport
from router.timewindow import TimeWindow

Hold = tuple[int, int]
"""[start, end) in seconds."""
NEVER = 2**40


@dataclass(frozen=True, slots=True)
class Plug:
    """A charging session that runs."""

    group: ChargerGroup
    kind: AircraftType
    start: int
    power_w: int
    soc_wh: int
    """At the start."""

    def level(self, moment: int) -> int:
        """Return the state of charge at a moment."""
        return charge(self.kind.curve, self.power_w, self.soc_wh, moment - self.start)

    def grid_w(self, moment: int) -> int:
        """Return the grid power that it draws at a moment."""
        return self.group.grid_w(drawn_w(self.kind.curve, self.power_w, self.level(moment)))


@dataclass(slots=True)
class Site:
    """One vertiport on one day."""

    port: Vertiport
    closures: list[TimeWindow]
    """Unforeseen ones; each is known from its start on."""
    pads: list[Hold] = field(default_factory=list)
    """Taken, by start."""
    promises: list[Hold] = field(default_factory=list)
    """When aircraft in the air are expected to land; departures leave them room."""
    plugs: dict[str, Plug] = field(default_factory=dict)
    """By aircraft."""
    standing: int = 0
    queue: list[str] = field(default_factory=list)
    """Aircraft that have landed and wait for a stand."""
    waiting: list[str] = field(default_factory=list)
    """Aircraft that wait for something here to be released."""

    def pad_free_at(self, start: int, seconds: int, now: int, *, landing: bool = False) -> int:
        """Return the first moment from ``start`` on at which a pad is free for so long.

        Who is ``landing`` now need not leave room for those who are expected.
        """
        self.pads = [h for h in self.pads if h[1] > now]
        holds = self.pads if landing else [*self.pads, *self.promises]
        while seconds > 0:
            met = [h for h in holds if h[0] < start + seconds and start < h[1]]
            moments = sorted({start, *(h[0] for h in met if h[0] > start)})
            full = any(sum(1 for a, b in met if a <= m < b) >= self.port.pads for m in moments)
            if not full:
                break
            start = min(h[1] for h in met)
        return start

    def hold_pad(self, start: int, seconds: int) -> None:
        """Take a pad."""
        if seconds > 0:
            insort(self.pads, (start, start + seconds))

    def promise_pad(self, start: int, seconds: int) -> Hold:
        """Note that a landing is expected."""
        hold = (start, start + seconds)
        self.promises.append(hold)
        return hold

    def forget_promise(self, hold: Hold) -> None:
        """Forget that a landing is expected: the aircraft is there."""
        if hold in self.promises:
            self.promises.remove(hold)

    def open_at(self, start: int, seconds: int, now: int) -> int:
        """Return the first moment from ``start`` on at which a pad may be used for so long.

        Closures count that have begun by ``now``.
        """
        known = [c for c in self.closures if c.start <= now]
        while True:
            later = self._opening(start, seconds)
            if later >= NEVER:
                return NEVER
            met = [c.end + 1 for c in known if c.start <= later + seconds and later <= c.end]
            if not met:
                return later
            start = max(met)

    def _opening(self, start: int, seconds: int) -> int:
        if not self.port.opening:
            return start
        fits = [
            max(start, w.start) for w in self.port.opening if max(start, w.start) + seconds <= w.end
        ]
        return min(fits, default=NEVER)

    def free_chargers(self, group: ChargerGroup) -> int:
        """Return how many chargers of a group are free."""
        return group.count - sum(1 for p in self.plugs.values() if p.group.id == group.id)

    def power_left_w(self, moment: int) -> int:
        """Return the grid power that is left at a moment."""
        if self.port.power_limit_w is None:
            return NEVER
        return self.port.power_limit_w - sum(p.grid_w(moment) for p in self.plugs.values())
