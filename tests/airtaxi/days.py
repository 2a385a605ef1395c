"""A tiny day whose every number can be worked out by hand, and its plan.

Two vertiports 10 minutes apart, linear charging of 1 Wh a second. One aircraft
flies A to B with `one` and `two`, charges, and flies back with `three`.

=========  =======================================================
Flight 1   off block 1000, departs 1100 (taxi 40, pad 60), lands
           1700, on block 1800 (pad 60, taxi 40); 2000 to 1500 Wh
Charge     1860 to 2160 at 3600 W: 300 s, 300 Wh: 1500 to 1800 Wh
Flight 2   off block 2220, departs 2320, lands 2820, on block
           2920; takes 400 Wh: 1800 to 1400 Wh
=========  =======================================================
"""

from dataclasses import replace
from typing import Any

from router.airtaxi import (
    Aircraft,
    AircraftType,
    AirTaxiProblem,
    Charge,
    ChargeCurve,
    ChargerGroup,
    Corridor,
    Flight,
    FlightPlan,
    LegStep,
    TariffStep,
    Trip,
    Vertiport,
)
from router.timewindow import TimeWindow

PORT = Vertiport(
    id="A",
    lat=43.0,
    lon=77.0,
    pads=1,
    takeoff_s=60,
    landing_s=60,
    taxi_s=40,
    stands=2,
    chargers=(ChargerGroup(id="c", count=1, power_w=3600, efficiency_permille=900),),
    power_limit_w=4000,
    tariff=(TariffStep(0, 9), TariffStep(1960, 18)),
    landing_fee=7,
    stand_cost_per_hour=36,
)
KIND = AircraftType(
    id="T",
    seats=4,
    payload_kg=400,
    battery_wh=2000,
    reserve_wh=1000,
    curve=ChargeCurve.constant(2000, 3600),
    turnaround_s=300,
    connect_s=60,
    disconnect_s=60,
    cost_per_flight=100,
    cost_per_flight_s=2,
    day_cost=5000,
)
DAY = AirTaxiProblem(
    vertiports=(PORT, replace(PORT, id="B")),
    corridors=(
        Corridor(origin="A", destination="B", headway_s=90, legs=(LegStep(0, 600, 500),)),
        Corridor(origin="B", destination="A", headway_s=90, legs=(LegStep(0, 500, 400),)),
    ),
    types=(KIND,),
    aircraft=(Aircraft(id="X", type="T", start="A", soc_wh=2000),),
    trips=(
        Trip(
            id="one",
            origin="A",
            destination="B",
            party=2,
            weight_kg=180,
            departure=TimeWindow(900, 1200),
            value=4000,
            wait_cost_per_s=1,
        ),
        Trip(id="two", origin="A", destination="B", departure=TimeWindow(1000, 1100), value=3000),
        Trip(id="three", origin="B", destination="A", departure=TimeWindow(2000, 2300), value=2500),
    ),
    horizon=TimeWindow(0, 7200),
)
OUT = Flight(
    aircraft="X",
    origin="A",
    destination="B",
    off_block=1000,
    departure=1100,
    landing=1700,
    on_block=1800,
    trips=("one", "two"),
    energy_wh=500,
    soc_before_wh=2000,
    soc_after_wh=1500,
)
FILL = Charge(
    aircraft="X",
    vertiport="B",
    charger="c",
    start=1860,
    end=2160,
    power_w=3600,
    soc_before_wh=1500,
    soc_after_wh=1800,
)
BACK = Flight(
    aircraft="X",
    origin="B",
    destination="A",
    off_block=2220,
    departure=2320,
    landing=2820,
    on_block=2920,
    trips=("three",),
    energy_wh=400,
    soc_before_wh=1800,
    soc_after_wh=1400,
)
PLAN = FlightPlan(flights=(OUT, BACK), charges=(FILL,))


def moved(flight: Flight, seconds: int, **changes: Any) -> Flight:
    """Return a flight whose four moments are shifted, with other changes."""
    return replace(
        flight,
        off_block=flight.off_block + seconds,
        departure=flight.departure + seconds,
        landing=flight.landing + seconds,
        on_block=flight.on_block + seconds,
        **changes,
    )


def twin(problem: AirTaxiProblem, **changes: Any) -> AirTaxiProblem:
    """Return the problem with a second aircraft, Y, like X but for ``changes``."""
    other = replace(problem.aircraft[0], id="Y", **changes)
    return replace(problem, aircraft=(*problem.aircraft, other))


def with_type(problem: AirTaxiProblem, **changes: Any) -> AirTaxiProblem:
    """Return the problem with its type changed."""
    return replace(problem, types=(replace(problem.types[0], **changes),))


def with_port(problem: AirTaxiProblem, port_id: str, **changes: Any) -> AirTaxiProblem:
    """Return the problem with one vertiport changed."""
    ports = tuple(replace(v, **changes) if v.id == port_id else v for v in problem.vertiports)
    return replace(problem, vertiports=ports)


def with_trip(problem: AirTaxiProblem, trip_id: str, **changes: Any) -> AirTaxiProblem:
    """Return the problem with one trip changed."""
    trips = tuple(replace(t, **changes) if t.id == trip_id else t for t in problem.trips)
    return replace(problem, trips=trips)


def with_aircraft(problem: AirTaxiProblem, **changes: Any) -> AirTaxiProblem:
    """Return the problem with its first aircraft changed."""
    return replace(problem, aircraft=(replace(problem.aircraft[0], **changes),))
