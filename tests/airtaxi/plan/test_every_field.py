"""No field of an air-taxi problem is ignored: each changes the best plan of some tiny day.

Each case is a day before and after a change of one field. What only describes is listed apart.
"""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from router.airtaxi.charging import ChargeCurve
from router.airtaxi.check import check
from router.airtaxi.demand import TimetableFlight, Trip
from router.airtaxi.fleet import Aircraft, AircraftType, Downtime, Pilot
from router.airtaxi.network import ChargerGroup, Corridor, LegStep, TariffStep, Vertiport
from router.airtaxi.plan import solve
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import FlightPlan
from router.solving import SolveOptions
from router.timewindow import TimeWindow
from tests.airtaxi.plan.scenes import FAST, S4, day, port, tail, trip, way

QUICK = SolveOptions(seconds=20, max_iterations=120, seed=3)
Pair = tuple[AirTaxiProblem, AirTaxiProblem]

DESCRIBES = {
    "Vertiport.name",
    "Vertiport.lat",
    "Vertiport.lon",
    "Vertiport.elevation_m",
    "Corridor.distance_m",
    "AirTaxiProblem.name",
    "AirTaxiProblem.currency",
}
"""Carried for people, pictures and scenario files, which compute times and energies from them."""
IDS = {
    "Vertiport.id",
    "ChargerGroup.id",
    "AircraftType.id",
    "Aircraft.id",
    "Pilot.id",
    "Trip.id",
    "TimetableFlight.id",
    "AirTaxiProblem.vertiport",
    "AirTaxiProblem.corridor",
    "AirTaxiProblem.type",
    "AirTaxiProblem.tail",
    "AirTaxiProblem.trip",
}
"""Names, and look-ups by name."""

OUT = trip("t", "A", "B", 1000)
TWO = tuple(
    trip(n, "A", "B", 1000, may_share=False, departure=TimeWindow(1000, 1030)) for n in ("t1", "t2")
)
PAIR = (tail("a1"), tail("a2"))
LINE = TimetableFlight(
    id="l", origin="A", destination="B", off_block=TimeWindow(1200, 1200), value=50
)
PILOT = Pilot(id="p", base="A", shift=TimeWindow(0, 14_400))
ROUND = tuple(trip(f"t{i}", "AB"[i % 2], "BA"[i % 2], 1000 + 1_000 * i) for i in range(8))
BACK_AND_FORTH = tuple(trip(f"t{i}", "A", "B", 1000 + 2000 * i) for i in range(6))


def ports(**changes: object) -> tuple[Vertiport, ...]:
    """Return A with a fast charger and some changes, and B."""
    return (port("A", **{"chargers": (FAST,), **changes}), port("B"))


def at_a(**changes: object) -> Pair:
    """Return a day of eight trips to and fro, before and after a change of A."""
    return changed_port(ROUND, **changes)


def changed_port(trips: tuple[Trip, ...], **changes: object) -> Pair:
    """Return a day of some trips, before and after a change of A."""
    return day(trips=trips, vertiports=ports()), day(trips=trips, vertiports=ports(**changes))


def kind(trips: tuple[Trip, ...] = ROUND, /, **changes: object) -> Pair:
    """Return a day before and after a change of the type."""
    before = day(trips=trips, vertiports=ports())
    return before, replace(before, types=(replace(S4, **changes),))


def fleet(**changes: object) -> Pair:
    """Return a day of one trip before and after a change of the aircraft."""
    before = day(trips=(OUT,), vertiports=ports())
    return before, replace(before, aircraft=(tail(**changes),))


def corridor(trips: tuple[Trip, ...] = TWO, /, **changes: object) -> Pair:
    """Return a day of two aircraft before and after a change of the way from A to B."""
    before = day(trips=trips, aircraft=PAIR, vertiports=(port("A", pads=2), port("B", pads=2)))
    return before, replace(before, corridors=(way("A", "B", **changes), way("B", "A")))


def ride(before: Trip = OUT, /, **changes: object) -> Pair:
    """Return a day of one trip before and after a change of it."""
    return day(trips=(before,)), day(trips=(replace(before, **changes),))


def line(**changes: object) -> Pair:
    """Return a day of one timetable flight before and after a change of it."""
    return day(timetable=(LINE,)), day(timetable=(replace(LINE, **changes),))


