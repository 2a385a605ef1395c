"""Two days side by side, and the changes that make one of the other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.airtaxi.changes import changed, parse_changes
from router.airtaxi.charging import ChargeCurve
from router.airtaxi.check import check
from router.airtaxi.compare import compare
from router.airtaxi.network import TariffStep
from router.airtaxi.plan import SearchParameters, solve
from router.airtaxi.problem import AirTaxiProblem
from router.errors import InvalidInput
from router.solving import SolveOptions
from tests.airtaxi.days import DAY, twin
from tests.airtaxi.plan.scenes import FAST, day, port, random_day, tail, trip, way

QUICK = SolveOptions(seconds=20, max_iterations=200)


def after(problem: AirTaxiProblem, *changes: str) -> AirTaxiProblem:
    """Return a problem with changes."""
    return changed(problem, parse_changes(changes))


def test_amounts_are_new_values_differences_and_factors() -> None:
    """Of 2 stands: 5, 2 + 3, 2 - 5 (not below 0), 2 x 1.5."""
    counts = [
        after(DAY, f"stands={amount}").vertiports[0].stands for amount in ("5", "+3", "-5", "x1.5")
    ]
    assert counts == [5, 5, 0, 3]


def test_a_place_limits_a_change() -> None:
    """Only A has three pads; only the small type has five seats."""
    wider = after(DAY, "pads@A=3")
    assert [v.pads for v in wider.vertiports] == [3, 1]
    kinds = after(random_day(1), "seats@small=5").types
    assert [k.seats for k in kinds] == [4, 5]


def test_the_fleet_shrinks_evenly_and_grows_with_new_names() -> None:
    """Every second of four; four and the first two again."""
    four = day(aircraft=tuple(tail(f"a{i}") for i in range(4)))
    assert [a.id for a in after(four, "fleet=2").aircraft] == ["a0", "a2"]
    assert [a.id for a in after(four, "fleet=x1.5").aircraft][4:] == ["a0+1", "a1+1"]
    assert len(after(four, "fleet=-9").aircraft) == 1


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ("chargers=+1", lambda p: p.vertiports[0].chargers[0].count, 2),
        ("chargers=0", lambda p: p.vertiports[0].chargers, ()),
        ("charging=none", lambda p: p.vertiports[1].chargers, ()),
        ("charger_power=x0.5", lambda p: p.vertiports[0].chargers[0].power_w, 1800),
        ("site_power=x2", lambda p: p.vertiports[0].power_limit_w, 8000),
        ("electricity=x2", lambda p: p.vertiports[0].tariff[1], TariffStep(1960, 36)),
        ("landing_fee=9", lambda p: p.vertiports[0].landing_fee, 9),
        ("turnaround=60", lambda p: p.types[0].turnaround_s, 60),
        ("reserve=x0.5", lambda p: p.types[0].reserve_wh, 500),
        (
            "flight_cost=x2",
            lambda p: (p.types[0].cost_per_flight, p.types[0].cost_per_flight_s),
            (200, 4),
        ),
        ("headway=0", lambda p: p.corridors[0].headway_s, 0),
        ("fares=x0.5", lambda p: p.trips[0].value, 2000),
        ("patience=600", lambda p: p.trips[0].departure.end, 1500),
        ("pooling=off", lambda p: {t.may_share for t in p.trips}, {False}),
        ("charging=linear", lambda p: p.types[0].curve, ChargeCurve.constant(2000, 3600)),
    ],
)
def test_every_change_changes_what_it_names(change: str, field: object, value: object) -> None:
    """And nothing else: the problem differs from the one before only there."""
    assert callable(field)
    assert field(after(DAY, change)) == value


def test_what_is_no_change_is_told_all_at_once() -> None:
    """No name, an unknown name, no amount, no choice, a place that does not fit, no such place."""
    texts = ("x", "wings=3", "fleet=many", "pooling=maybe", "fleet@A=3")
    with pytest.raises(InvalidInput) as caught:
        parse_changes(texts)
    assert [(v.code, v.path) for v in caught.value.violations] == [
        ("CHANGE", f"changes[{i}]") for i in range(5)
    ]
    with pytest.raises(InvalidInput) as caught:
        after(DAY, "pads@Z=2", "pads@B=2")
    assert [(v.code, v.path) for v in caught.value.violations] == [("UNKNOWN_ID", "changes[0]")]


def test_more_aircraft_serve_more_and_the_bound_proves_it() -> None:
    """Two parties that do not share leave A at once: 9,000 with one aircraft, 18,000 with two."""
    rides = tuple(trip(n, "A", "B", 1000, may_share=False) for n in ("t1", "t2"))
    made = compare(day(trips=rides), None, ["fleet=2"], QUICK)
    assert (made.a.report.value, made.b.report.value) == (9_000, 18_000)
    assert made.value_difference == 9_000
    assert made.proven_better == "b"
    assert made.difference_range is not None
    assert made.difference_range[0] <= 9_000 <= made.difference_range[1]
    assert [s.report.violations for s in (made.a, made.b)] == [(), ()]


def test_the_same_day_twice_is_never_proven_better() -> None:
    """Both bounds are at or above both values, whatever the search finds."""
    problem = random_day(4)
    made = compare(problem, problem, (), QUICK)
    assert made.proven_better is None
    assert made.value_difference == 0
    assert made.to_json()["a"] == {
        **made.b.to_json(),
        "name": "a",
        "seconds": round(made.a.plan.seconds, 3),
    }


def test_a_day_that_cannot_be_flown_proves_nothing() -> None:
    """No bound, no range."""
    rides = (trip("t", "A", "B", 1000, promised=True),)
    made = compare(day(trips=rides), day(trips=rides, corridors=(way("B", "A"),)), (), QUICK)
    assert made.b.plan.infeasible
    assert (made.proven_better, made.difference_range) == (None, None)


def test_leaving_only_with_a_full_battery_costs_flights() -> None:
    """Charging 20 kWh at 100 Wh/s takes 200 s, at 25 Wh/s 800 s: the policy misses parties.

    Each flight takes 20 kWh; without the policy 80 kWh above the reserve last for four.
    """
    slow = replace(FAST, power_w=90_000)
    ports = (port("A", chargers=(slow,)), port("B", chargers=(slow,)))
    rides = tuple(trip(f"t{i}", "AB"[i % 2], "BA"[i % 2], 1000 + 1_000 * i) for i in range(4))
    problem = day(vertiports=ports, trips=rides)
    made = compare(problem, None, ["leave_with=1"], QUICK)
    assert len(made.a.plan.served_trips) == 4
    assert len(made.b.plan.served_trips) < 4
    assert all(f.soc_before_wh == 100_000 for f in made.b.plan.flights)


@pytest.mark.parametrize("seed", range(6))
def test_the_policy_holds_on_random_days(seed: int) -> None:
    """Wherever there is a charger, nothing leaves with less than 60 % of the battery."""
    problem = random_day(seed)
    plan = solve(problem, QUICK, parameters=SearchParameters(leave_with=0.6))
    told = {"END_PLACE", "FINAL_SOC", "DOWNTIME"} if plan.infeasible else set()
    assert {v.code for v in check(problem, plan).violations} <= told
    for f in plan.flights:
        if problem.vertiport[f.origin].chargers:
            assert f.soc_before_wh >= 0.6 * problem.type_of(f.aircraft).battery_wh


def test_twins_compare_by_value() -> None:
    """The second aircraft of the tiny day has nothing to do: the plan is worth the same."""
    made = compare(DAY, twin(DAY), (), QUICK, names=("one", "two"))
    assert made.b.name == "two"
    assert made.a.report.revenue == made.b.report.revenue
