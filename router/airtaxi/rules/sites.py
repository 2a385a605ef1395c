"""Rules of what aircraft share: pads, stands, chargers, power, corridors.

Every hold is half-open, so a sweep in the order of time lets go before it takes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from router.airtaxi.network import Vertiport
from router.airtaxi.rules.day import Day, Leg, Session
from router.airtaxi.rules.filling import level_after, power_at
from router.errors import Violations

Hold = tuple[int, int]


def check_sites(day: Day, found: Violations) -> None:
    """Check every shared resource."""
    for port in day.problem.vertiports:
        at = found.at(f"vertiports[{port.id}]")
        _pads(day, port, at)
        _stands(day, port, at)
        sessions = [s for s in day.sessions if s.port is port]
        for group in port.chargers:
            holds = [(s.charge.start, s.charge.end) for s in sessions if s.group is group]
            for since, most in excesses(holds, group.count):
                at.add(
                    "CHARGERS",
                    f"chargers[{group.id}]",
                    f"{most} sessions from {since} on; there are {group.count} chargers.",
                )
        _power(port, sessions, at)
    _headways(day, found)


def excesses(holds: Iterable[Hold], limit: int) -> list[tuple[int, int]]:
    """Return (moment, count) of each time that more than ``limit`` hold at once.

    One entry for each unbroken time above the limit: when it starts, and the
    most holders within it.
    """
    events = [(moment, change) for a, b in holds if a < b for moment, change in ((a, 1), (b, -1))]
    found: list[tuple[int, int]] = []
    held, above = 0, False
    for moment, change in sorted(events):
        held += change
        if held > limit and not above:
            found.append((moment, held))
        elif held > limit:
            found[-1] = (found[-1][0], max(found[-1][1], held))
        above = held > limit
    return found


def _pads(day: Day, port: Vertiport, at: Violations) -> None:
    holds = [leg.takeoff_pad for leg in day.legs if leg.origin is port]
    holds += [leg.landing_pad for leg in day.legs if leg.destination is port]
    for since, most in excesses(holds, port.pads):
        at.add(
            "PADS", "pads", f"{most} movements at once from {since} on; there are {port.pads} pads."
        )


def _stands(day: Day, port: Vertiport, at: Violations) -> None:
    end = day.problem.horizon.end
    holds = [(s, t) for tail in day.tails for p, s, t in tail.stays(end) if p == port.id]
    for since, most in excesses(holds, port.stands):
        at.add(
            "STANDS", "stands", f"{most} aircraft from {since} on; there are {port.stands} stands."
        )


def _power(port: Vertiport, sessions: list[Session], at: Violations) -> None:
    """Compare the drawn power with the limit at each start.

    Between starts every session's power can only fall, so no other moment can
    be the first above the limit.
    """
    if port.power_limit_w is None:
        return
    for moment in sorted({s.charge.start for s in sessions}):
        running = [s for s in sessions if s.charge.start <= moment < s.charge.end]
        drawn = sum(_grid_w(s, moment) for s in running)
        if drawn > port.power_limit_w:
            at.add(
                "SITE_POWER",
                "power_limit_w",
                f"{drawn} W are drawn at {moment}; the limit is {port.power_limit_w} W.",
            )


def _grid_w(session: Session, moment: int) -> int:
    charge, points = session.charge, session.kind.curve.points
    if not 0 <= charge.soc_before_wh <= session.kind.battery_wh or charge.power_w <= 0:
        return 0
    level = level_after(points, charge.power_w, charge.soc_before_wh, moment - charge.start)
    power = power_at(points, charge.power_w, level)
    efficiency = session.group.efficiency_permille
    return (power * 1000 + efficiency - 1) // efficiency


def _headways(day: Day, found: Violations) -> None:
    entries: dict[tuple[str, str], list[Leg]] = defaultdict(list)
    for leg in day.legs:
        entries[leg.corridor.key].append(leg)
    for legs in entries.values():
        legs.sort(key=lambda n: n.flight.departure)
        for before, after in pairwise(legs):
            apart = after.flight.departure - before.flight.departure
            if apart < after.corridor.headway_s:
                found.add(
                    "HEADWAY",
                    f"{after.path}.departure",
                    f"is {apart} s after {before.path} into the same corridor; "
                    f"keep {after.corridor.headway_s} s.",
                )