def crew(**changes: object) -> Pair:
    """Return a crewed day of six trips before and after a change of the pilot."""
    before = day(
        trips=BACK_AND_FORTH,
        vertiports=ports(),
        types=(replace(S4, needs_pilot=True), replace(S4, id="other")),
        pilots=(PILOT,),
    )
    return before, replace(before, pilots=(replace(PILOT, **changes),))


def charger(**changes: object) -> Pair:
    """Return a day whose trips need a charger that costs, before and after a change of it."""
    tariff = (TariffStep(0, 90),)
    before = day(trips=ROUND, vertiports=ports(tariff=tariff))
    group = replace(FAST, **changes)
    return before, day(trips=ROUND, vertiports=ports(tariff=tariff, chargers=(group,)))


def crowd(**changes: object) -> Pair:
    """Return a day on which two aircraft need the one charger at once, before and after."""
    rides = tuple(replace(t, id=f"{t.id}{n}", party=4, weight_kg=300) for t in ROUND for n in "ab")
    slow = replace(FAST, power_w=60_000)
    room = {"pads": 2, "stands": 4}
    before = day(
        trips=rides,
        aircraft=(tail("a1", soc_wh=40_000), tail("a2", soc_wh=40_000)),
        vertiports=(port("A", chargers=(slow,), **room), port("B", pads=2)),
    )
    after = (port("A", **{"chargers": (slow,), **room, **changes}), port("B", pads=2))
    return before, replace(before, vertiports=after)


def downtime(window: TimeWindow, vertiport: str | None) -> Pair:
    """Return a day with a downtime at A from 5,000 to 6,000, and with another one."""
    before = Downtime(window=TimeWindow(5_000, 6_000), vertiport="A")
    return tuple(  # type: ignore[return-value]
        day(trips=BACK_AND_FORTH, aircraft=(tail(downtimes=(d,)),))
        for d in (before, Downtime(window=window, vertiport=vertiport))
    )


def steps(before: LegStep, after: LegStep) -> Pair:
    """Return a day of one trip with one leg or another."""
    one, other = (
        day(trips=(OUT,), corridors=(way("A", "B", legs=(s,)), way("B", "A")))
        for s in (before, after)
    )
    return one, other


