"""Who boards what: booked parties, late ones, those who lost their flight, walk-ups."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from router.airtaxi.demand import Trip
from router.airtaxi.fleet import AircraftType
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import Flight, FlightPlan
from router.airtaxi.simulation.outcome import Ride
from router.airtaxi.simulation.recovery import Recovery
from router.airtaxi.simulation.uncertainty import Draws


@dataclass(frozen=True, slots=True)
class Waiting:
    """A party without a flight of its own that waits for a seat."""

    trip: Trip
    since: int
    until: int
    booked: bool


@dataclass(frozen=True, slots=True)
class _Booking:
    """The flights of a booked party."""

    trip: Trip
    flights: list[Flight]


class Boarding:
    """All parties of one day."""

    def __init__(
        self, problem: AirTaxiProblem, plan: FlightPlan, draws: Draws, recovery: Recovery
    ) -> None:
        self.problem, self.recovery = problem, recovery
        self.bookings: dict[str, _Booking] = {}
        self.rides: dict[str, Ride] = {}
        self.lateness: dict[str, int | None] = {}
        for flight in sorted(plan.flights, key=lambda f: f.off_block):
            for name in flight.trips:
                trip = problem.trip[name]
                self.bookings.setdefault(name, _Booking(trip, [])).flights.append(flight)
        for name, booking in self.bookings.items():
            late = self.lateness[name] = draws.lateness(name)
            trip = booking.trip
            self.rides[name] = Ride(name, trip.party, trip.promised, came=late is not None)
        self.queue: dict[tuple[str, str], list[Waiting]] = defaultdict(list)
        self.walk_ups = {t.id: t for t in draws.walk_ups(problem)}
        self.flown_walk_ups: set[str] = set()
        for trip in self.walk_ups.values():
            waiting = Waiting(trip, trip.departure.start, trip.departure.end, booked=False)
            self.queue[trip.origin, trip.destination].append(waiting)
        self.aboard: dict[str, list[str]] = defaultdict(list)
        """By aircraft, those who stay for its next flight."""

    def complete_at(self, flight: Flight) -> int:
        """Return the moment until which a flight waits for its late parties."""
        late = [
            self.lateness[t] or 0 for t in flight.trips if self.bookings[t].flights[0] is flight
        ]
        return flight.off_block + min(max(late, default=0), self.recovery.hold_for_party_s)

    def board(self, flight: Flight, kind: AircraftType, now: int) -> tuple[list[str], list[str]]:
        """Return the booked parties and the walk-ups that leave with a flight."""
        on_board = [t for t in self.aboard.pop(flight.aircraft, []) if t in flight.trips]
        for name in flight.trips:
            if self.bookings[name].flights[0] is not flight:
                continue
            late = self.lateness[name]
            if late is None:
                continue
            if flight.off_block + late <= now:
                on_board.append(name)
                self._leave(name, now)
            else:
                self.rides[name] = replace(self.rides[name], late=True)
                self._wait(name, flight.origin, flight.off_block + late)
        on_board.sort(key=flight.trips.index)
        return on_board, self._fill(flight, kind, now, on_board)

    def _leave(self, name: str, now: int) -> None:
        ride, trip = self.rides[name], self.bookings[name].trip
        if ride.off_block is None:
            self.rides[name] = replace(ride, off_block=now, wait_s=now - trip.departure.start)

    def _wait(self, name: str, place: str, since: int) -> None:
        """Let a booked party wait for a seat on another flight."""
        trip = self.bookings[name].trip
        until = since + self.recovery.rebook_within_s
        self.queue[place, trip.destination].append(Waiting(trip, since, until, booked=True))

    def _fill(self, flight: Flight, kind: AircraftType, now: int, on_board: list[str]) -> list[str]:
        """Board those who wait for the same way while there is room; booked ones first."""
        parties = [self.bookings[t].trip for t in on_board]
        waiting = self.queue[flight.origin, flight.destination]
        walk_ups = []
        for w in sorted(waiting, key=lambda w: (not w.booked, w.since, w.trip.id)):
            seats = kind.seats - sum(p.party for p in parties)
            payload = kind.payload_kg - sum(p.weight_kg for p in parties)
            alone = not w.trip.may_share or any(not p.may_share for p in parties)
            if not w.since <= now <= w.until or (alone and parties):
                continue
            if w.trip.party > seats or w.trip.weight_kg > payload:
                continue
            waiting.remove(w)
            parties.append(w.trip)
            if w.booked:
                on_board.append(w.trip.id)
                self.rides[w.trip.id] = replace(self.rides[w.trip.id], rebooked=True)
                self._leave(w.trip.id, now)
            else:
                walk_ups.append(w.trip.id)
        return walk_ups

    def arrive(self, aircraft: str, place: str, now: int, on_board: list[str]) -> None:
        """Let parties alight at their destination; others stay for the next flight."""
        for name in on_board:
            booking = self.bookings[name]
            if booking.trip.destination == place:
                delay = now - booking.flights[-1].on_block
                self.rides[name] = replace(self.rides[name], on_block=now, delay_s=delay)
            else:
                self.aboard[aircraft].append(name)

    def lose(self, flight: Flight, place: str, now: int) -> None:
        """Let the parties of a cancelled flight wait for another."""
        staying = self.aboard.pop(flight.aircraft, [])
        for name in flight.trips:
            first = self.bookings[name].flights[0] is flight
            late = self.lateness[name]
            if first and late is not None:
                self._wait(name, flight.origin, max(now, flight.off_block + late))
            elif name in staying:
                self._wait(name, place, now)

    def earned(self) -> int:
        """Return the worth of all who were flown."""
        booked = [self.bookings[r.trip].trip for r in self.rides.values() if r.on_block is not None]
        others = [self.walk_ups[t] for t in self.flown_walk_ups]
        return sum(t.value for t in (*booked, *others))
