"""Each rule of a plan, broken and kept by the narrowest margin."""

from __future__ import annotations

from dataclasses import replace

from router.freight.routes.check import check
from router.freight.routes.plan import Route, Stop, StopKind, Unserved, UnservedReason
from router.freight.routes.problem import (
    BackhaulRule,
    Depot,
    Group,
    RoutingProblem,
    Shipment,
    ShipmentStop,
    Visit,
)
from router.matrix import UNREACHABLE
from router.solving import Cost
from router.timewindow import TimeWindow
from tests.freight.routes.plans import codes, cost, plan, route
from tests.freight.routes.problems import line_problem, matrix_travel, van

LINE = line_problem({"a": 3, "b": 5, "c": -4}, loads={"a": 2, "b": 3, "c": 4})


def with_fleet(problem: RoutingProblem = LINE, **changes: object) -> RoutingProblem:
    """Return the problem with one vehicle type ``van``."""
    return replace(problem, vehicle_types=(van(**changes),))


def with_visit(problem: RoutingProblem, name: str, **changes: object) -> RoutingProblem:
    """Return the problem with one visit changed."""
    visits = tuple(
        replace(visit, **changes) if visit.id == name else visit  # type: ignore[arg-type]
        for visit in problem.visits
    )
    return replace(problem, visits=visits)


def test_a_good_plan_is_accepted_and_priced() -> None:
    """0, 3, 5, -4, 0 is 3 + 2 + 9 + 4 = 18 long."""
    assert codes(LINE, route("a b c")) == []
    assert cost(LINE, route("a b c")) == {"distance": 18}


def test_cost_components() -> None:
    """Two vans at 100 each, 7 a unit of distance and 2 of time, b left out for 50.

    Routes are 6 and 8 long, and take as long: nothing to wait for or to serve.
    """
    problem = with_visit(LINE, "b", prize=50)
    problem = with_fleet(problem, count=2, fixed_cost=100, distance_cost=7, duration_cost=2)
    routes = route("a"), route("c", vehicle=1)
    assert codes(problem, *routes) == []
    assert cost(problem, *routes) == {
        "fixed": 200,
        "distance": 7 * (6 + 8),
        "duration": 2 * (6 + 8),
        "prizes": 50,
    }


def test_a_route_without_stops_costs_nothing() -> None:
    """It is not driven, so no fixed cost is due."""
    problem = with_fleet(count=2, fixed_cost=100)
    routes = route("a b c"), route("", vehicle=1)
    assert codes(problem, *routes) == []
    assert cost(problem, *routes) == {"fixed": 100, "distance": 18}


def test_unknown_names() -> None:
    """A route with an unknown name is not judged further; what it serves is missing."""
    report = check(LINE, replace(plan(LINE, route("a b c")), routes=(route("a x @y", "bus"),)))
    assert [(v.code, v.path) for v in report.violations[:3]] == [
        ("UNKNOWN_VEHICLE_TYPE", "routes[0].vehicle_type"),
        ("UNKNOWN_STOP", "routes[0].stops[1]"),
        ("UNKNOWN_STOP", "routes[0].stops[2]"),
    ]


def test_a_visit_is_no_shipment() -> None:
    """``a`` is a visit, so it cannot be picked up."""
    problem = with_visit(LINE, "a", prize=1)
    broken = Route(vehicle_type="van", stops=(Stop(StopKind.PICKUP, "a"),))
    report = check(problem, replace(plan(problem, route("b c")), routes=(broken,)))
    assert report.violations[0].code == "UNKNOWN_STOP"


def test_fleet() -> None:
    """One van: number 1 does not exist, and number 0 drives once."""
    assert codes(LINE, route("a b"), route("c", vehicle=1)) == [("FLEET", "routes[1].vehicle")]
    assert codes(LINE, route("a b"), route("c")) == [("VEHICLE_TWICE", "routes[1].vehicle")]
    assert codes(LINE, route("a b c", vehicle=-1)) == [("FLEET", "routes[0].vehicle")]


def test_an_unlimited_fleet_has_every_vehicle() -> None:
    """Numbers need not be dense."""
    problem = with_fleet(count=None)
    assert codes(problem, route("a b", vehicle=7), route("c", vehicle=100)) == []


