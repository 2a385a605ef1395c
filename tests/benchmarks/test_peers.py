"""What every peer of the air-taxi benchmark gets right on tiny days, checked and by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmarks.quality.airtaxi.monolith import solve_whole
from benchmarks.quality.airtaxi.routing import solve_routed
from router.airtaxi.check import check
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import FlightPlan
from router.solving import SolveOptions
from router.timewindow import TimeWindow
from tests.airtaxi.plan.scenes import FAST, S4, day, port, tail, trip

Peer = Callable[[AirTaxiProblem], FlightPlan]


@pytest.fixture(params=[(solve_whole, 20.0), (solve_routed, 1.0)], ids=["CP-SAT", "routing"])
def peer(request: pytest.FixtureRequest) -> Peer:
    """Return a peer whose plans the checker passes."""
    solve, seconds = request.param

    def planned(problem: AirTaxiProblem) -> FlightPlan:
        plan: FlightPlan = solve(problem, SolveOptions(seconds=seconds, threads=1, seed=1))
        assert check(problem, plan).violations == ()
        return plan

    return planned


def test_an_empty_flight_fetches_a_party_if_it_pays(peer: Peer) -> None:
    """B to A is worth 10,000 and costs two flights of 1,000, one of them empty."""
    plan = peer(day(trips=(trip("t1", "B", "A", 5000),)))
    assert plan.value == 8_000
    assert [(f.origin, f.trips) for f in plan.flights] == [("A", ()), ("B", ("t1",))]
    assert peer(day(trips=(trip("t1", "B", "A", 5000, value=1_999),))).flights == ()


@pytest.mark.parametrize(("chargers", "flown"), [((), 4), ((FAST,), 6)])
def test_it_charges_on_the_way(peer: Peer, chargers: tuple[object, ...], flown: int) -> None:
    """100 kWh are four flights of 20 above the reserve of 20; there and back every 1,800 s."""
    ways = ("A", "B") * 3
    trips = tuple(trip(f"t{k}", ways[k], ways[(k + 1) % 6], 1_000 + 1_800 * k) for k in range(6))
    plan = peer(day(trips=trips, vertiports=(port("A", chargers=chargers), port("B"))))
    assert len(plan.flights) == flown
    assert bool(plan.charges) == bool(chargers)


@pytest.mark.parametrize(("pads", "served"), [(1, 1), (2, 2)])
def test_pads_are_kept(peer: Peer, pads: int, served: int) -> None:
    """Two full parties leave at one moment, each in an aircraft of its own."""
    only = TimeWindow(1_000, 1_000)
    trips = tuple(trip(f"t{k}", "A", "B", 1_000, party=4, departure=only) for k in range(2))
    fleet = (tail("a1"), tail("a2"))
    ports = (port("A", pads=pads), port("B", pads=2))
    assert len(peer(day(trips=trips, aircraft=fleet, vertiports=ports)).flights) == served


def test_who_does_not_share_flies_alone(peer: Peer) -> None:
    """Three parties at one moment, one of them for itself: two aircraft."""
    trips = tuple(trip(f"t{k}", "A", "B", 1_000, may_share=k > 0) for k in range(3))
    plan = peer(day(trips=trips, aircraft=(tail("a1"), tail("a2"))))
    assert sorted(f.trips for f in plan.flights) == [("t0",), ("t1", "t2")]


def test_parties_too_heavy_for_one_flight_fly_apart(peer: Peer) -> None:
    """Two of 250 kg and a payload of 400: two aircraft."""
    trips = tuple(trip(f"t{k}", "A", "B", 1_000, weight_kg=250) for k in range(2))
    kinds = (replace(S4, payload_kg=400),)
    plan = peer(day(trips=trips, types=kinds, aircraft=(tail("a1"), tail("a2"))))
    assert sorted(f.trips for f in plan.flights) == [("t0",), ("t1",)]
