"""Departures that a day asks for: timetable flights, and parties gathered to flights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from router.airtaxi.demand import Trip
from router.airtaxi.fleet import AircraftType
from router.airtaxi.fleet_size.network import Ints, Network
from router.airtaxi.problem import AirTaxiProblem
from router.timewindow import TimeWindow


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Timetable:
    """What is to be flown, int (legs, steps + 1)."""

    flights: Ints
    passengers: Ints
    """Who board them."""
    unflyable: tuple[str, ...]
    """Trips and timetable flights that no aircraft of the type can fly on its own."""


def gather(
    problem: AirTaxiProblem,
    legs: Sequence[tuple[str, str]],
    network: Network,
    step_s: int,
    kind: AircraftType,
) -> Timetable:
    """Gather parties to as few flights as possible, each leaving as late as it may.

    On each leg the party that has to leave first sets the step of a flight; the
    others who may share it and are there by then board in the order in which they
    have to leave, as far as seats and payload last. Parties are never split.
    """
    number = {leg: k for k, leg in enumerate(legs)}
    flights = np.zeros((len(legs), network.last_step + 1), np.int32)
    passengers = np.zeros_like(flights)
    unflyable: list[str] = []
    waiting: dict[int, list[_Waiting]] = {}
    for flight in problem.timetable:
        leg = number.get((flight.origin, flight.destination))
        steps = _possible(problem, network, leg, flight.off_block, step_s)
        if len(steps) and (not flight.types or kind.id in flight.types):
            flights[leg, steps[0]] += 1
        else:
            unflyable.append(flight.id)
    for trip in problem.trips:
        leg = number.get((trip.origin, trip.destination))
        steps = _possible(problem, network, leg, trip.departure, step_s)
        if len(steps) and trip.party <= kind.seats and trip.weight_kg <= kind.payload_kg:
            assert leg is not None
            waiting.setdefault(leg, []).append(_Waiting(int(steps[-1]), int(steps[0]), trip))
        else:
            unflyable.append(trip.id)
    for leg, parties in waiting.items():
        for step, aboard in _flights(parties, kind):
            flights[leg, step] += 1
            passengers[leg, step] += sum(trip.party for trip in aboard)
    return Timetable(flights=flights, passengers=passengers, unflyable=tuple(unflyable))


@dataclass(frozen=True, slots=True)
class _Waiting:
    latest: int
    earliest: int
    trip: Trip


def _flights(parties: list[_Waiting], kind: AircraftType) -> Iterable[tuple[int, list[Trip]]]:
    """Yield (step, parties on board) of the flights of one leg."""
    left = sorted(parties, key=lambda p: (p.latest, p.earliest, p.trip.id))
    while left:
        step, aboard, rest = left[0].latest, [left[0].trip], []
        for party in left[1:]:
            trips = [*aboard, party.trip]
            fits = party.earliest <= step and all(t.may_share for t in trips)
            fits = fits and sum(t.party for t in trips) <= kind.seats
            if fits and sum(t.weight_kg for t in trips) <= kind.payload_kg:
                aboard = trips
            else:
                rest.append(party)
        yield step, aboard
        left = rest


def _possible(
    problem: AirTaxiProblem, network: Network, leg: int | None, window: TimeWindow, step_s: int
) -> Ints:
    """Return the steps of a window at which the leg can be flown with a full battery.

    A moment belongs to the step that it lies in.
    """
    if leg is None:
        return np.empty(0, np.int32)
    first = max(0, (window.start - problem.horizon.start) // step_s)
    last = min(network.last_step, (window.end - problem.horizon.start) // step_s)
    steps = np.arange(first, last + 1)
    able = network.departures[leg, first : last + 1]
    able = able & (network.legs[leg].burn[first : last + 1] < network.levels)
    return steps[able].astype(np.int32)
