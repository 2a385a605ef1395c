"""An air-taxi problem that is encoded and decoded is the same problem."""

from __future__ import annotations

from dataclasses import replace

from router.airtaxi import AirTaxiProblem, Downtime, Pilot, TimetableFlight, Trip
from router.airtaxi.network import LegStep, TariffStep
from router.airtaxi.scenario import load_scenario
from router.errors import Violations
from router.timewindow import TimeWindow
from server.codecs.airtaxi import decode_problem
from server.codecs.airtaxi_problem import encode_problem
from server.codecs.clock import Clock
from tests.plots import tiny

MIDNIGHT = Clock(1_764_000_000)


def back(problem: AirTaxiProblem) -> AirTaxiProblem:
    """Return what the server makes of the message; fails on any violation."""
    found = Violations()
    decoded, clock = decode_problem(encode_problem(problem, MIDNIGHT), found)
    assert [str(v) for v in found] == []
    assert clock == MIDNIGHT
    assert decoded is not None
    return decoded


def test_embedded_scenario_survives() -> None:
    """All 42 corridors, the fleet and the drawn trips come back equal."""
    problem = load_scenario("alatau-almaty").problem(passengers=200, seed=3)
    assert back(problem) == problem


def test_every_other_field_survives() -> None:
    """Tariffs, legs by type, closures, downtimes, ends, stops, private trips, timetable, pilots."""
    base = tiny.air_day()[0]
    port = replace(
        base.vertiports[0],
        name="Airport",
        opening=(TimeWindow(21_600, 72_000),),
        tariff=(TariffStep(0, 10), TariffStep(3_600, 20)),
        landing_fee=5,
        stand_cost_per_hour=6,
    )
    corridor = replace(
        base.corridors[0],
        headway_s=75,
        type_legs={"S4": (LegStep(0, 500, 9), LegStep(7_200, 510, 8))},
        closures=(TimeWindow(100, 200),),
    )
    tail = replace(
        base.aircraft[0],
        available_from=60,
        available_until=80_000,
        downtimes=(Downtime(window=TimeWindow(10, 20), vertiport="Golden"),),
        end="Golden",
        final_soc_wh=50_000,
    )
    trip = replace(
        base.trips[0], arrive_by=40_000, max_stops=1, max_ride_s=3_000, promised=True,
        may_share=False, wait_cost_per_s=2,
    )  # fmt: skip
    flight = TimetableFlight(
        id="f", origin="Airport", destination="Golden", off_block=TimeWindow(30_000, 30_000),
        types=frozenset({"S4"}), required=False, value=3,
    )  # fmt: skip
    pilot = Pilot(id="p", base="Airport", shift=TimeWindow(0, 50_000), max_duty_s=40_000, break_s=9)
    problem = replace(
        base,
        vertiports=(port, replace(base.vertiports[1], name="Golden")),
        corridors=(corridor, base.corridors[1]),
        aircraft=(tail,),
        trips=(trip, Trip(id="u", origin="Golden", destination="Airport", departure=base.horizon)),
        timetable=(flight,),
        pilots=(pilot,),
        currency="USD",
    )
    assert back(problem) == problem
