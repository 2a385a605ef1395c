"""The day plan: what each aircraft does, decided by ruin and recreate.

Every step of the compiled search is exact: a flight that is planned holds its
pads, stands, corridor entries, chargers and site power to the second, and has
its energy to the watt-hour. ``docs/airtaxi_model.md`` is what it keeps.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import accumulate, chain
from threading import Event

import numpy as np
from numpy.typing import NDArray

from router._airtaxi import Search
from router.airtaxi import tails
from router.airtaxi.choose import Chooser, has_few_trips, phase_of
from router.airtaxi.demand import TimetableFlight, Trip
from router.airtaxi.pooling import flight_order
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.proof import Proof
from router.airtaxi.reasons import hopeless, impossible, stranded, unreachable
from router.airtaxi.schedule import FlightPlan, UnservedReason, UnservedTrip
from router.airtaxi.stops import board_with_stops
from router.airtaxi.supported import refuse
from router.airtaxi.tables import Index, build
from router.errors import Violation, Violations
from router.solving import Monitor, Progress, Silent, SolveOptions, Termination, relative_gap

NO_PLAN = -(10.0**17)
"""A bound below this says that some aircraft has no day at all: each costs the
bound 1e18, and no sum of real costs comes near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchParameters:
    """How the search cools and how blind it is.

    Raises
    ------
    InvalidInput
        If any value is out of range.
    """

    hot: float = 0.5
    """First temperature, as a share of the mean worth of a trip; > 0. Alatau day, 2,500
    passengers, 20 s of a core: 4,013 to 4,035 million with 0.1 to 0.005, 4,054 to 4,062 with
    0.5 to 0.02, 4,035 with 1 to 0.05."""
    cold: float = 0.02
    """Last temperature, likewise; > 0, at most ``hot``."""
    blink: float = 0.01
    """Probability with which a place for a party is overlooked, 0 to 1."""
    relays: int = 90
    """Of the steps that empty strings of flights, percentage in which relays lay the best
    flights for one aircraft after the other; insertion has the rest. 0 to 100. Three aircraft
    and 312 passengers, 3 s of a core: 240.3 million with 75, 240.4 with 100."""
    days: int = 1
    """Percentage of steps that give an idle aircraft a whole day, mostly in place of another's.
    60, 100 and 250 passengers: 8.7, 29.7 and 203 million with 1, 6.7, 28.3 and 195 with 0."""
    crossings: int = 40
    """Percentage of steps in which aircraft that stand at one vertiport may exchange the rest
    of their days. 2,500 passengers, 30 s of a core: 4,108 million with 40, 4,058 with 0."""
    bound_share: float = 0.3
    """Share of the time that goes into the bound, 0 to 1."""
    steps_a_round: int = 100
    """Steps of the search for each round of the bound where steps are the limit."""
    batch: int = 50
    """Steps between two looks at the clock, >= 1."""
    days_share: float = 0.2
    """Most of the time for finding whole days where trips are few, 0 to below 1."""
    warm: float = 0.1
    """First temperature after days were chosen, likewise; at least ``cold``."""
    leave_with: float = 0.0
    """Charging policy: least share of the battery with which an aircraft leaves a vertiport
    that has chargers, 0 to 1; as far as its charge curve gets. The bound holds without it."""

    def __post_init__(self) -> None:
        found = Violations("parameters")
        if not 0 < self.cold <= self.hot:
            found.add("TEMPERATURE", "cold", "must be above 0 and at most hot.")
        if 0 < self.cold <= self.hot and self.warm < self.cold:
            found.add("TEMPERATURE", "warm", "must be at least cold.")
        if not 0 <= self.blink < 1:
            found.add("BLINK", "blink", f"is {self.blink}; give 0 to below 1.")
        if min(self.batch, self.steps_a_round) < 1:
            found.add("BATCH", "batch", "and steps_a_round must be 1 or more.")
        if not 0 <= self.relays <= 100:
            found.add("RELAYS", "relays", f"is {self.relays}; give 0 to 100.")
        if not 0 <= self.days <= 100:
            found.add("DAYS", "days", f"is {self.days}; give 0 to 100.")
        if not 0 <= self.crossings <= 100:
            found.add("CROSSINGS", "crossings", f"is {self.crossings}; give 0 to 100.")
        if not 0 <= self.days_share < 1:
            found.add("DAYS_SHARE", "days_share", f"is {self.days_share}; give 0 to below 1.")
        if not 0 <= self.bound_share < 1:
            found.add("BOUND_SHARE", "bound_share", f"is {self.bound_share}; give 0 to below 1.")
        if not 0 <= self.leave_with <= 1:
            found.add("LEAVE_WITH", "leave_with", f"is {self.leave_with}; give 0 to 1.")
        found.raise_if_any()


