"""One tiny problem and plan of each part; every plan passes its checker."""

from __future__ import annotations

import numpy as np

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
    Trip,
    Vertiport,
)
from router.freight.docks.plan import Appointment, DockPlan
from router.freight.docks.problem import (
    CrewShift,
    Direction,
    DockProblem,
    Door,
    Transfer,
    Truck,
)
from router.freight.flows.plan import Departures, FlowPlan, LaneFlow
from router.freight.flows.problem import Commodity, FlowProblem, Lane, Mode, Node
from router.freight.routes.plan import (
    Route,
    RoutePlan,
    Stop,
    StopKind,
    Unserved,
    UnservedReason,
)
from router.freight.routes.problem import Depot, Location, RoutingProblem, VehicleType, Visit
from router.matrix import GreatCircle
from router.solving import Cost
from router.timewindow import TimeWindow

HOUR = 3600


def air_day() -> tuple[AirTaxiProblem, FlightPlan]:
    """Return a day: one flight with three passengers, a charge, an empty flight back.

    It leaves at 08:00 with 80 kWh and lands with 60 kWh; from 08:20 it charges
    for 30 min at 72 kW, which fills one Wh in 0.05 s, hence 36 kWh; back at
    09:00 it lands with 96 - 20 = 76 kWh.
    """
    chargers = (ChargerGroup(id="fast", count=2, power_w=72_000, efficiency_permille=900),)
    ports = (
        Vertiport(id="Airport", lat=43.35, lon=77.04, elevation_m=681, pads=2, stands=4, taxi_s=60),
        Vertiport(
            id="Golden",
            lat=43.54,
            lon=77.03,
            pads=1,
            stands=2,
            taxi_s=60,
            chargers=chargers,
            power_limit_w=100_000,
        ),
    )
    leg = (LegStep(0, 600, 20_000),)
    problem = AirTaxiProblem(
        vertiports=ports,
        corridors=(
            Corridor(origin="Airport", destination="Golden", legs=leg),
            Corridor(origin="Golden", destination="Airport", legs=leg),
        ),
        types=(
            AircraftType(
                id="S4",
                seats=4,
                payload_kg=450,
                battery_wh=100_000,
                reserve_wh=20_000,
                curve=ChargeCurve.constant(100_000, 200_000),
            ),
        ),
        aircraft=(Aircraft(id="T1", type="S4", start="Airport", soc_wh=80_000),),
        trips=(
            Trip(
                id="t",
                origin="Airport",
                destination="Golden",
                party=3,
                weight_kg=270,
                departure=TimeWindow(8 * HOUR, 9 * HOUR),
                value=1000,
            ),
        ),
        name="Tiny",
    )
    return problem, FlightPlan(
        flights=(
            _flight("Airport", "Golden", 8 * HOUR, 80_000, ("t",)),
            _flight("Golden", "Airport", 9 * HOUR, 96_000, ()),
        ),
        charges=(
            Charge(
                aircraft="T1",
                vertiport="Golden",
                charger="fast",
                start=30_000,
                end=31_800,
                power_w=72_000,
                soc_before_wh=60_000,
                soc_after_wh=96_000,
            ),
        ),
        revenue=1000,
    )


def _flight(
    origin: str, destination: str, off_block: int, charge: int, trips: tuple[str, ...]
) -> Flight:
    return Flight(
        aircraft="T1",
        origin=origin,
        destination=destination,
        off_block=off_block,
        departure=off_block + 120,
        landing=off_block + 720,
        on_block=off_block + 840,
        trips=trips,
        energy_wh=20_000,
        soc_before_wh=charge,
        soc_after_wh=charge - 20_000,
    )


