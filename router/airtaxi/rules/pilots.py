"""Rules of pilots, where the problem plans them."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from router.airtaxi.fleet import Pilot
from router.airtaxi.rules.day import Day, Leg
from router.errors import Violations


def check_pilots(day: Day, found: Violations) -> None:
    """Check who flies each flight, and every pilot's day."""
    if not day.problem.pilots:
        return
    pilots = {p.id: p for p in day.problem.pilots}
    duties: dict[str, list[Leg]] = defaultdict(list)
    for leg in sorted(day.legs, key=lambda n: n.flight.off_block):
        at = found.at(leg.path)
        name = leg.flight.pilot
        if name is None:
            if leg.kind.needs_pilot:
                at.add("PILOT_MISSING", "pilot", f"is not named; {leg.kind.id} needs one.")
        elif name not in pilots:
            at.add("UNKNOWN_ID", "pilot", f"names {name!r}, which is no pilot.")
        else:
            duties[name].append(leg)
            if pilots[name].types and leg.kind.id not in pilots[name].types:
                at.add("PILOT_TYPE", "pilot", f"{name} may not fly {leg.kind.id}.")
    for name, legs in duties.items():
        _duty(pilots[name], legs, found.at(f"pilots[{name}]"))


def _duty(pilot: Pilot, legs: list[Leg], at: Violations) -> None:
    first, last = legs[0].flight, legs[-1].flight
    if (first.origin, last.destination) != (pilot.base, pilot.base):
        at.add(
            "PILOT_PLACE",
            "",
            f"works from {first.origin} to {last.destination}; base is {pilot.base}.",
        )
    for a, b in pairwise(legs):
        if b.flight.off_block < a.flight.on_block:
            at.add("PILOT_OVERLAP", "", f"flies {a.path} and {b.path} at once.")
        if b.flight.origin != a.flight.destination:
            at.add("PILOT_PLACE", "", f"is at {a.flight.destination}, not where {b.path} leaves.")
    if first.off_block < pilot.shift.start or last.on_block > pilot.shift.end:
        at.add("PILOT_SHIFT", "", f"works outside {pilot.shift.start} to {pilot.shift.end}.")
    duty = last.on_block - first.off_block
    if duty > pilot.max_duty_s:
        at.add("PILOT_DUTY", "", f"is on duty for {duty} s; the most is {pilot.max_duty_s} s.")
    flown = sum(leg.flight.landing - leg.flight.departure for leg in legs)
    if flown > pilot.max_flight_s:
        at.add("PILOT_FLIGHT_TIME", "", f"flies {flown} s; the most is {pilot.max_flight_s} s.")
    _breaks(pilot, legs, at)


def _breaks(pilot: Pilot, legs: list[Leg], at: Violations) -> None:
    since = legs[0].flight.off_block
    for before, leg in zip([None, *legs], legs, strict=False):
        if before is not None and leg.flight.off_block - before.flight.on_block >= pilot.break_s:
            since = leg.flight.off_block
        worked = leg.flight.on_block - since
        if worked > pilot.max_work_s:
            at.add(
                "PILOT_WORK",
                "",
                f"works {worked} s without a break until {leg.path}; "
                f"the most is {pilot.max_work_s} s.",
            )