def test_everything_is_served_once() -> None:
    """``a`` twice, ``c`` never."""
    assert codes(LINE, route("a b a")) == [
        ("SERVED_TWICE", "routes[0].stops[2]"),
        ("REQUIRED_UNSERVED", "visits[2]"),
    ]


def test_unserved_list() -> None:
    """It names what is missing, once, and nothing else."""
    problem = with_visit(LINE, "c", prize=9)
    good = plan(problem, route("a b"))
    reason = (UnservedReason.NOT_WORTH_IT,)
    assert not check(problem, good).violations
    wrong = replace(good, unserved=(Unserved("a", reason),))
    assert [(v.code, v.path) for v in check(problem, wrong).violations] == [
        ("UNSERVED_LIST", "unserved[0]"),
        ("UNSERVED_LIST", "unserved"),
    ]
    twice = replace(good, unserved=(Unserved("c", reason), Unserved("c", reason)))
    assert [v.path for v in check(problem, twice).violations] == ["unserved[0]", "unserved[1]"]


def test_stated_cost() -> None:
    """The plan above costs 18, not 17."""
    report = check(LINE, plan(LINE, route("a b c"), cost=Cost(17)))
    assert [v.code for v in report.violations] == ["COST_MISMATCH"]
    assert report.cost.total == 18


def test_groups() -> None:
    """One of a and b: both are too many, none is too few unless it is optional."""
    problem = replace(LINE, groups=(Group(id="g", visits=("a", "b")),))
    assert codes(problem, route("a c")) == []
    assert codes(problem, route("a b c")) == [("GROUP", "groups[0]")]
    assert codes(problem, route("c")) == [("GROUP", "groups[0]")]
    optional = replace(LINE, groups=(Group(id="g", visits=("a", "b"), required=False, prize=30),))
    assert codes(optional, route("c")) == []
    assert cost(optional, route("c")) == {"distance": 8, "prizes": 30}
    assert cost(optional, route("b c")) == {"distance": 18}
    assert codes(optional, route("a b c")) == [("GROUP", "groups[0]")]


def test_capacity_of_deliveries() -> None:
    """The van starts with 2 + 3 + 4 = 9."""
    assert codes(with_fleet(capacity=(9,)), route("a b c")) == []
    assert codes(with_fleet(capacity=(8,)), route("a b c")) == [("CAPACITY", "routes[0].stops")]


def test_capacity_of_deliveries_and_collections_at_once() -> None:
    """Start with 9; a: -2 +5 = 12; b: -3 = 9; c: -4 +1 = 6. The peak is 12, after a."""
    problem = with_visit(with_visit(LINE, "a", collect=(5,)), "c", collect=(1,))
    assert codes(with_fleet(problem, capacity=(12,)), route("a b c")) == []
    assert codes(with_fleet(problem, capacity=(11,)), route("a b c")) == [
        ("CAPACITY", "routes[0].stops[0]")
    ]
    # b first: 9, 6, 9, 6.
    assert codes(with_fleet(problem, capacity=(9,)), route("b a c")) == []


def test_capacity_in_each_dimension() -> None:
    """Weight fits, pallets do not."""
    problem = line_problem(
        {"a": 1},
        dimensions=("kg", "pallets"),
        visits=(Visit(id="a", location="a", deliver=(5, 3)),),
        vehicle_types=(van(capacity=(5, 2)),),
    )
    assert codes(problem, route("a")) == [("CAPACITY", "routes[0].stops")]


def test_a_reload_empties_and_fills_the_van() -> None:
    """A (2) and b (3) need 5 at once; with a reload 3 are enough. 3+3+5+5 = 16 long."""
    problem = replace(LINE, visits=LINE.visits[:2])
    fleet = {"capacity": (3,), "reload_depots": ("d",)}
    assert codes(with_fleet(problem, **fleet), route("a @d b")) == []
    assert cost(with_fleet(problem, **fleet), route("a @d b")) == {"distance": 16}
    assert codes(with_fleet(problem, **fleet), route("a b")) == [("CAPACITY", "routes[0].stops")]
    assert codes(with_fleet(problem, max_reloads=0, **fleet), route("a @d b")) == [
        ("MAX_RELOADS", "routes[0].stops")
    ]
    assert codes(with_fleet(problem, capacity=(3,)), route("a @d b")) == [
        ("RELOAD_DEPOT", "routes[0].stops[1]")
    ]