THROUGH = {
    "vertiports": (port("A"), port("B"), port("C")),
    "corridors": (way("A", "B"), way("B", "C")),
}
LEGS = (trip("ab", "A", "B", 1000), trip("bc", "B", "C", 2000))
VIA = trip("ac", "A", "C", 1000)
TWO_STEPS = (LegStep(0, 480, 20_000), LegStep(9_000, 480, 90_000))
CASES: dict[str, Pair] = {
    "Vertiport.pads": (
        corridor()[0],
        replace(corridor()[0], vertiports=(port("A", pads=1), port("B", pads=2))),
    ),
    "Vertiport.takeoff_s": at_a(takeoff_s=200),
    "Vertiport.landing_s": at_a(landing_s=200),
    "Vertiport.taxi_s": at_a(taxi_s=100),
    "Vertiport.stands": (
        day(trips=TWO, aircraft=PAIR, vertiports=(port("A", pads=2), port("B", pads=2))),
        day(trips=TWO, aircraft=PAIR, vertiports=(port("A", pads=2), port("B", pads=2, stands=1))),
    ),
    "Vertiport.chargers": at_a(chargers=()),
    "Vertiport.power_limit_w": at_a(power_limit_w=9_000),
    "Vertiport.opening": at_a(opening=(TimeWindow(5_000, 14_000),)),
    "Vertiport.tariff": at_a(tariff=(TariffStep(0, 90),)),
    "Vertiport.landing_fee": at_a(landing_fee=70),
    "Vertiport.stand_cost_per_hour": at_a(stand_cost_per_hour=70),
    "ChargerGroup.count": crowd(chargers=(replace(FAST, power_w=60_000, count=2),)),
    "ChargerGroup.power_w": charger(power_w=20_000),
    "ChargerGroup.efficiency_permille": charger(efficiency_permille=500),
    "TariffStep.start": (
        day(trips=ROUND, vertiports=ports(tariff=(TariffStep(0, 10), TariffStep(3_000, 90)))),
        day(trips=ROUND, vertiports=ports(tariff=(TariffStep(0, 10), TariffStep(12_000, 90)))),
    ),
    "TariffStep.price_per_kwh": (
        day(trips=ROUND, vertiports=ports(tariff=(TariffStep(0, 10),))),
        day(trips=ROUND, vertiports=ports(tariff=(TariffStep(0, 11),))),
    ),
    "LegStep.start": (
        day(trips=ROUND, corridors=(way("A", "B", legs=TWO_STEPS), way("B", "A"))),
        day(
            trips=ROUND,
            corridors=(
                way("A", "B", legs=(TWO_STEPS[0], replace(TWO_STEPS[1], start=2_000))),
                way("B", "A"),
            ),
        ),
    ),
    "LegStep.seconds": steps(LegStep(0, 480, 20_000), LegStep(0, 481, 20_000)),
    "LegStep.energy_wh": steps(LegStep(0, 480, 20_000), LegStep(0, 480, 20_001)),
    "Corridor.origin": (
        day(trips=(OUT,), corridors=(way("A", "B"), way("B", "A"))),
        day(trips=(OUT,), corridors=(way("B", "A"),)),
    ),
    "Corridor.destination": (
        day(trips=(OUT,), vertiports=(port("A"), port("B"), port("C")), corridors=(way("A", "B"),)),
        day(trips=(OUT,), vertiports=(port("A"), port("B"), port("C")), corridors=(way("A", "C"),)),
    ),
    "Corridor.headway_s": corridor(headway_s=60),
    "Corridor.legs": corridor(legs=(LegStep(0, 900, 20_000),)),
    "Corridor.type_legs": corridor(type_legs={"s4": ()}),
    "Corridor.closures": corridor(closures=(TimeWindow(900, 1_200),)),
    "AircraftType.seats": kind((replace(OUT, party=4, weight_kg=9),), seats=3),
    "AircraftType.payload_kg": kind(payload_kg=80),
    "AircraftType.battery_wh": kind(
        battery_wh=120_000, curve=ChargeCurve.constant(120_000, 360_000)
    ),
    "AircraftType.reserve_wh": kind(reserve_wh=70_000),
    "AircraftType.curve": kind(curve=ChargeCurve.constant(100_000, 20_000)),
    "AircraftType.turnaround_s": kind(turnaround_s=900),
    "AircraftType.connect_s": kind(connect_s=600),
    "AircraftType.disconnect_s": kind(disconnect_s=600),
    "AircraftType.cost_per_flight": kind(cost_per_flight=1_001),
    "AircraftType.cost_per_flight_s": kind(cost_per_flight_s=1),
    "AircraftType.day_cost": kind(day_cost=1),
    "AircraftType.needs_pilot": (
        day(trips=(OUT,), pilots=(replace(PILOT, base="B"),)),
        day(
            trips=(OUT,),
            pilots=(replace(PILOT, base="B"),),
            types=(replace(S4, needs_pilot=True),),
        ),
    ),
    "Aircraft.type": (
        day(trips=(OUT,), types=(S4, replace(S4, id="dear", day_cost=9))),
        day(
            trips=(OUT,),
            types=(S4, replace(S4, id="dear", day_cost=9)),
            aircraft=(tail(type="dear"),),
        ),
    ),
    "Aircraft.start": fleet(start="B"),
    "Aircraft.soc_wh": fleet(soc_wh=30_000),
    "Aircraft.available_from": fleet(available_from=2_000),
    "Aircraft.available_until": fleet(available_until=1_500),
    "Aircraft.downtimes": fleet(downtimes=(Downtime(window=TimeWindow(900, 2_300)),)),
    "Aircraft.end": fleet(end="A"),
    "Aircraft.final_soc_wh": fleet(end="A", final_soc_wh=90_000),
    "Downtime.window": downtime(TimeWindow(900, 12_000), "A"),
    "Downtime.vertiport": downtime(TimeWindow(5_000, 6_000), "B"),
    "Pilot.base": crew(base="B"),
    "Pilot.shift": crew(shift=TimeWindow(4_000, 14_400)),
    "Pilot.types": crew(types=frozenset({"other"})),
    "Pilot.max_duty_s": crew(max_duty_s=5_000),
    "Pilot.max_flight_s": crew(max_flight_s=1_000),
    "Pilot.max_work_s": crew(max_work_s=1_000, break_s=600),
    "Pilot.break_s": (
        crew(max_work_s=2_500, break_s=600)[1],
        crew(max_work_s=2_500, break_s=3_000)[1],
    ),
    "Trip.origin": ride(origin="B", destination="A"),
    "Trip.destination": (
        day(trips=(OUT,), vertiports=(port("A"), port("B"), port("C"))),
        day(trips=(replace(OUT, destination="C"),), vertiports=(port("A"), port("B"), port("C"))),
    ),
    "Trip.party": ride(party=5),
    "Trip.weight_kg": ride(weight_kg=500),
    "Trip.departure": ride(departure=TimeWindow(3_000, 3_000)),
    "Trip.arrive_by": ride(arrive_by=1_500),
    "Trip.max_stops": (
        day(**THROUGH, trips=(*LEGS, VIA)),
        day(**THROUGH, trips=(*LEGS, replace(VIA, max_stops=1))),
    ),
    "Trip.max_ride_s": ride(max_ride_s=500),
    "Trip.value": ride(value=9_999),
    "Trip.wait_cost_per_s": (
        day(trips=(OUT,), aircraft=(tail(available_from=1_100),)),
        day(trips=(replace(OUT, wait_cost_per_s=1),), aircraft=(tail(available_from=1_100),)),
    ),
    "Trip.promised": ride(replace(OUT, value=0), promised=True),
    "Trip.may_share": (
        day(trips=(OUT, replace(OUT, id="u"))),
        day(trips=(replace(OUT, may_share=False), replace(OUT, id="u"))),
    ),
    "TimetableFlight.origin": line(origin="B", destination="A"),
    "TimetableFlight.destination": (
        day(timetable=(LINE,), vertiports=(port("A"), port("B"), port("C"))),
        day(
            timetable=(replace(LINE, destination="C"),),
            vertiports=(port("A"), port("B"), port("C")),
        ),
    ),
    "TimetableFlight.off_block": line(off_block=TimeWindow(1_300, 1_300)),
    "TimetableFlight.types": (
        day(timetable=(LINE,), types=(S4, replace(S4, id="other"))),
        day(
            timetable=(replace(LINE, types=frozenset({"other"})),),
            types=(S4, replace(S4, id="other")),
        ),
    ),
    "TimetableFlight.required": line(required=False),
    "TimetableFlight.value": line(value=60),
    "AirTaxiProblem.vertiports": at_a(pads=2, landing_fee=1),
    "AirTaxiProblem.corridors": ride(origin="B", destination="A"),
    "AirTaxiProblem.types": kind(day_cost=2),
    "AirTaxiProblem.aircraft": (corridor()[0], replace(corridor()[0], aircraft=PAIR[:1])),
    "AirTaxiProblem.trips": (day(), day(trips=(OUT,))),
    "AirTaxiProblem.timetable": (day(), day(timetable=(LINE,))),
    "AirTaxiProblem.pilots": (
        day(trips=(OUT,), types=(replace(S4, needs_pilot=True),)),
        day(trips=(OUT,), types=(replace(S4, needs_pilot=True),), pilots=(PILOT,)),
    ),
    "AirTaxiProblem.horizon": (day(trips=(OUT,)), day(trips=(OUT,), horizon=TimeWindow(0, 1_500))),
}