def dock_day() -> tuple[DockProblem, DockPlan]:
    """Return a day on which one truck waits 07:30-08:00 and one leaves 30 min late.

    Waiting: half an hour at 100 is 50. Tardiness: half an hour at 200 is 100.
    """
    inbound = Truck(
        id="in-1",
        direction=Direction.INBOUND,
        arrival=TimeWindow(7 * HOUR + 1800, 12 * HOUR),
        setup=HOUR,
        waiting_cost=100,
    )
    outbound = Truck(
        id="out-1",
        direction=Direction.OUTBOUND,
        arrival=TimeWindow(9 * HOUR + 1800, 14 * HOUR),
        due=10 * HOUR,
        setup=HOUR,
        tardiness_cost=200,
    )
    problem = DockProblem(
        doors=(
            Door(id="D1"),
            Door(
                id="D2",
                windows=(TimeWindow(6 * HOUR, 9 * HOUR), TimeWindow(9 * HOUR + 900, 20 * HOUR)),
            ),
        ),
        trucks=(inbound, outbound),
        transfers=(Transfer(id="x", inbound="in-1", outbound="out-1"),),
        crews=(CrewShift(window=TimeWindow(6 * HOUR, 20 * HOUR), count=2),),
        name="Tiny",
    )
    return problem, DockPlan(
        appointments=(
            Appointment(truck="in-1", door="D1", start=8 * HOUR, end=9 * HOUR),
            Appointment(truck="out-1", door="D2", start=9 * HOUR + 1800, end=10 * HOUR + 1800),
        ),
        cost=Cost.of(waiting=50, tardiness=100, movement=0, unassigned=0, missed=0),
        feasible=True,
    )


def flow_day() -> tuple[FlowProblem, FlowPlan]:
    """Return a day: 100 TEU take two of three trains of 62; the road is not used.

    Two departures at 1,000 and 100 units at 10 cost 3,000.
    """
    problem = FlowProblem(
        nodes=(
            Node(id="Khorgos", x=80.4, y=44.2),
            Node(id="Hub", x=77.11, y=43.69),
            Node(id="Almaty", x=76.95, y=43.25),
        ),
        lanes=(
            Lane(
                id="K-H rail",
                origin="Khorgos",
                destination="Hub",
                mode=Mode.RAIL,
                capacity=62,
                max_departures=3,
                departure_cost=1000,
                unit_cost=10,
            ),
            Lane(id="H-A road", origin="Hub", destination="Almaty", capacity=2),
        ),
        commodities=(Commodity(id="c", origin="Khorgos", destination="Hub", amount=100),),
        name="Tiny",
    )
    return problem, FlowPlan(
        flows=(LaneFlow(lane="K-H rail", commodity="c", amount=100),),
        departures=(Departures(lane="K-H rail", count=2),),
        cost=Cost.of(
            opening=0, departures=2000, transport=1000, interchange=0, time=0, unshipped=0
        ),
        feasible=True,
    )


def route_day() -> tuple[RoutingProblem, RoutePlan]:
    """Return a day: two vans serve three of four places; the fourth is left for its prize of 5.

    Only prizes cost anything, so the plan costs 5.
    """
    places = {
        "Hub": (77.11, 43.69),
        "Konaev": (77.07, 43.87),
        "Talgar": (77.24, 43.30),
        "Esik": (77.46, 43.36),
        "Shelek": (78.25, 43.60),
    }
    xs, ys = np.array([p[0] for p in places.values()]), np.array([p[1] for p in places.values()])
    problem = RoutingProblem(
        locations=tuple(Location(name, x, y) for name, (x, y) in places.items()),
        depots=(Depot(id="hub", location="Hub"),),
        vehicle_types=(
            VehicleType(
                id="van", count=2, start="hub", end="hub", capacity=(1000,), distance_cost=0
            ),
        ),
        travel={"default": GreatCircle(xs, ys, 15.0, 1.3)},
        visits=tuple(
            Visit(
                id=name,
                location=name,
                deliver=(400,),
                service=600,
                prize=5 if name == "Shelek" else None,
            )
            for name in list(places)[1:]
        ),
        name="Tiny",
    )
    routes = (
        Route(vehicle_type="van", vehicle=0, stops=(Stop(StopKind.VISIT, "Konaev"),)),
        Route(
            vehicle_type="van",
            vehicle=1,
            stops=(Stop(StopKind.VISIT, "Talgar"), Stop(StopKind.VISIT, "Esik")),
        ),
    )
    return problem, RoutePlan(
        routes=routes,
        unserved=(Unserved("Shelek", (UnservedReason.NOT_WORTH_IT,)),),
        cost=Cost.of(fixed=0, distance=0, duration=0, prizes=5),
        feasible=True,
    )