def shipments(**changes: object) -> RoutingProblem:
    """Return two shipments on a line: s from 1 to 4, t from 2 to 6, loads 3 and 2."""
    problem = line_problem({"1": 1, "2": 2, "4": 4, "6": 6}, visits=())
    both = tuple(
        Shipment(
            id=name,
            pickup=ShipmentStop(location=origin),
            delivery=ShipmentStop(location=destination),
            load=(load,),
        )
        for name, origin, destination, load in (("s", "1", "4", 3), ("t", "2", "6", 2))
    )
    return with_fleet(replace(problem, shipments=both), reload_depots=("d",), **changes)


def test_shipments_are_paired_in_order() -> None:
    """Pickup before delivery, in one trip, on one vehicle."""
    problem = shipments(count=2)
    assert codes(problem, route("+s +t -s -t")) == []
    assert cost(problem, route("+s +t -s -t")) == {"distance": 12}
    assert codes(problem, route("+s -t +t -s")) == [
        ("PAIRING", "routes[0].stops[1]"),
        ("PAIRING", "routes[0].stops[2]"),
    ]
    assert codes(problem, route("+s +t @d -s -t")) == [
        ("PAIRING", f"routes[0].stops[{i}]") for i in (0, 1, 3, 4)
    ]
    assert codes(problem, route("+s +t -t"), route("-s", vehicle=1)) == [
        ("PAIRING", "routes[0].stops[0]"),
        ("PAIRING", "routes[1].stops[0]"),
    ]


def test_shipments_load_the_van_between_their_stops() -> None:
    """Together 5; one after the other at most 3."""
    assert codes(shipments(capacity=(5,)), route("+s +t -s -t")) == []
    assert codes(shipments(capacity=(4,)), route("+s +t -s -t")) == [
        ("CAPACITY", "routes[0].stops[1]")
    ]
    assert codes(shipments(capacity=(3,)), route("+s -s +t -t")) == []


def test_optional_shipments_lose_their_prize() -> None:
    """T stays: 1 to 4 and back is 8 long."""
    problem = shipments()
    problem = replace(
        problem, shipments=(problem.shipments[0], replace(problem.shipments[1], prize=5))
    )
    assert codes(problem, route("+s -s")) == []
    assert cost(problem, route("+s -s")) == {"distance": 8, "prizes": 5}
    assert codes(shipments(), route("+s -s")) == [("REQUIRED_UNSERVED", "shipments[1]")]


def test_skills() -> None:
    """B needs a crane and a lift; the van has a crane."""
    problem = with_visit(LINE, "b", skills=frozenset({"crane", "lift"}))
    assert codes(with_fleet(problem, skills=frozenset({"crane"})), route("a b c")) == [
        ("SKILLS", "routes[0].stops[1]")
    ]
    able = frozenset({"crane", "lift", "cold"})
    assert codes(with_fleet(problem, skills=able), route("a b c")) == []


def backhauls(rule: BackhaulRule) -> RoutingProblem:
    """Return a and b to deliver to, c to collect from."""
    problem = with_visit(LINE, "c", deliver=(), collect=(4,))
    return with_fleet(replace(problem, backhaul=rule), reload_depots=("d",))


def test_backhaul_rules() -> None:
    """Mixed: all. First: no delivery after a collection. Required: a delivery begins."""
    mixed, first, required = (backhauls(rule) for rule in BackhaulRule)
    assert codes(mixed, route("a c b")) == []
    assert codes(first, route("a b c")) == []
    assert codes(first, route("a c b")) == [("BACKHAUL", "routes[0].stops[2]")]
    assert codes(first, route("c @d a b")) == []
    assert codes(required, route("a b c")) == []
    assert codes(required, route("c @d a b")) == [("BACKHAUL", "routes[0].stops[0]")]
    assert codes(required, route("a b @d c")) == [("BACKHAUL", "routes[0].stops[3]")]


