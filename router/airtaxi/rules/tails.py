"""Rules of each aircraft through its day: place, time, charge."""

from __future__ import annotations

from router.airtaxi.rules.day import Day, Leg, Session, Tail
from router.airtaxi.rules.filling import level_after
from router.errors import Violations


def check_tails(day: Day, found: Violations) -> None:
    """Check every aircraft, those that never fly too."""
    for tail in day.tails:
        _chain(tail, found)
        _availability(tail, found)
        _downtimes(day, tail, found)
        _end(tail, found)
        _sessions(day, tail, found)
        _soc(tail, found)


def _chain(tail: Tail, found: Violations) -> None:
    place, ready = tail.aircraft.start, tail.aircraft.available_from
    for i, leg in enumerate(tail.legs):
        flight, at = leg.flight, found.at(leg.path)
        if flight.origin != place:
            at.add("PLACE", "origin", f"is {flight.origin}, but {flight.aircraft} is at {place}.")
        if i and flight.off_block < ready:
            at.add(
                "TURNAROUND",
                "off_block",
                f"is {flight.off_block}; after the flight before it is ready at {ready}.",
            )
        place, ready = flight.destination, flight.on_block + tail.kind.turnaround_s


def _availability(tail: Tail, found: Violations) -> None:
    since, until = tail.aircraft.available_from, tail.aircraft.available_until
    used = [(leg.path, leg.flight.off_block, leg.flight.on_block) for leg in tail.legs]
    used += [(s.path, s.charge.start, s.charge.end) for s in tail.sessions]
    for path, start, end in used:
        if start < since or end > until:
            found.add(
                "AVAILABILITY",
                path,
                f"lasts from {start} to {end}; {tail.aircraft.id} is there {since} to {until}.",
            )


def _downtimes(day: Day, tail: Tail, found: Violations) -> None:
    used = [(leg.path, leg.flight.off_block, leg.flight.on_block) for leg in tail.legs]
    used += [(s.path, s.charge.start, s.charge.end) for s in tail.sessions]
    for down in tail.aircraft.downtimes:
        start, end = down.window.start, down.window.end
        for path, since, to in used:
            if since <= end and start <= to:
                found.add(
                    "DOWNTIME", path, f"{tail.aircraft.id} is not to be used from {start} to {end}."
                )
        if down.vertiport is None:
            continue
        stays = tail.stays(max(day.problem.horizon.end, end))
        if not any(p == down.vertiport and s <= start and end <= t for p, s, t in stays):
            found.add(
                "DOWNTIME",
                tail.path,
                f"must stand at {down.vertiport} from {start} to {end}, and does not.",
            )


def _end(tail: Tail, found: Violations) -> None:
    place = tail.legs[-1].flight.destination if tail.legs else tail.aircraft.start
    if tail.aircraft.end is not None and place != tail.aircraft.end:
        found.add("END_PLACE", tail.path, f"ends its day at {place}, not at {tail.aircraft.end}.")


def _sessions(day: Day, tail: Tail, found: Violations) -> None:
    for i, session in enumerate(tail.sessions):
        charge, at = session.charge, found.at(session.path)
        if charge.start >= charge.end:
            at.add("CHARGE_TIMES", "end", f"is {charge.end}, not after the start {charge.start}.")
        if i and charge.start < tail.sessions[i - 1].charge.end:
            at.add(
                "CHARGE_TIMES", "start", f"is {charge.start}, before the session before has ended."
            )
        if charge.start < day.problem.horizon.start or charge.end > day.problem.horizon.end:
            at.add("HORIZON", "start", "the session leaves the horizon.")
        if not 0 < charge.power_w <= session.group.power_w:
            at.add(
                "CHARGE_POWER",
                "power_w",
                f"is {charge.power_w}; give 1 to the charger's {session.group.power_w} W.",
            )
        _stay(tail, session, at)


def _stay(tail: Tail, session: Session, at: Violations) -> None:
    """Check that the aircraft stands at the charger, connected, all the time."""
    charge, kind = session.charge, tail.kind
    before = [leg for leg in tail.legs if leg.flight.off_block < charge.end]
    place = before[-1].flight.destination if before else tail.aircraft.start
    since = before[-1].flight.on_block + kind.connect_s if before else tail.aircraft.available_from
    after = next((leg for leg in tail.legs if leg.flight.off_block >= charge.end), None)
    if place != charge.vertiport:
        at.add("CHARGE_PLACE", "vertiport", f"is {charge.vertiport}; the aircraft is at {place}.")
    if charge.start < since:
        at.add(
            "CHARGE_TIMES",
            "start",
            f"is {charge.start}; the aircraft is connected from {since} on.",
        )
    if after is not None and charge.end + kind.disconnect_s > after.flight.off_block:
        at.add(
            "CHARGE_TIMES",
            "end",
            f"is {charge.end}; with {kind.disconnect_s} s to disconnect the flight "
            f"off block at {after.flight.off_block} is late.",
        )


def _soc(tail: Tail, found: Violations) -> None:
    events: list[tuple[int, int, Leg | Session]] = [
        (leg.flight.off_block, 1, leg) for leg in tail.legs
    ]
    events += [(s.charge.start, 0, s) for s in tail.sessions]
    level = tail.aircraft.soc_wh
    for _, _, event in sorted(events, key=lambda e: (e[0], e[1])):
        at = found.at(event.path)
        stated = event.flight if isinstance(event, Leg) else event.charge
        if stated.soc_before_wh != level:
            at.add(
                "SOC_CHAIN",
                "soc_before_wh",
                f"is {stated.soc_before_wh}; it was left at {level} Wh.",
            )
        level = stated.soc_after_wh
        if isinstance(event, Leg):
            _flown(event, at)
        else:
            _charged(event, at)
    if level < tail.aircraft.final_soc_wh:
        found.add(
            "FINAL_SOC",
            tail.path,
            f"ends its day with {level} Wh, below {tail.aircraft.final_soc_wh} Wh.",
        )


def _flown(leg: Leg, at: Violations) -> None:
    flight = leg.flight
    right = flight.soc_before_wh - flight.energy_wh
    if flight.soc_after_wh != right:
        at.add(
            "SOC_CHAIN",
            "soc_after_wh",
            f"is {flight.soc_after_wh}; before minus energy is {right} Wh.",
        )
    if flight.soc_after_wh < leg.kind.reserve_wh:
        at.add(
            "RESERVE",
            "soc_after_wh",
            f"is {flight.soc_after_wh}; {leg.kind.id} keeps at least {leg.kind.reserve_wh} Wh.",
        )


def _charged(session: Session, at: Violations) -> None:
    charge, battery = session.charge, session.kind.battery_wh
    if not 0 <= charge.soc_before_wh <= battery:
        at.add("CHARGE_ENERGY", "soc_before_wh", f"is {charge.soc_before_wh}; give 0 to {battery}.")
        return
    right = level_after(
        session.kind.curve.points,
        max(0, charge.power_w),
        charge.soc_before_wh,
        max(0, charge.end - charge.start),
    )
    if charge.soc_after_wh != right:
        at.add(
            "CHARGE_ENERGY",
            "soc_after_wh",
            f"is {charge.soc_after_wh}; {charge.end - charge.start} s at up to "
            f"{charge.power_w} W lead to {right} Wh.",
        )