def planned(problem: AirTaxiProblem) -> FlightPlan:
    """Return a plan that the checker has passed, or that tells why it cannot."""
    plan = solve(problem, QUICK)
    assert plan.infeasible or check(problem, plan).violations == ()
    return plan


def told(plan: FlightPlan) -> object:
    """Return what a plan does and says, its bound left aside."""
    codes = [(v.code, v.path) for v in plan.infeasible]
    return plan.flights, plan.charges, plan.value, codes


def test_every_field_has_a_case() -> None:
    """What is added to the domain is added here, or said to describe only."""
    classes = (
        *(Vertiport, ChargerGroup, TariffStep, LegStep, Corridor, AircraftType, Aircraft),
        *(Downtime, Pilot, Trip, TimetableFlight, AirTaxiProblem),
    )
    known = {f"{c.__name__}.{f.name}" for c in classes for f in fields(c)}
    assert known == CASES.keys() | DESCRIBES | IDS


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_field_changes_the_plan(name: str) -> None:
    """Other flights, sessions, money, or a reason why not."""
    before, after = CASES[name]
    assert before != after
    one, other = planned(before), planned(after)
    assert told(one) != told(other)


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_checker_sees_the_change(name: str) -> None:
    """The plan of the day before breaks a rule after the change or earns another value.

    Or, where a change only gives more room, the other way round.
    """
    before, after = CASES[name]
    one, other = planned(before), planned(after)
    if one.infeasible or other.infeasible:
        assert one.infeasible != other.infeasible
        return
    verdicts = [
        (plan, check(problem, replace(plan, bound=None)))
        for plan, problem in ((one, after), (other, before))
    ]
    assert any(r.violations or r.value != p.value for p, r in verdicts)
