"""Rules of trips and timetable flights."""

from __future__ import annotations

from collections import Counter, defaultdict

from router.airtaxi.demand import TimetableFlight, Trip
from router.airtaxi.rules.day import Day, Leg
from router.errors import Violations


def rides(day: Day) -> dict[str, list[Leg]]:
    """Return the flights of each trip on board of any, in the order of time."""
    by_trip: dict[str, list[Leg]] = defaultdict(list)
    for leg in sorted(day.legs, key=lambda n: n.flight.off_block):
        for trip in dict.fromkeys(leg.flight.trips):
            by_trip[trip].append(leg)
    return by_trip


def check_trips(day: Day, found: Violations) -> None:
    """Check every trip and every timetable flight."""
    order = {leg.path: i for tail in day.tails for i, leg in enumerate(tail.legs)}
    for leg in day.legs:
        for trip, times in Counter(leg.flight.trips).items():
            if times > 1:
                found.add("TRIP_SPLIT", f"{leg.path}.trips", f"name {trip} {times} times.")
    served = rides(day)
    for trip_id, legs in served.items():
        _ride(day.problem.trip[trip_id], legs, order, found)
    _unserved(day, set(served), found)
    _timetable(day, found)


def _ride(trip: Trip, legs: list[Leg], order: dict[str, int], found: Violations) -> None:
    at = found.at(f"trips[{trip.id}]")
    first, last = legs[0].flight, legs[-1].flight
    one = len({leg.flight.aircraft for leg in legs}) == 1
    places = [order[leg.path] for leg in legs]
    if not one or places != list(range(places[0], places[0] + len(legs))):
        at.add("TRIP_SPLIT", "", "is on flights that are no unbroken ride on one aircraft.")
        return
    if (first.origin, last.destination) != (trip.origin, trip.destination):
        at.add(
            "TRIP_ROUTE",
            "",
            f"goes from {trip.origin} to {trip.destination}, "
            f"but is flown from {first.origin} to {last.destination}.",
        )
    if len(legs) - 1 > trip.max_stops:
        at.add(
            "TRIP_STOPS", "", f"is flown with {len(legs) - 1} stops; it accepts {trip.max_stops}."
        )
    _times(trip, first.off_block, last.on_block, at)


def _times(trip: Trip, off_block: int, on_block: int, at: Violations) -> None:
    if off_block not in trip.departure:
        at.add(
            "TRIP_WINDOW",
            "",
            f"leaves at {off_block}, outside {trip.departure.start} to {trip.departure.end}.",
        )
    if trip.arrive_by is not None and on_block > trip.arrive_by:
        at.add("TRIP_ARRIVAL", "", f"arrives at {on_block}, after {trip.arrive_by}.")
    if trip.max_ride_s is not None and on_block - off_block > trip.max_ride_s:
        at.add("TRIP_RIDE", "", f"rides {on_block - off_block} s; the most is {trip.max_ride_s} s.")


def _unserved(day: Day, served: set[str], found: Violations) -> None:
    listed = Counter(u.trip for u in day.plan.unserved)
    for trip_id in listed:
        if trip_id not in day.problem.trip:
            found.add("UNKNOWN_ID", "unserved", f"names {trip_id!r}, which is no trip.")
        elif trip_id in served or listed[trip_id] > 1:
            found.add(
                "UNSERVED_LIST", "unserved", f"lists {trip_id}, which is served or listed before."
            )
    for item in day.plan.unserved:
        if not item.reasons:
            found.add("UNSERVED_LIST", "unserved", f"gives no reason for {item.trip}.")
    for trip in day.problem.trips:
        if trip.id in served:
            continue
        if trip.promised:
            found.add("PROMISE_BROKEN", f"trips[{trip.id}]", "is promised and not served.")
        if trip.id not in listed:
            found.add("UNSERVED_LIST", "unserved", f"lacks {trip.id}, which is not served.")


def _timetable(day: Day, found: Violations) -> None:
    flown: dict[str, list[Leg]] = defaultdict(list)
    known = {t.id: t for t in day.problem.timetable}
    for leg in day.legs:
        name = leg.flight.timetable
        if name is None:
            continue
        if name not in known:
            found.add(
                "UNKNOWN_ID", f"{leg.path}.timetable", f"names {name!r}, which is no flight of it."
            )
            continue
        flown[name].append(leg)
        _announced(known[name], leg, found.at(leg.path))
    for item in day.problem.timetable:
        if len(flown[item.id]) > 1:
            found.add(
                "TIMETABLE_TWICE", f"timetable[{item.id}]", "is flown by more than one flight."
            )
        if item.required and not flown[item.id]:
            found.add("TIMETABLE_MISSED", f"timetable[{item.id}]", "is required and not flown.")


def _announced(item: TimetableFlight, leg: Leg, at: Violations) -> None:
    flight = leg.flight
    if (flight.origin, flight.destination) != (item.origin, item.destination):
        at.add(
            "TIMETABLE_FLIGHT",
            "origin",
            f"{item.id} goes from {item.origin} to {item.destination}.",
        )
    if flight.off_block not in item.off_block:
        at.add(
            "TIMETABLE_FLIGHT",
            "off_block",
            f"is {flight.off_block}, outside {item.off_block.start} to {item.off_block.end}.",
        )
    if item.types and leg.kind.id not in item.types:
        at.add(
            "TIMETABLE_FLIGHT",
            "aircraft",
            f"is of type {leg.kind.id}, which may not fly {item.id}.",
        )