def solve(
    problem: AirTaxiProblem,
    options: SolveOptions | None = None,
    monitor: Monitor | None = None,
    parameters: SearchParameters | None = None,
) -> FlightPlan:
    """Plan a day.

    Parameters
    ----------
    problem
        The day to plan.
    options
        Limits; the plan is the same for the same seed and ``max_iterations``
        as long as the time limit is not met.
    monitor
        Hears of progress and may stop the search, which then returns its best.
    parameters
        Of the search.

    Returns
    -------
    The best plan found, with a bound and a reason for each trip left out. Where the day
    cannot be flown as asked, ``infeasible`` says why, ``termination`` is
    ``INFEASIBLE`` if that is proven, and the plan serves what it can.

    Raises
    ------
    InvalidInput
        If the problem uses what the planner does not support.
    """
    clock = time.perf_counter()
    options, monitor = options or SolveOptions(), monitor or Silent()
    refuse(problem)
    faults = tuple(impossible(problem))
    parameters = parameters or SearchParameters()
    index, tables = build(problem, parameters.leave_with)
    search = Search(tables, options.seed)
    lost = search.lead_home()
    order = flight_order(index, max(k.seats for k in problem.types))
    search.construct(order)
    faults = faults or _out_of_reach(problem, index, search, lost)
    bound, name, ended = None, "", Termination.INFEASIBLE
    if not faults:
        proof = Proof(problem, seed=options.seed)
        run = _Run(problem, index, search, options, monitor, parameters, clock, proof)
        with run.bounding():
            run.choose_days(order)
            ended = run.improve()
        bound, name = math.ceil(run.bound()) if proof.rounds else None, proof.name
        if bound is not None and bound < NO_PLAN:
            bound, ended = None, Termination.INFEASIBLE
    search.recall()
    search.complete(order)
    plan = _finished(problem, index, search, lost, faults)
    return replace(
        plan,
        bound=bound,
        bound_name=name if bound is not None else "",
        termination=ended,
        seconds=time.perf_counter() - clock,
    )


def _finished(
    problem: AirTaxiProblem,
    index: Index,
    search: Search,
    lost: list[int],
    faults: tuple[Violation, ...],
) -> FlightPlan:
    """Return the plan at hand, charged for no more than it needs, with what it leaves out.

    Aircraft that are ``lost`` stay where they are; ``faults`` are proven already.
    """
    unserved = _unserved(problem, index, search)
    search.trim()
    plan = _plan(problem, index, search, grounded={index.aircraft[a].id for a in lost})
    plan = board_with_stops(problem, plan)
    served = plan.served_trips
    unserved = tuple(u for u in unserved if u.trip not in served)
    told = {u.trip for u in unserved}
    unserved += tuple(
        UnservedTrip(t.id, (UnservedReason.NO_AIRCRAFT,))
        for t in problem.trips
        if t.id not in served and t.id not in told
    )
    found = _all(
        faults,
        _not_led_home(index, lost),
        _not_kept(problem, plan, unserved),
        _not_parked(problem, plan),
    )
    return replace(plan, unserved=unserved, infeasible=found)