def test_a_visit_that_delivers_and_collects_may_begin_the_backhaul() -> None:
    """It delivers first; nothing may be delivered after it."""
    problem = with_visit(backhauls(BackhaulRule.LINEHAUL_REQUIRED), "b", collect=(1,))
    assert codes(problem, route("a b c")) == []
    assert codes(problem, route("b a c")) == [("BACKHAUL", "routes[0].stops[1]")]


def test_limits_of_distance_and_stops() -> None:
    """The tour is 18 long and has 3 stops."""
    assert codes(with_fleet(max_distance=18, max_stops=3), route("a b c")) == []
    assert codes(with_fleet(max_distance=17, max_stops=2), route("a b c")) == [
        ("MAX_STOPS", "routes[0].stops"),
        ("MAX_DISTANCE", "routes[0].stops"),
    ]


def test_reloads_are_no_stops() -> None:
    """Two visits and a reload are two stops."""
    problem = replace(LINE, visits=LINE.visits[:2])
    fleet = with_fleet(problem, reload_depots=("d",), max_stops=2)
    assert codes(fleet, route("a @d b")) == []


def test_open_end() -> None:
    """The route ends at c: 3 + 2 + 9 = 14."""
    assert cost(with_fleet(end=None), route("a b c")) == {"distance": 14}


def test_several_depots() -> None:
    """From d (0) by a (3) to e (5): 5 long."""
    problem = replace(
        LINE,
        visits=LINE.visits[:1],
        depots=(*LINE.depots, Depot(id="e", location="b")),
    )
    assert cost(with_fleet(problem, end="e"), route("a")) == {"distance": 5}


def test_no_way() -> None:
    """There is no leg from a to b; it counts 0: 1 + 0 + 1."""
    no = UNREACHABLE
    problem = line_problem(
        {"a": 1, "b": 2}, travel=matrix_travel([[0, 1, 1], [1, 0, no], [1, 1, 0]])
    )
    assert codes(problem, route("b a")) == []
    assert codes(problem, route("a b")) == [("NO_WAY", "routes[0].stops[1]")]
    assert cost(problem, route("a b")) == {"distance": 2}


def test_time_window_of_a_visit() -> None:
    """A is reached at 3 at the earliest."""
    assert codes(with_visit(LINE, "a", windows=(TimeWindow(0, 3),)), route("a b c")) == []
    late = with_visit(LINE, "a", windows=(TimeWindow(0, 2),))
    assert codes(late, route("a b c")) == [("TIME_WINDOW", "routes[0].stops[0]")]


def test_the_next_window_is_waited_for() -> None:
    """A at 3 waits for [6, 7]; b at 6 + 2 = 8 is in time, at 7 it would not be."""
    problem = with_visit(LINE, "a", windows=(TimeWindow(0, 2), TimeWindow(6, 7)))
    assert codes(with_visit(problem, "b", windows=(TimeWindow(8, 8),)), route("a b c")) == []
    assert codes(with_visit(problem, "b", windows=(TimeWindow(7, 7),)), route("a b c")) == [
        ("TIME_WINDOW", "routes[0].stops[1]")
    ]


def test_shift() -> None:
    """18 long without a wait: a shift of [10, 28] is just enough."""
    assert codes(with_fleet(shift=TimeWindow(10, 28)), route("a b c")) == []
    assert codes(with_fleet(shift=TimeWindow(10, 27)), route("a b c")) == [
        ("SHIFT", "routes[0].stops")
    ]


def test_shift_with_an_open_end_covers_the_last_service() -> None:
    """14 to c, and 2 there."""
    problem = with_visit(LINE, "c", service=2)
    assert codes(with_fleet(problem, end=None, shift=TimeWindow(0, 16)), route("a b c")) == []
    assert codes(with_fleet(problem, end=None, shift=TimeWindow(0, 15)), route("a b c")) == [
        ("SHIFT", "routes[0].stops")
    ]


