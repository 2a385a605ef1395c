"""Days at the edge of the model, planned and judged: nothing may be broken.

Zero occupancies, flights of one second, energy for nothing, stands for as many
aircraft as there are, windows of one moment, charge curves with dead ends,
site limits below one charger, tariffs that start late, ways that are missing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.airtaxi import (
    Aircraft,
    AircraftType,
    AirTaxiProblem,
    ChargeCurve,
    ChargerGroup,
    Corridor,
    Downtime,
    LegStep,
    TariffStep,
    TimetableFlight,
    Trip,
    Vertiport,
)
from router.airtaxi.check import check
from router.airtaxi.plan import solve
from router.solving import SolveOptions, Termination
from router.timewindow import FOREVER, TimeWindow

NAMES = ("A", "B", "C")
END = 4000
MAY_FAIL = {
    "PROMISE_BROKEN",
    "TIMETABLE_MISSED",
    "END_PLACE",
    "FINAL_SOC",
    "DOWNTIME",
    "STANDS",
    "AVAILABILITY",
}
"""What a plan may break where the planner says that the day cannot be flown."""


def some(*values: Any) -> st.SearchStrategy[Any]:
    """Return one of the values."""
    return st.sampled_from(values)


@st.composite
def windows(draw: st.DrawFn, first: int = 0, last: int = END) -> TimeWindow:
    """Return a window in the day, at times of one moment."""
    start = draw(st.integers(first, last))
    return TimeWindow(start, min(last, start + draw(some(600, last, 0, 1, 60))))


@st.composite
def apart(draw: st.DrawFn) -> tuple[TimeWindow, ...]:
    """Up to two disjoint, ascending windows."""
    cuts = sorted(draw(st.sets(st.integers(0, END), min_size=4, max_size=4)))
    both = (TimeWindow(cuts[0], cuts[1]), TimeWindow(cuts[2], cuts[3]))
    return both[: draw(some(0, 0, 0, 0, 1, 2))]


@st.composite
def curves(draw: st.DrawFn, battery: int) -> ChargeCurve:
    """Linear, tapered, and with a dead end in the middle."""
    power = draw(some(1_000, 7_200, 40_000))
    return draw(
        some(
            ChargeCurve.constant(battery, power),
            ChargeCurve.tapered(battery, power, battery // 3),
            ChargeCurve(((0, power), (battery // 2, power // 7), (battery, power // 7))),
            ChargeCurve(((0, power), (battery // 2, 0), (battery, 0))),
        )
    )


@st.composite
def types(draw: st.DrawFn, name: str) -> AircraftType:
    """Small batteries, so that charging binds."""
    battery = draw(some(100, 1000))
    return AircraftType(
        id=name,
        seats=draw(some(1, 4)),
        payload_kg=draw(some(100, 400)),
        battery_wh=battery,
        reserve_wh=draw(some(0, 0, battery // 5, battery // 5, battery)),
        curve=draw(curves(battery)),
        turnaround_s=draw(some(0, 60, 300)),
        connect_s=draw(some(0, 30, 400)),
        disconnect_s=draw(some(0, 30)),
        cost_per_flight=draw(some(0, 50)),
        cost_per_flight_s=draw(some(0, 1)),
        day_cost=draw(some(0, 200)),
    )


@st.composite
def ports(draw: st.DrawFn, name: str, stands: int) -> Vertiport:
    """With and without anything that can be scarce."""
    groups = (
        ChargerGroup(id="a", count=1, power_w=7_200, efficiency_permille=draw(some(333, 1000))),
        ChargerGroup(id="b", count=2, power_w=50_000),
    )
    return Vertiport(
        id=name,
        pads=draw(some(1, 2)),
        takeoff_s=draw(some(0, 1, 60)),
        landing_s=draw(some(0, 1, 60)),
        taxi_s=draw(some(0, 7)),
        stands=stands + draw(some(0, 1)),
        chargers=groups[: draw(some(0, 1, 2))],
        power_limit_w=draw(some(None, None, 0, 5_000, 20_000)),
        opening=draw(apart()),
        tariff=draw(some((), (TariffStep(500, 7), TariffStep(1500, 9), TariffStep(1501, 1)))),
        landing_fee=draw(some(0, 3)),
        stand_cost_per_hour=draw(some(0, 7)),
    )


@st.composite
def ways(draw: st.DrawFn, origin: str, destination: str) -> Corridor | None:
    """Return a corridor, or none."""
    if draw(some(False, False, False, True)):
        return None
    steps = (
        LegStep(draw(some(0, 100)), draw(some(1, 60, 500)), draw(some(0, 20, 80))),
        LegStep(2000, draw(some(1, 60, 500)), draw(some(0, 20, 80))),
    )
    return Corridor(
        origin=origin,
        destination=destination,
        headway_s=draw(some(0, 1, 90)),
        legs=steps[: draw(some(1, 2))],
        type_legs=draw(some({}, {}, {"T": ()}, {"U": (LegStep(0, 7, 7),)})),
        closures=draw(apart()),
    )


@st.composite
def tails(draw: st.DrawFn, name: str, kind: AircraftType, first: int) -> Aircraft:
    """Idle, tired, wanted elsewhere."""
    since = draw(some(first, first, 700))
    down = Downtime(window=draw(windows(since)), vertiport=draw(some(None, "A")))
    return Aircraft(
        id=name,
        type=kind.id,
        start=draw(some("A", "B")),
        soc_wh=draw(some(kind.battery_wh, kind.battery_wh, kind.battery_wh // 2, 0)),
        available_from=since,
        available_until=draw(some(FOREVER, 3000)),
        downtimes=draw(some((), (), (), (down,))),
        end=draw(some(None, None, None, "A")),
        final_soc_wh=draw(some(0, 0, 0, kind.battery_wh // 3)),
    )


@st.composite
def trips(draw: st.DrawFn, name: str) -> Trip:
    """Direct and with a stop, in a hurry and not."""
    origin, destination = draw(st.permutations(NAMES))[:2]
    window = draw(windows())
    return Trip(
        id=name,
        origin=origin,
        destination=destination,
        party=draw(st.integers(1, 5)),
        weight_kg=draw(some(0, 60, 500)),
        departure=window,
        arrive_by=draw(some(None, window.start + 400)),
        max_stops=draw(some(0, 0, 1)),
        max_ride_s=draw(some(None, 500)),
        value=draw(some(0, 1000, 5000)),
        wait_cost_per_s=draw(some(0, 1)),
        promised=draw(st.integers(0, 15)) == 0,
        may_share=draw(some(True, True, False)),
    )


@st.composite
def days(draw: st.DrawFn) -> AirTaxiProblem:
    """Return a day of up to three aircraft and eight trips."""
    first = draw(some(0, 500))
    kinds = (draw(types("T")), draw(types("U")))
    count = draw(st.integers(1, 3))
    found = [draw(ways(o, d)) for o in NAMES for d in NAMES if o != d]
    line = TimetableFlight(
        id="line",
        origin="A",
        destination="B",
        off_block=draw(windows(first)),
        types=draw(some(frozenset(), frozenset({"T"}))),
        required=draw(some(False, True)),
        value=draw(some(0, 500)),
    )
    return AirTaxiProblem(
        vertiports=tuple(draw(ports(name, count)) for name in NAMES),
        corridors=tuple(c for c in found if c is not None),
        types=kinds,
        aircraft=tuple(draw(tails(f"a{i}", draw(some(*kinds)), first)) for i in range(count)),
        trips=tuple(draw(trips(f"t{i}")) for i in range(draw(st.integers(0, 8)))),
        timetable=draw(some((), (), (line,))),
        horizon=TimeWindow(first, END),
    )


def hurried(problem: AirTaxiProblem) -> AirTaxiProblem:
    """Return the day with flights of one second that may all be flown within a minute."""
    ports = (
        replace(v, takeoff_s=0, landing_s=min(1, v.landing_s), opening=())
        for v in problem.vertiports
    )
    ways = (
        replace(c, legs=(LegStep(0, 1, c.legs[0].energy_wh),), closures=(), headway_s=0)
        for c in problem.corridors
    )
    return replace(problem, vertiports=tuple(ports), corridors=tuple(ways))


@given(st.one_of(days(), days().map(hurried)), st.integers(0, 3))
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_plans_of_hostile_days_keep_every_rule(problem: AirTaxiProblem, seed: int) -> None:
    """What the planner returns is what the checker accepts, or it says why not."""
    plan = solve(problem, SolveOptions(seconds=5, max_iterations=150, seed=seed))
    report = check(problem, plan)
    codes = {v.code for v in report.violations}
    assert codes <= (MAY_FAIL if plan.infeasible else set()), [str(v) for v in report.violations]
    assert plan.value == report.value
    assert plan.bound is None or plan.infeasible or plan.bound >= plan.value
    if plan.termination == Termination.INFEASIBLE:
        assert plan.infeasible


@given(days())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_more_room_never_breaks_a_plan(problem: AirTaxiProblem) -> None:
    """A plan stays valid where every vertiport gets a pad, a stand and a charger more."""
    plan = solve(problem, SolveOptions(seconds=5, max_iterations=50))
    wider = replace(
        problem,
        vertiports=tuple(
            replace(
                v,
                pads=v.pads + 1,
                stands=v.stands + 1,
                chargers=tuple(replace(g, count=g.count + 1) for g in v.chargers),
                power_limit_w=None,
            )
            for v in problem.vertiports
        ),
    )
    before = {v.code for v in check(problem, plan).violations}
    assert {v.code for v in check(wider, plan).violations} <= before