@dataclass(slots=True)
class _Run:
    """A search and its bound, side by side, under one clock."""

    problem: AirTaxiProblem
    index: Index
    search: Search
    options: SolveOptions
    monitor: Monitor
    parameters: SearchParameters
    clock: float
    proof: Proof
    chooser: Chooser | None = None
    """Where trips are few."""
    bounding_s: float = 0.0
    beside: Future[None] | None = None
    told: float = 0.0
    told_value: float | None = None

    def choose_days(self, order: NDArray[np.int32]) -> None:
        """Where trips are few and steps granted, begin with whole days that are chosen together."""
        if self.options.max_iterations == 0 or not has_few_trips(self.problem):
            return
        ends = self.clock + self.parameters.days_share * self.options.seconds

        def left() -> float:
            self._tell()
            return ends - time.perf_counter()

        self.chooser = Chooser(self.problem, self.search, order, self.options, self.monitor.stopped)
        self.chooser.prepare(left)
        self.chooser.choose()

    def _heat(self, gone: float) -> float:
        """Return the temperature as a share of a trip's worth."""
        p = self.parameters
        phase, gone = (0, gone) if self.chooser is None else phase_of(gone)
        first = p.warm if phase else p.hot
        return float(first * (p.cold / first) ** gone)

    def improve(self) -> Termination:
        """Search until time, steps, gap or the monitor end it."""
        worth = sum(t.value for t in self.problem.trips) / max(1, len(self.problem.trips))
        p = self.parameters
        while True:
            gone = self._gone()
            if self.monitor.stopped():
                return Termination.CANCELLED
            if gone >= 1.0 or not self.index.riders:
                return Termination.LIMIT
            if self._proven():
                return Termination.OPTIMAL
            self._tighten()
            self._tell()
            most = self.options.max_iterations
            left = p.batch if most is None else most - self.search.steps
            if self.chooser is not None:
                self.chooser.keep_up(gone)
            temperature = worth * self._heat(gone)
            before = self.search.steps
            self.search.run(min(p.batch, left), temperature, p.blink, p.relays, p.days, p.crossings)
            if self.search.steps == before:
                # No trip can be flown by anyone: there is nothing to search.
                return Termination.LIMIT

    def bound(self) -> float:
        """Return the best bound, raised by what sums of floats may have lost."""
        return self.proof.value * (1 + 1e-9) + 1

    def _gone(self) -> float:
        """Return the share of the time, or of the steps, that is used up."""
        limit = self.options.seconds * 0.97 - 0.02
        gone = (time.perf_counter() - self.clock) / limit if limit > 0 else 1.0
        if self.options.max_iterations is None or gone >= 1.0:
            return gone
        most = self.options.max_iterations
        return self.search.steps / most if most > 0 else 1.0

    def _proven(self) -> bool:
        gap = relative_gap(self.search.best_money, self.proof.value)
        asked = self.options.relative_gap
        return gap is not None and asked is not None and gap <= asked

    @contextmanager
    def bounding(self) -> Iterator[None]:
        """Lower the bound on a thread of its own where two are granted and the clock decides."""
        if self.options.threads < 2 or self.options.max_iterations is not None:
            yield
            return
        ended = Event()

        def lower() -> None:
            while not ended.is_set():
                self.proof.round(self.search.best_money, self._gone())

        with ThreadPoolExecutor(1, "bound") as thread:
            self.beside = thread.submit(lower)
            try:
                yield
            finally:
                ended.set()
            self.beside.result()

    def _tighten(self) -> None:
        """Give the bound its share: of the time, or a round for so many steps."""
        p = self.parameters
        if self.beside is not None:
            if self.beside.done():
                self.beside.result()
            return
        start = time.perf_counter()
        while (
            self.proof.rounds * p.steps_a_round <= self.search.steps
            if self.options.max_iterations is not None
            else self.bounding_s <= p.bound_share * (start - self.clock)
        ):
            self.proof.round(self.search.best_money, self._gone())
            self.bounding_s += time.perf_counter() - start
            start = time.perf_counter()

    def _tell(self) -> None:
        """Report at most ten times a second."""
        now = time.perf_counter()
        if now - self.told < 0.1:
            return
        fresh = self.search.best_value != self.told_value
        self.told, self.told_value = now, self.search.best_value
        self.monitor.report(
            Progress(
                seconds=now - self.clock,
                objective=self.search.best_money,
                bound=bound if (bound := self.bound()) >= NO_PLAN else None,
                iterations=self.search.steps,
                served=int(self.search.served_trips()[: len(self.problem.trips)].sum()),
                total=len(self.problem.trips),
            ),
            (lambda: _plan(self.problem, self.index, self.search, best=True)) if fresh else None,
        )