def depot(**changes: object) -> tuple[Depot, ...]:
    """Return depot ``d`` with some fields changed."""
    return (replace(LINE.depots[0], **changes),)  # type: ignore[arg-type]


def test_depot_window() -> None:
    """Open [5, 23]: start at 5, end at 23. One less and the end is late."""
    assert codes(replace(LINE, depots=depot(window=TimeWindow(5, 23))), route("a b c")) == []
    assert codes(replace(LINE, depots=depot(window=TimeWindow(5, 22))), route("a b c")) == [
        ("DEPOT_WINDOW", "routes[0].stops")
    ]


def test_depot_closed_in_the_shift() -> None:
    """The depot opens at 20; the shift ends at 10."""
    problem = replace(with_fleet(shift=TimeWindow(0, 10)), depots=depot(window=TimeWindow(20, 99)))
    assert ("SHIFT", "routes[0].stops") in codes(problem, route("a b c"))


def test_loading_takes_its_time_at_the_start_and_at_a_reload() -> None:
    """4 + 6 + 4 + 18 - 4 - 4: a (6) and b, c (5 + 9 + 4 = 18), two loadings of 4: 32."""
    problem = replace(LINE, depots=depot(service=4))
    stops = route("a @d b c")
    fleet = {"reload_depots": ("d",)}
    assert codes(with_fleet(problem, max_duration=32, **fleet), stops) == []
    assert codes(with_fleet(problem, max_duration=31, **fleet), stops) == [
        ("MAX_DURATION", "routes[0].stops")
    ]


def test_release_delays_the_loading() -> None:
    """B is ready at 100: loading starts then, b is reached at 105."""
    problem = with_visit(LINE, "b", release=100, windows=(TimeWindow(0, 107),))
    assert codes(problem, route("b a c")) == []
    # a first: b is reached at 100 + 3 + 2 as well, but with a service at a too late.
    assert codes(with_visit(problem, "a", service=2), route("a b c")) == []
    assert codes(with_visit(problem, "a", service=3), route("a b c")) == [
        ("TIME_WINDOW", "routes[0].stops[1]")
    ]


def test_release_concerns_its_own_trip_only() -> None:
    """A at once, back at 6, wait for b's release at 50: end at 60, lasts 54 from 0 or 10."""
    problem = with_visit(replace(LINE, visits=LINE.visits[:2]), "b", release=50)
    problem = with_visit(problem, "a", windows=(TimeWindow(0, 5),))
    fleet = with_fleet(problem, reload_depots=("d",), duration_cost=1, distance_cost=0)
    assert codes(fleet, route("a @d b")) == []
    # a is served at 5 at the latest, so the start is 2 at the latest: 60 - 2.
    assert cost(fleet, route("a @d b")) == {"duration": 58}


def test_release_after_the_depot_closes() -> None:
    """The goods are ready when nobody is there to load them."""
    problem = with_visit(LINE, "a", release=41)
    problem = replace(problem, depots=depot(window=TimeWindow(0, 40)))
    assert ("DEPOT_WINDOW", "routes[0].stops") in codes(problem, route("a b c"))
    reloading = with_fleet(problem, reload_depots=("d",))
    assert ("DEPOT_WINDOW", "routes[0].stops[2]") in codes(reloading, route("b c @d a"))


def test_duration_is_that_of_the_best_start() -> None:
    """A opens at 100: leave at 97, then 3 + 2 + 9 + 4 = 18 without a wait."""
    problem = with_visit(LINE, "a", windows=(TimeWindow(100, 200),))
    assert cost(with_fleet(problem, distance_cost=0, duration_cost=1), route("a b c")) == {
        "duration": 18
    }


def test_duration_with_a_wait_that_no_start_avoids() -> None:
    """A by 10, b from 40: leave at 7, serve a at 10, b at 40, end at 40 + 9 + 4 = 53."""
    problem = with_visit(LINE, "a", windows=(TimeWindow(0, 10),))
    problem = with_visit(problem, "b", windows=(TimeWindow(40, 50),))
    assert cost(with_fleet(problem, distance_cost=0, duration_cost=1), route("a b c")) == {
        "duration": 46
    }
