"""One simulated day: events in the order of time, decided by the recovery rules.

Two orders of events at the same moment: what is released (landings, ends of sessions)
comes before what is tried, as holds are half-open.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from heapq import heappop, heappush

from router.airtaxi import tails
from router.airtaxi.charging import seconds_to
from router.airtaxi.network import ChargerGroup
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import Charge, Flight, FlightPlan
from router.airtaxi.simulation.boarding import Boarding
from router.airtaxi.simulation.flyer import Flyer, Leg, State
from router.airtaxi.simulation.outcome import Cancelled, DayOutcome, Flown
from router.airtaxi.simulation.recovery import Recovery
from router.airtaxi.simulation.resources import NEVER, Plug, Site
from router.airtaxi.simulation.uncertainty import Draws

RELEASE, TRY = 0, 1
AGAIN_S = 60
"""After so long an aircraft looks again whether what it waits for is there."""


class Day:
    """Flies a plan on one day."""

    def __init__(
        self, problem: AirTaxiProblem, plan: FlightPlan, draws: Draws, recovery: Recovery
    ) -> None:
        self.problem, self.plan, self.draws, self.recovery = problem, plan, draws, recovery
        closures = draws.closures(problem)
        self.sites = {v.id: Site(v, closures.get(v.id, [])) for v in problem.vertiports}
        self.flyers = {
            a.id: Flyer(a, problem.type[a.type], _program(plan, a.id), a.start, a.soc_wh)
            for a in problem.aircraft
        }
        self.number = {id(f): i for i, f in enumerate(plan.flights)}
        self.boarding = Boarding(problem, plan, draws, recovery)
        self.entries: dict[tuple[str, str], int] = {}
        self.crew = {p.id: (p.base, problem.horizon.start) for p in problem.pilots}
        self.began: dict[str, int] = {}
        self.flown: dict[int, Flown] = {}
        self.charges: list[Charge] = []
        self.margins: list[int] = []
        self.events: list[tuple[int, int, int, Callable[[Flyer], None], Flyer]] = []
        self.count = self.now = self.off_stand = 0

    def run(self) -> DayOutcome:
        """Return how the day turned out."""
        for flyer in self.flyers.values():
            self._at(flyer.tail.available_from, RELEASE, self._appear, flyer)
        while self.events:
            self.now, _, _, call, flyer = heappop(self.events)
            call(flyer)
        flown = [self.flown[i] for i in range(len(self.plan.flights))]
        actual = [f.actual for f in flown if f.actual is not None]
        actual.sort(key=lambda f: (f.aircraft, f.off_block))
        tabled = {f.timetable for f in actual}
        earned = self.boarding.earned()
        earned += sum(t.value for t in self.problem.timetable if t.id in tabled)
        return DayOutcome(
            day=self.draws.day,
            flights=tuple(flown),
            rides=tuple(self.boarding.rides.values()),
            charges=tuple(self.charges),
            margins_wh=tuple(self.margins),
            off_stand=self.off_stand,
            walk_ups=len(self.boarding.walk_ups),
            walk_ups_flown=len(self.boarding.flown_walk_ups),
            value=earned - tails.cost(self.problem, actual, self.charges).total,
        )

    # Events

    def _at(self, moment: int, order: int, call: Callable[[Flyer], None], flyer: Flyer) -> None:
        self.count += 1
        heappush(self.events, (max(moment, self.now), order, self.count, call, flyer))

    def _later(self, flyer: Flyer, moment: int) -> None:
        self._at(moment, TRY, self._go_on, flyer)

    def _wake(self, site: Site) -> None:
        for name in site.waiting:
            self._later(self.flyers[name], self.now)
        site.waiting.clear()

    def _wait(self, flyer: Flyer, site: Site, moment: int) -> None:
        """Try again when something is released at a vertiport, or at a moment."""
        if flyer.tail.id not in site.waiting:
            site.waiting.append(flyer.tail.id)
        self._later(flyer, max(moment, self.now + 1))

    def _appear(self, flyer: Flyer) -> None:
        flyer.state = State.STANDS
        self.sites[flyer.place].standing += 1
        self._later(flyer, self.now)

    def _go_on(self, flyer: Flyer) -> None:
        """Begin what is next in the program, or drop it, or wait."""
        while flyer.state is State.STANDS and flyer.at < len(flyer.program):
            item = flyer.program[flyer.at]
            dropped = (
                self._plug_in(flyer, item) if isinstance(item, Charge) else self._fly(flyer, item)
            )
            if not dropped:
                return
            flyer.at += 1

    # Charging

    def _plug_in(self, flyer: Flyer, item: Charge) -> bool:
        """Begin a session; true where it is dropped."""
        if item.vertiport != flyer.place:
            return True
        start = max(item.start, flyer.plug_from)
        start = flyer.clear_of_downtimes(start, start)
        if start > self.now:
            self._later(flyer, start)
            return False
        end = self._session_end(flyer, item)
        if end <= self.now:
            return True
        site = self.sites[flyer.place]
        group = site.port.charger(item.charger)
        assert group is not None
        if not self._start(flyer, group, item.power_w, end):
            self._wait(flyer, site, self.now + AGAIN_S)
        return False

    def _session_end(self, flyer: Flyer, item: Charge) -> int:
        """Return the end: as long as planned; cut at its planned end if the charge suffices."""
        planned = self.now + item.end - item.start
        seconds = seconds_to(
            flyer.kind.curve, item.power_w, flyer.soc_wh, flyer.need_wh(self._expected_wh)
        )
        enough = planned if seconds is None else self.now + seconds
        end = max(enough, min(planned, max(item.end, self.now)))
        downs = [d.window.start - 1 for d in flyer.tail.downtimes if d.window.start > self.now]
        return min(end, *downs, flyer.tail.available_until, self.problem.horizon.end)

    def _start(self, flyer: Flyer, group: ChargerGroup, power_w: int, end: int) -> bool:
        site = self.sites[flyer.place]
        plug = Plug(group, flyer.kind, self.now, power_w, flyer.soc_wh)
        if site.free_chargers(group) < 1 or plug.grid_w(self.now) > site.power_left_w(self.now):
            return False
        site.plugs[flyer.tail.id] = plug
        flyer.state = State.PLUGGED
        self._at(end, RELEASE, self._unplug, flyer)
        return True

    def _unplug(self, flyer: Flyer) -> None:
        site = self.sites[flyer.place]
        plug = site.plugs.pop(flyer.tail.id)
        after = plug.level(self.now)
        self.charges.append(
            Charge(
                aircraft=flyer.tail.id,
                vertiport=flyer.place,
                charger=plug.group.id,
                start=plug.start,
                end=self.now,
                power_w=plug.power_w,
                soc_before_wh=plug.soc_wh,
                soc_after_wh=after,
            )
        )
        flyer.soc_wh, flyer.state = after, State.STANDS
        flyer.unplugged = self.now + flyer.kind.disconnect_s
        flyer.at += 0 if flyer.extra else 1
        flyer.extra = False
        self._wake(site)
        self._later(flyer, self.now)

    def _top_up(self, flyer: Flyer, flight: Flight, least_wh: int) -> bool:
        """Charge beside the program for a flight that lacks charge; true if it is cancelled."""
        site, kind = self.sites[flyer.place], flyer.kind
        latest = flight.off_block + self.recovery.cancel_after_s - kind.disconnect_s
        if self.now < flyer.plug_from:
            self._later(flyer, flyer.plug_from)
            return False
        full = kind.curve.points[-1][0]
        for group in sorted(site.port.chargers, key=lambda g: -g.power_w):
            spare = site.power_left_w(self.now) * group.efficiency_permille // 1000
            power = min(group.power_w, spare)
            for target in (min(flyer.need_wh(self._expected_wh), full), least_wh):
                seconds = seconds_to(kind.curve, power, flyer.soc_wh, target) if power > 0 else None
                if seconds and self.now + seconds <= min(latest, flyer.tail.available_until):
                    flyer.extra = True
                    if self._start(flyer, group, power, self.now + seconds):
                        return False
                    flyer.extra = False
        if site.port.chargers and self.now + AGAIN_S <= latest and site.plugs:
            self._wait(flyer, site, self.now + AGAIN_S)
            return False
        return self._cancel(flyer, flight, Cancelled.ENERGY)

    # Flying

    def _fly(self, flyer: Flyer, flight: Flight) -> bool:
        """Go off block, or wait; true where the flight is cancelled."""
        if flight.origin != flyer.place:
            return self._cancel(flyer, flight, Cancelled.ELSEWHERE)
        latest = flight.off_block + self.recovery.cancel_after_s
        complete = self.boarding.complete_at(flight)
        moment = max(flight.off_block, flyer.ready, flyer.unplugged, complete)
        if min(moment, latest + 1) > self.now:
            self._later(flyer, min(moment, latest + 1))
            return False
        if self.now > latest:
            return self._cancel(flyer, flight, Cancelled.TOO_LATE)
        least = flyer.kind.reserve_wh + self._expected_wh(flight, self.now)
        if flyer.soc_wh < least:
            return self._top_up(flyer, flight, least)
        free, on_block, known = self._slot(flyer, flight)
        if free >= NEVER:
            return self._cancel(flyer, flight, Cancelled.CLOSED)
        if not self._crew_may(flight, on_block):
            return self._cancel(flyer, flight, Cancelled.PILOT)
        if free > self.now or not self._crew_is_here(flight):
            self._later(flyer, min(max(free, self.now + 1), latest + 1))
            return False
        if not self._stand_expected(flyer, flight, on_block):
            self._wait(flyer, self.sites[flight.destination], min(self.now + AGAIN_S, latest + 1))
            return False
        self._leave(flyer, flight, known, on_block)
        return False

    def _expected_wh(self, flight: Flight, off_block: int | None = None) -> int:
        """Return the energy that a flight should take in the day's wind."""
        corridor = self.problem.corridor[flight.origin, flight.destination]
        kind = self.flyers[flight.aircraft].kind
        departure = (flight.off_block if off_block is None else off_block) + self._lead(
            flight.origin
        )
        step = corridor.step(kind.id, departure)
        assert step is not None
        wind = self.draws.wind_factor(self.problem, corridor, step.seconds)
        return math.ceil(round(step.energy_wh * wind, 6))

    def _lead(self, origin: str) -> int:
        port = self.problem.vertiport[origin]
        return port.taxi_s + port.takeoff_s

    def _slot(self, flyer: Flyer, flight: Flight) -> tuple[int, int, int]:
        """Return the first off-block from now on that all known holds allow.

        With it the on-block and flight seconds that are expected then, wind included.
        """
        key = (flight.origin, flight.destination)
        corridor = self.problem.corridor[key]
        site, there = self.sites[flight.origin], self.sites[flight.destination]
        lead, out = self._lead(flight.origin), site.port.takeoff_s
        end = min(flyer.tail.available_until, self.problem.horizon.end)
        off = self.now
        while True:
            departure = off + lead
            step = corridor.step(flyer.kind.id, departure)
            assert step is not None
            wind = self.draws.wind_factor(self.problem, corridor, step.seconds)
            seconds = max(1, round(step.seconds * wind))
            landing = departure + seconds
            on = landing + there.port.landing_s + there.port.taxi_s
            if on > end:
                return NEVER, on, seconds
            shut = [
                c.end + 1 - departure
                for c in corridor.closures
                if c.start <= landing and departure <= c.end
            ]
            wait = max(
                site.open_at(departure - out, out, self.now) - (departure - out),
                there.open_at(landing, there.port.landing_s, self.now) - landing,
                max(shut, default=0),
                self.entries.get(key, -NEVER) + corridor.headway_s - departure,
                site.pad_free_at(departure - out, out, self.now) - (departure - out),
                there.pad_free_at(landing, there.port.landing_s, self.now) - landing,
                flyer.clear_of_downtimes(off, on) - off,
            )
            if wait <= 0:
                return off, on, seconds
            off += wait

    def _crew_may(self, flight: Flight, on_block: int) -> bool:
        pilot = next((p for p in self.problem.pilots if p.id == flight.pilot), None)
        if pilot is None:
            return True
        began = self.began.get(pilot.id, self.now)
        return on_block <= pilot.shift.end and on_block - began <= pilot.max_duty_s

    def _crew_is_here(self, flight: Flight) -> bool:
        if flight.pilot is None:
            return True
        place, since = self.crew[flight.pilot]
        return place == flight.origin and since <= self.now

    def _stand_expected(self, flyer: Flyer, flight: Flight, on_block: int) -> bool:
        """Return whether a stand should be free on arrival, if others leave when planned."""
        taken = 0
        for other in self.flyers.values():
            if other is flyer or other.state is State.AWAY:
                continue
            there = other.place
            if other.state is State.FLIES:
                assert other.leg is not None
                item = other.program[other.at]
                assert isinstance(item, Flight)
                there = item.destination if other.leg.expected_on <= on_block else ""
            if there != flight.destination:
                continue
            follows = other.next_flight()
            leaves = follows is not None and follows.off_block <= on_block
            taken += not (leaves and follows is not None and follows.origin == there)
        return taken < self.problem.vertiport[flight.destination].stands

    def _leave(self, flyer: Flyer, flight: Flight, known: int, on_block: int) -> None:
        site, there = self.sites[flight.origin], self.sites[flight.destination]
        corridor = self.problem.corridor[flight.origin, flight.destination]
        departure = self.now + self._lead(flight.origin)
        step = corridor.step(flyer.kind.id, departure)
        assert step is not None
        factor = self.draws.flight_factor(self.number[id(flight)])
        wind = self.draws.wind_factor(self.problem, corridor, step.seconds)
        site.hold_pad(departure - site.port.takeoff_s, site.port.takeoff_s)
        self.entries[flight.origin, flight.destination] = departure
        trips, walk_ups = self.boarding.board(flight, flyer.kind, self.now)
        late = max(flyer.turned if flyer.flown else 0, flyer.unplugged) - flight.off_block
        flyer.leg = Leg(
            off_block=self.now,
            departure=departure,
            seconds=max(1, round(known * factor)),
            energy_wh=math.ceil(round(step.energy_wh * factor * wind, 6)),
            promise=there.promise_pad(departure + known, there.port.landing_s),
            expected_on=on_block,
            trips=trips,
            walk_ups=walk_ups,
            knock_on_s=max(0, min(self.now - flight.off_block, late)),
        )
        flyer.state = State.FLIES
        if flight.pilot is not None:
            self.began.setdefault(flight.pilot, self.now)
            self.crew[flight.pilot] = ("", NEVER)
        site.standing -= 1
        self._at(departure + flyer.leg.seconds, RELEASE, self._arrive, flyer)
        if site.queue:
            self._park(self.flyers[site.queue.pop(0)])
        self._wake(site)

    def _arrive(self, flyer: Flyer) -> None:
        """Land, or hold in the air until a pad is free."""
        flight, leg = flyer.program[flyer.at], flyer.leg
        assert isinstance(flight, Flight)
        assert leg is not None
        site = self.sites[flight.destination]
        site.forget_promise(leg.promise)
        leg.promise = (-1, -1)
        free = site.pad_free_at(self.now, site.port.landing_s, self.now, landing=True)
        if free > self.now:
            leg.holding_s += free - self.now
            self._at(free, RELEASE, self._arrive, flyer)
            return
        site.hold_pad(self.now, site.port.landing_s)
        leg.landing = self.now
        self._at(self.now + site.port.landing_s + site.port.taxi_s, RELEASE, self._park, flyer)

    def _park(self, flyer: Flyer) -> None:
        """Go on block, or wait on the taxiway until a stand is free."""
        flight, leg = flyer.program[flyer.at], flyer.leg
        assert isinstance(flight, Flight)
        assert leg is not None
        site = self.sites[flight.destination]
        if site.standing >= site.port.stands and self.now < leg.off_stand_at:
            if flyer.tail.id not in site.queue:
                site.queue.append(flyer.tail.id)
                leg.off_stand_at = self.now + self.recovery.taxi_wait_s
                self._at(leg.off_stand_at, RELEASE, self._park_off_stand, flyer)
            return
        site.standing += 1
        energy = leg.energy_wh + math.ceil(leg.energy_wh * leg.holding_s / leg.seconds)
        after = flyer.soc_wh - energy
        number = self.number[id(flight)]
        self.margins.append(after - flyer.kind.reserve_wh)
        actual = Flight(
            aircraft=flight.aircraft,
            origin=flight.origin,
            destination=flight.destination,
            off_block=leg.off_block,
            departure=leg.departure,
            landing=leg.landing,
            on_block=self.now,
            trips=tuple(leg.trips),
            energy_wh=energy,
            soc_before_wh=flyer.soc_wh,
            soc_after_wh=max(0, after),
            timetable=flight.timetable,
            pilot=flight.pilot,
        )
        self.flown[number] = Flown(flight, actual, None, leg.knock_on_s, leg.holding_s)
        self.boarding.arrive(flight.aircraft, flight.destination, self.now, leg.trips)
        self.boarding.flown_walk_ups.update(leg.walk_ups)
        if flight.pilot is not None:
            self.crew[flight.pilot] = (flight.destination, self.now)
        flyer.place, flyer.soc_wh, flyer.leg = flight.destination, max(0, after), None
        flyer.flown += 1
        flyer.turned = self.now + flyer.kind.turnaround_s
        flyer.ready = flyer.turned + self.draws.turnaround_delay(number)
        flyer.plug_from = self.now + flyer.kind.connect_s
        flyer.state = State.STANDS
        flyer.at += 1
        self._later(flyer, self.now)

    def _park_off_stand(self, flyer: Flyer) -> None:
        """Park an aircraft that found no stand in time."""
        for site in self.sites.values():
            if flyer.tail.id in site.queue:
                site.queue.remove(flyer.tail.id)
                self.off_stand += 1
                self._park(flyer)

    def _cancel(self, flyer: Flyer, flight: Flight, reason: Cancelled) -> bool:
        self.flown[self.number[id(flight)]] = Flown(flight, None, reason)
        self.boarding.lose(flight, flyer.place, self.now)
        return True


def _program(plan: FlightPlan, aircraft: str) -> list[Flight | Charge]:
    items: list[Flight | Charge] = [
        *(f for f in plan.flights if f.aircraft == aircraft),
        *(c for c in plan.charges if c.aircraft == aircraft),
    ]
    return sorted(items, key=lambda i: (i.off_block, 1) if isinstance(i, Flight) else (i.start, 0))