def _plan(
    problem: AirTaxiProblem,
    index: Index,
    search: Search,
    *,
    best: bool = False,
    grounded: Collection[str] = (),
) -> FlightPlan:
    """Return what the search holds, or its best, as a plan with its money.

    Aircraft that are ``grounded``, for want of a way home, stay where they are.
    """
    flown = tuple(f for f in tails.flights(index, search, best=best) if f.aircraft not in grounded)
    charged = tuple(
        c for c in tails.charges(index, search, best=best) if c.aircraft not in grounded
    )
    served = {t for f in flown for t in f.trips}
    tabled = {f.timetable for f in flown}
    return FlightPlan(
        flights=flown,
        charges=charged,
        revenue=sum(t.value for t in problem.trips if t.id in served)
        + sum(t.value for t in problem.timetable if t.id in tabled),
        cost=tails.cost(problem, flown, charged),
        unserved=tuple(
            UnservedTrip(t.id, (UnservedReason.LIMIT,)) for t in problem.trips if t.id not in served
        ),
    )


def _unserved(problem: AirTaxiProblem, index: Index, search: Search) -> tuple[UnservedTrip, ...]:
    """Return the trips that the search left out, each with what binds."""
    served = search.served_trips()
    found = []
    for p, rider in enumerate(index.riders):
        if served[p] or not isinstance(rider, Trip):
            continue
        proven = hopeless(problem, rider)
        names = [proven] if proven else [UnservedReason(r) for r in search.explain(p)]
        found.append(UnservedTrip(rider.id, tuple(names) or (UnservedReason.NO_AIRCRAFT,)))
    return tuple(found)


def _out_of_reach(
    problem: AirTaxiProblem, index: Index, search: Search, lost: list[int]
) -> tuple[Violation, ...]:
    """Return which of the duties that the first plan does not keep no plan can keep."""
    served = search.served_trips()
    missed = [
        r
        for p, r in enumerate(index.riders)
        if not served[p]
        and (r.required if isinstance(r, TimetableFlight) else r.promised and not r.max_stops)
    ]
    return (*stranded(problem, lost), *unreachable(problem, missed))


def _all(*told: Iterable[Violation]) -> tuple[Violation, ...]:
    """Return violations, of each trip, flight, aircraft or vertiport the first only."""
    first: dict[str, Violation] = {}
    for violation in chain(*told):
        first.setdefault(violation.path.partition(".")[0], violation)
    return tuple(first.values())


def _not_led_home(index: Index, lost: list[int]) -> list[Violation]:
    return [
        Violation(
            "RETURN_NOT_FOUND",
            f"aircraft[{a}]",
            f"no way was found for {index.aircraft[a].id} to its downtimes, end and final charge; "
            "give it more time, charge or stands.",
        )
        for a in lost
    ]


def _not_kept(
    problem: AirTaxiProblem, plan: FlightPlan, unserved: tuple[UnservedTrip, ...]
) -> Iterator[Violation]:
    """Yield the promises and required flights for which no place was found."""
    reasons = {u.trip: ", ".join(r.value for r in u.reasons) for u in unserved}
    for i, trip in enumerate(problem.trips):
        if trip.promised and trip.id in reasons:
            yield Violation(
                "PROMISE_NOT_KEPT",
                f"trips[{i}]",
                f"no place was found for the promised {trip.id} ({reasons[trip.id]}); "
                "give more time, widen its window or release the promise.",
            )
    flown = {f.timetable for f in plan.flights}
    for i, flight in enumerate(problem.timetable):
        if flight.required and flight.id not in flown:
            yield Violation(
                "TIMETABLE_NOT_KEPT",
                f"timetable[{i}]",
                f"no place was found for the required {flight.id}; "
                "give more time, widen its window or drop it.",
            )


def _not_parked(problem: AirTaxiProblem, plan: FlightPlan) -> Iterator[Violation]:
    """Yield the vertiports with more aircraft than stands, which only a day's begin can have."""
    changes: dict[str, Counter[int]] = {v.id: Counter() for v in problem.vertiports}
    for tail in problem.aircraft:
        place, since = tail.start, tail.available_from
        for f in (f for f in plan.flights if f.aircraft == tail.id):
            changes[place].update({since: 1})
            changes[place].subtract({f.off_block: 1})
            place, since = f.destination, f.on_block
        changes[place].update({since: 1})
    for i, port in enumerate(problem.vertiports):
        ordered = sorted(changes[port.id].items())
        most = max(accumulate(n for _, n in ordered), default=0)
        if most > port.stands:
            yield Violation(
                "STANDS_NOT_KEPT",
                f"vertiports[{i}].stands",
                f"{most} aircraft stand at {port.id} at once, which has {port.stands} stands; "
                "give stands or let some start elsewhere.",
            )
