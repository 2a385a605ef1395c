"""Rules of each flight on its own: moments, energy, opening, closures, cabin."""

from __future__ import annotations

from router.airtaxi.rules.day import Day, Leg
from router.errors import Violations
from router.timewindow import TimeWindow


def check_flights(day: Day, found: Violations) -> None:
    """Check every flight."""
    for leg in day.legs:
        at = found.at(leg.path)
        _moments(leg, at)
        _horizon(day, leg, at)
        _open(leg, at)
        _closures(leg, at)
        _cabin(day, leg, at)


def _moments(leg: Leg, at: Violations) -> None:
    flight, origin, destination = leg.flight, leg.origin, leg.destination
    step = leg.corridor.step(leg.kind.id, flight.departure)
    assert step is not None
    wanted = (
        ("departure", flight.departure, flight.off_block + origin.taxi_s + origin.takeoff_s),
        ("landing", flight.landing, flight.departure + step.seconds),
        ("on_block", flight.on_block, flight.landing + destination.landing_s + destination.taxi_s),
    )
    for name, stated, right in wanted:
        if stated != right:
            at.add(
                "FLIGHT_TIMES", name, f"is {stated}; after the moment before it must be {right}."
            )
    if flight.energy_wh != step.energy_wh:
        at.add(
            "FLIGHT_ENERGY",
            "energy_wh",
            f"is {flight.energy_wh}; a departure at {flight.departure} takes {step.energy_wh} Wh.",
        )


def _horizon(day: Day, leg: Leg, at: Violations) -> None:
    horizon = day.problem.horizon
    if leg.flight.off_block < horizon.start or leg.flight.on_block > horizon.end:
        at.add(
            "HORIZON",
            "off_block",
            f"the flight leaves the horizon {horizon.start} to {horizon.end}.",
        )


def _open(leg: Leg, at: Violations) -> None:
    for port, (start, end), what in (
        (leg.origin, leg.takeoff_pad, "take-off"),
        (leg.destination, leg.landing_pad, "landing"),
    ):
        inside = any(w.start <= start and end <= w.end for w in port.opening)
        if port.opening and not inside:
            at.add(
                "VERTIPORT_CLOSED",
                "departure" if what == "take-off" else "landing",
                f"the {what} from {start} to {end} is outside the opening of {port.id}.",
            )


def _closures(leg: Leg, at: Violations) -> None:
    flight = leg.flight
    if flight.departure > flight.landing:
        return
    flown = TimeWindow(flight.departure, flight.landing)
    for closure in leg.corridor.closures:
        if closure.overlaps(flown):
            at.add(
                "CORRIDOR_CLOSED",
                "departure",
                f"the corridor is closed from {closure.start} to {closure.end}; "
                f"the flight is in it from {flown.start} to {flown.end}.",
            )


def _cabin(day: Day, leg: Leg, at: Violations) -> None:
    parties = [day.problem.trip[t] for t in leg.flight.trips]
    passengers = sum(p.party for p in parties)
    weight = sum(p.weight_kg for p in parties)
    if passengers > leg.kind.seats:
        at.add(
            "SEATS",
            "trips",
            f"hold {passengers} passengers; {leg.kind.id} has {leg.kind.seats} seats.",
        )
    if weight > leg.kind.payload_kg:
        at.add(
            "PAYLOAD",
            "trips",
            f"weigh {weight} kg; {leg.kind.id} carries {leg.kind.payload_kg} kg.",
        )
    if len(parties) > 1:
        for party in parties:
            if not party.may_share:
                at.add("NOT_SHARED", "trips", f"{party.id} does not share, and is not alone.")
