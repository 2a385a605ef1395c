"""A peer: the whole day as one model of constraints for CP-SAT.

Parties are pooled before (:mod:`.pooled`) and a pooled flight is flown whole or not
at all. Each aircraft and each flight is a node of one circuit; between two of them lies a stay,
with a charging session where that helps, and an empty flight and a second stay where the next
flight leaves from elsewhere. Pads, stands, chargers and site power are cumulative, corridors
disjunctive. What the model rounds, it rounds to the safe side: a flight takes as long and as much
energy as in the worst wind, its landing holds the pad for the whole spread, and charging is
linear, at the power that the battery accepts at ``SHARE`` of its charge, which it does not exceed.
Energy is paid at the day's mean price, and what a stand costs is left out. The plan is then flown
out exactly, and the checker judges and counts that.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property

from ortools.sat.python import cp_model

from benchmarks.quality.airtaxi.pooled import pool
from router.airtaxi.charging import charge
from router.airtaxi.check import check
from router.airtaxi.fleet import Aircraft
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import Charge, Flight, FlightPlan, UnservedReason, UnservedTrip
from router.solving import SolveOptions
from router.timewindow import FOREVER

SHARE = 0.7
"""Of the battery, up to which it is charged."""


class Stay:
    """A time on a stand: from on-block to the next off-block, perhaps with charging."""

    def __init__(self, day: Monolith, port: str, name: str) -> None:
        model, kind = day.model, day.kind
        self.port, self.name = port, name
        self.since = model.new_int_var(0, day.end, f"{name}.since")
        self.level = model.new_int_var(0, kind.battery_wh, f"{name}.level")
        self.added = model.new_int_var(0, kind.battery_wh, f"{name}.added")
        self.charges = model.new_bool_var(f"{name}.charges")
        self.start = model.new_int_var(0, day.end, f"{name}.start")
        self.seconds = model.new_int_var(0, day.end, f"{name}.seconds")
        self.stop = model.new_int_var(0, day.end, f"{name}.stop")
        self.until = model.new_int_var(0, day.end, f"{name}.until")

    @property
    def leaves_with(self) -> cp_model.LinearExpr:
        """State of charge after the session."""
        return self.level + self.added


@dataclass(frozen=True, slots=True)
class Empty:
    """An empty flight that a node may make: when it leaves, and its stay where it ends."""

    off: cp_model.IntVar
    stay: Stay


def knows(problem: AirTaxiProblem) -> bool:
    """Whether the model has everything that a day asks for."""
    return (
        len({a.type for a in problem.aircraft}) == 1
        and not (problem.timetable or problem.pilots)
        and not any(a.downtimes or a.end is not None for a in problem.aircraft)
        and not any(a.available_from or a.available_until < FOREVER for a in problem.aircraft)
        and not any(c.closures for c in problem.corridors)
        and not any(t.arrive_by is not None for t in problem.trips)
    )


class Monolith:
    """The model of one day.

    Raises
    ------
    ValueError
        If the day has what the model does not know.
    """

    def __init__(self, problem: AirTaxiProblem) -> None:
        self.problem, self.model = problem, cp_model.CpModel()
        if not knows(problem):
            raise ValueError("the day has what the model does not know; see knows().")
        self.kind = problem.type_of(problem.aircraft[0].id)
        self.end = problem.horizon.end
        self.power = self.kind.curve.power_w(int(SHARE * self.kind.battery_wh))
        self.flights = list(pool(problem))
        self.holds: dict[tuple[str, str], list[cp_model.IntervalVar]] = {}
        self.powers: dict[str, list[tuple[cp_model.IntervalVar, int]]] = {}
        self.worth: list[cp_model.LinearExprT] = []
        self.next: dict[tuple[int, int], cp_model.IntVar] = {}
        self.empties: dict[tuple[int, str], Empty] = {}
        self._nodes()
        self._circuit()
        self._shared()
        for variable in (*self.flown, *self.next.values()):
            self.model.add_hint(variable, 0)  # nobody flies: a first plan
        self.model.maximize(sum(self.worth))

    @cached_property
    def price(self) -> int:
        """Mean price of energy over the day, minor units a kWh."""
        steps = [s.price_per_kwh for v in self.problem.vertiports for s in v.tariff]
        return sum(steps) // len(steps) if steps else 0

    def spread(self, origin: str, destination: str) -> tuple[int, int, int]:
        """Return least and most seconds and most energy of a corridor."""
        steps = self.problem.corridor[origin, destination].steps(self.kind.id)
        seconds = [s.seconds for s in steps]
        return min(seconds), max(seconds), max(s.energy_wh for s in steps)

    def reaches(self, origin: str, destination: str) -> bool:
        """Whether there is a corridor for the type."""
        corridor = self.problem.corridor.get((origin, destination))
        return corridor is not None and bool(corridor.steps(self.kind.id))

    def _nodes(self) -> None:
        model = self.model
        aircraft = self.problem.aircraft
        self.stays = [Stay(self, a.start, f"a{i}") for i, a in enumerate(aircraft)]
        for stay, a in zip(self.stays, aircraft, strict=True):
            model.add(stay.since == 0)
            model.add(stay.level == a.soc_wh)
            self._stand(stay, 0, model.new_constant(1))
        self.flown, self.off = [], []
        for i, f in enumerate(self.flights):
            flown = model.new_bool_var(f"f{i}")
            off = model.new_int_var(f.first, f.last, f"f{i}.off")
            stay = Stay(self, f.destination, f"f{i}")
            trips = [self.problem.trip[t] for t in f.trips]
            self._leg(f.origin, f.destination, off, flown)
            least, most, _ = self.spread(f.origin, f.destination)
            self._stand(stay, most - least, flown)
            wait = sum(t.wait_cost_per_s for t in trips)
            base = sum(t.value + t.wait_cost_per_s * t.departure.start for t in trips)
            delay = model.new_int_var(0, self.end, f"f{i}.delay")  # off where flown, else 0
            model.add(delay == off).only_enforce_if(flown)
            model.add(delay == 0).only_enforce_if(~flown)
            self.worth += [base * flown, -wait * delay]
            if any(t.promised for t in trips):
                model.add(flown == 1)
            self.flown.append(flown)
            self.off.append(off)
            self.stays.append(stay)

    def _leg(
        self, origin: str, destination: str, off: cp_model.IntVar, flown: cp_model.LiteralT
    ) -> None:
        """Book pads and corridor of a flight, and pay for it."""
        here, there = self.problem.vertiport[origin], self.problem.vertiport[destination]
        least, most, _ = self.spread(origin, destination)
        out = here.taxi_s + here.takeoff_s
        corridor = self.problem.corridor[origin, destination]
        for name, start, size, port in (
            (("pad", origin), off + here.taxi_s, here.takeoff_s, here),
            (("pad", destination), off + out + least, there.landing_s + most - least, there),
            ((origin, destination), off + out, corridor.headway_s, None),
        ):
            hold = self.model.new_optional_fixed_size_interval_var(start, size, flown, "")
            self.holds.setdefault(name, []).append(hold)
            if port is not None and port.opening:
                open_ = [[w.start, w.end - size] for w in port.opening]
                self.model.add_linear_expression_in_domain(
                    start, cp_model.Domain.from_intervals(open_)
                ).only_enforce_if(flown)
        price = self.kind.cost_per_flight + self.kind.cost_per_flight_s * most + there.landing_fee
        self.worth.append(-price * flown)

    def _arrive(
        self, stay: Stay, origin: str, off: cp_model.IntVar, level: cp_model.LinearExprT,
        flown: cp_model.LiteralT,
    ) -> None:  # fmt: skip
        """Link a stay to the flight before it."""
        here, there = self.problem.vertiport[origin], self.problem.vertiport[stay.port]
        _, most, energy = self.spread(origin, stay.port)
        on = off + here.taxi_s + here.takeoff_s + most + there.landing_s + there.taxi_s
        self.model.add(stay.since == on).only_enforce_if(flown)
        self.model.add(stay.level <= level - energy).only_enforce_if(flown)
        self.model.add(stay.level >= self.kind.reserve_wh).only_enforce_if(flown)

    def _stand(self, stay: Stay, early: int, used: cp_model.LiteralT) -> None:
        """Hold a stand from the earliest on-block, so many seconds before ``since``."""
        size = self.model.new_int_var(0, self.end, f"{stay.name}.size")
        held = self.model.new_optional_interval_var(
            stay.since - early, size, stay.until, used, f"{stay.name}.stand"
        )
        self.holds.setdefault(("stand", stay.port), []).append(held)

    def _session(self, stay: Stay) -> None:
        """Let an aircraft charge during a stay."""
        model, port = self.model, self.problem.vertiport[stay.port]
        model.add(stay.seconds == 0).only_enforce_if(~stay.charges)
        model.add(stay.added == 0).only_enforce_if(~stay.charges)
        model.add(stay.start >= stay.since + self.kind.connect_s).only_enforce_if(stay.charges)
        model.add(stay.stop == stay.start + stay.seconds)
        if not port.chargers:
            model.add(stay.charges == 0)
            return
        group = port.chargers[0]
        power = min(self.power, group.power_w)
        model.add(stay.added * -(-3_600_000_000 // power) <= stay.seconds * 1_000_000)
        model.add(stay.level + stay.added <= int(SHARE * self.kind.battery_wh)).only_enforce_if(
            stay.charges
        )
        held = model.new_optional_interval_var(
            stay.start, stay.seconds, stay.stop, stay.charges, ""
        )
        self.holds.setdefault(("charger", stay.port), []).append(held)
        self.powers.setdefault(stay.port, []).append((held, group.grid_w(power)))
        self.worth.append(-(self.price // group.efficiency_permille) * stay.added)

    def _circuit(self) -> None:
        """Let every aircraft go from flight to flight and stop somewhere."""
        model, aircraft = self.model, len(self.problem.aircraft)
        least = max(a.final_soc_wh for a in self.problem.aircraft)  # any may end at any node
        arcs: list[tuple[int, int, cp_model.LiteralT]] = []
        for n, stay in enumerate(self.stays):
            self._session(stay)
            if n < aircraft:
                arcs.append((0, n + 1, model.new_constant(1)))
            else:
                flown = self.flown[n - aircraft]
                arcs.append((n + 1, n + 1, ~flown))
                model.add_implication(stay.charges, flown)
            last = model.new_bool_var(f"{stay.name}.last")
            arcs.append((n + 1, 0, last))
            model.add(stay.leaves_with >= least).only_enforce_if(last)
            model.add(stay.until == self.end).only_enforce_if(last)
            for g in range(len(self.flights)):
                if self._may_follow(n, g):
                    self.next[n, g] = model.new_bool_var(f"{stay.name}-{g}")
                    arcs.append((n + 1, aircraft + g + 1, self.next[n, g]))
            self._onward(n)
        model.add_multiple_circuit(arcs)

    def _may_follow(self, n: int, g: int) -> bool:
        """Whether flight g can be reached after node n, charge and pads aside."""
        here, flight, first = self.stays[n].port, self.flights[g], len(self.problem.aircraft)
        ready, turn = 0, self.kind.turnaround_s
        if n >= first:
            before = self.flights[n - first]
            ready = before.first + self.spread(before.origin, here)[0] + turn
        if here != flight.origin:
            if not self.reaches(here, flight.origin):
                return False
            ready += self.spread(here, flight.origin)[0] + turn
        return g != n - first and ready <= flight.last

    def _onward(self, n: int) -> None:
        """Link node n to the flights that may follow, directly or after an empty flight."""
        model, stay, first = self.model, self.stays[n], len(self.problem.aircraft)
        gap = self.kind.turnaround_s if n >= first else 0
        following: dict[str, list[int]] = {}
        for m, g in self.next:
            if m == n:
                following.setdefault(self.flights[g].origin, []).append(g)
        off = model.new_int_var(0, self.end, f"{stay.name}.empty")
        for port, flights in following.items():
            arcs = [self.next[n, g] for g in flights]
            from_, pause = stay, gap
            if port != stay.port:
                flies = model.new_bool_var(f"{stay.name}.to.{port}")
                model.add(sum(arcs) == flies)
                self._depart(stay, off, flies, gap)
                self._leg(stay.port, port, off, flies)
                from_, pause = Stay(self, port, f"{stay.name}.at.{port}"), self.kind.turnaround_s
                self._arrive(from_, stay.port, off, stay.leaves_with, flies)
                least, most, _ = self.spread(stay.port, port)
                self._stand(from_, most - least, flies)
                self._session(from_)
                model.add_implication(from_.charges, flies)
                self.empties[n, port] = Empty(off, from_)
            for g, arc in zip(flights, arcs, strict=True):
                self._depart(from_, self.off[g], arc, pause)
                self._arrive(self.stays[first + g], port, self.off[g], from_.leaves_with, arc)
                if n < first:
                    self.worth.append(-self.kind.day_cost * arc)

    def _depart(self, stay: Stay, off: cp_model.IntVar, flown: cp_model.IntVar, gap: int) -> None:
        """Leave a stay at ``off``, turned around and disconnected."""
        self.model.add(stay.until == off).only_enforce_if(flown)
        self.model.add(off >= stay.since + gap).only_enforce_if(flown)
        self.model.add(off >= stay.stop + self.kind.disconnect_s).only_enforce_if(
            flown, stay.charges
        )

    def _shared(self) -> None:
        model = self.model
        for (what, port), held in self.holds.items():
            if what == "pad":
                model.add_cumulative(held, [1] * len(held), self.problem.vertiport[port].pads)
            elif what == "charger":
                count = self.problem.vertiport[port].chargers[0].count
                model.add_cumulative(held, [1] * len(held), count)
            elif what == "stand":
                model.add_cumulative(held, [1] * len(held), self.problem.vertiport[port].stands)
            else:
                model.add_no_overlap(held)
        for port, drawn in self.powers.items():
            limit = self.problem.vertiport[port].power_limit_w
            if limit is not None:
                model.add_cumulative([h for h, _ in drawn], [p for _, p in drawn], limit)

    def plan(self, found: cp_model.CpSolver) -> FlightPlan:
        """Fly out what was found, exactly."""
        flights: list[Flight] = []
        charges: list[Charge] = []
        first = len(self.problem.aircraft)
        after = {n: g for (n, g), arc in self.next.items() if found.value(arc)}
        for n, aircraft in enumerate(self.problem.aircraft):
            out = _Tail(self, found, aircraft)
            node: int | None = n
            while node is not None:
                out.charge(self.stays[node])
                g = after.get(node)
                if g is not None:
                    flight = self.flights[g]
                    if flight.origin != self.stays[node].port:
                        empty = self.empties[node, flight.origin]
                        out.fly(self.stays[node].port, flight.origin, found.value(empty.off))
                        out.charge(empty.stay)
                    off = found.value(self.off[g])
                    out.fly(flight.origin, flight.destination, off, flight.trips)
                node = None if g is None else first + g
            flights += out.flights
            charges += out.charges
        return FlightPlan(flights=tuple(flights), charges=tuple(charges))


class _Tail:
    """One aircraft as it flies what the model decided."""

    def __init__(self, day: Monolith, found: cp_model.CpSolver, aircraft: Aircraft) -> None:
        self.day, self.found, self.aircraft = day, found, aircraft
        self.level = aircraft.soc_wh
        self.flights: list[Flight] = []
        self.charges: list[Charge] = []

    def charge(self, stay: Stay) -> None:
        """Charge as long as the model does."""
        if not self.found.value(stay.charges) or not self.found.value(stay.seconds):
            return
        kind, start = self.day.kind, self.found.value(stay.start)
        group = self.day.problem.vertiport[stay.port].chargers[0]
        power, seconds = min(self.day.power, group.power_w), self.found.value(stay.seconds)
        level = charge(kind.curve, power, self.level, seconds)
        session = Charge(
            aircraft=self.aircraft.id,
            vertiport=stay.port,
            charger=group.id,
            start=start,
            end=start + seconds,
            power_w=power,
            soc_before_wh=self.level,
            soc_after_wh=level,
        )
        self.charges.append(session)
        self.level = level

    def fly(self, origin: str, destination: str, off: int, trips: tuple[str, ...] = ()) -> None:
        """Fly at the winds of the hour."""
        problem = self.day.problem
        here, there = problem.vertiport[origin], problem.vertiport[destination]
        departure = off + here.taxi_s + here.takeoff_s
        step = problem.corridor[origin, destination].step(self.day.kind.id, departure)
        assert step is not None
        landing = departure + step.seconds
        flight = Flight(
            aircraft=self.aircraft.id,
            origin=origin,
            destination=destination,
            off_block=off,
            departure=departure,
            landing=landing,
            on_block=landing + there.landing_s + there.taxi_s,
            trips=trips,
            energy_wh=step.energy_wh,
            soc_before_wh=self.level,
            soc_after_wh=self.level - step.energy_wh,
        )
        self.flights.append(flight)
        self.level -= step.energy_wh


def solve_whole(problem: AirTaxiProblem, options: SolveOptions) -> FlightPlan:
    """Return the plan that CP-SAT finds, without one where it finds none; its money is counted."""
    since = time.perf_counter()
    day = Monolith(problem)
    solver = cp_model.CpSolver()
    built = time.perf_counter() - since
    solver.parameters.max_time_in_seconds = max(0.1, options.seconds - built)
    solver.parameters.num_workers = options.threads
    solver.parameters.random_seed = options.seed % 2**31
    status = solver.solve(day.model)
    plan = FlightPlan()
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        plan = day.plan(solver)
    served = plan.served_trips
    left = (UnservedTrip(t.id, (UnservedReason.LIMIT,)) for t in problem.trips)
    plan = replace(plan, unserved=tuple(u for u in left if u.trip not in served))
    report = check(problem, plan)
    seconds = time.perf_counter() - since
    return replace(plan, revenue=report.revenue, cost=report.cost, seconds=seconds)
