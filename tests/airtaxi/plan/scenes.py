"""Tiny days whose best plans can be found by hand."""

from __future__ import annotations

import random
from dataclasses import replace

from router.airtaxi.charging import ChargeCurve
from router.airtaxi.demand import TimetableFlight, Trip
from router.airtaxi.fleet import Aircraft, AircraftType, Downtime, Pilot
from router.airtaxi.network import ChargerGroup, Corridor, LegStep, TariffStep, Vertiport
from router.airtaxi.problem import AirTaxiProblem
from router.timewindow import TimeWindow

FAST = ChargerGroup(id="fast", count=1, power_w=360_000)
"""Puts 100 Wh a second into a battery that takes it."""

S4 = AircraftType(
    id="s4",
    seats=4,
    payload_kg=400,
    battery_wh=100_000,
    reserve_wh=20_000,
    curve=ChargeCurve.constant(100_000, 360_000),
    turnaround_s=300,
    cost_per_flight=1_000,
)


def port(name: str, **changes: object) -> Vertiport:
    """Return a vertiport: one pad held for 60 s a movement, 4 stands, no charger."""
    return replace(Vertiport(id=name, stands=4), **changes)


def way(origin: str, destination: str, **changes: object) -> Corridor:
    """Return a corridor of 480 s and 20 kWh: 600 s from off-block to on-block."""
    legs = (LegStep(0, 480, 20_000),)
    return replace(Corridor(origin=origin, destination=destination, legs=legs), **changes)


def trip(name: str, origin: str, destination: str, start: int, **changes: object) -> Trip:
    """Return a party of one worth 10,000 that can leave from ``start`` for 600 s."""
    base = Trip(
        id=name,
        origin=origin,
        destination=destination,
        departure=TimeWindow(start, start + 600),
        value=10_000,
    )
    return replace(base, **changes)


def tail(name: str = "a1", **changes: object) -> Aircraft:
    """Return an aircraft that starts full at A."""
    return replace(Aircraft(id=name, type="s4", start="A", soc_wh=100_000), **changes)


def day(**changes: object) -> AirTaxiProblem:
    """Return a day of four hours between A and B with one aircraft and no trips."""
    parts: dict[str, object] = {
        "vertiports": (port("A"), port("B")),
        "corridors": (way("A", "B"), way("B", "A")),
        "types": (S4,),
        "aircraft": (tail(),),
        "horizon": TimeWindow(0, 14_400),
    }
    return AirTaxiProblem(**{**parts, **changes})  # type: ignore[arg-type]


def tiny_day(seed: int) -> AirTaxiProblem:
    """Return a day of four trips, whose best plan brute force can find.

    Its aircraft may end anywhere or where it starts.
    """
    lot = random.Random(seed)
    trips = tuple(
        trip(
            f"t{i}",
            *lot.choice([("A", "B"), ("B", "A")]),
            lot.randrange(500, 6_000, 250),
            party=lot.randint(1, 3),
            value=lot.randint(800, 4_000),
        )
        for i in range(4)
    )
    return day(trips=trips, aircraft=(tail(end=lot.choice([None, "A"])),))


def random_day(seed: int, trips: int = 40) -> AirTaxiProblem:
    """Return a small day that uses every feature the planner supports."""
    lot = random.Random(seed)
    names = ["A", "B", "C", "D"][: lot.randint(2, 4)]
    horizon = TimeWindow(lot.choice([0, 1_800]), 6 * 3600)
    types = (
        replace(S4, curve=ChargeCurve.tapered(100_000, 300_000, 30_000), connect_s=90),
        replace(
            S4,
            id="small",
            seats=2,
            payload_kg=180,
            battery_wh=60_000,
            reserve_wh=6_000,
            curve=ChargeCurve(((0, 120_000), (30_000, 120_000), (60_000, 20_000))),
            disconnect_s=60,
            day_cost=5_000,
            cost_per_flight_s=3,
        ),
    )
    return AirTaxiProblem(
        vertiports=tuple(_random_port(lot, n) for n in names),
        corridors=tuple(_random_way(lot, o, d) for o in names for d in names if o != d),
        types=types,
        aircraft=tuple(_random_tail(lot, i, names) for i in range(lot.randint(1, 5))),
        trips=tuple(_random_trip(lot, i, names) for i in range(trips)),
        timetable=tuple(
            TimetableFlight(
                id=f"line{i}",
                origin=names[0],
                destination=names[1],
                off_block=TimeWindow(5_000 * i + 3_000, 5_000 * i + 3_000 + lot.choice([0, 900])),
                types=frozenset({"s4"}) if lot.random() < 0.5 else frozenset(),
                required=False,
                value=4_000,
            )
            for i in range(lot.randint(0, 2))
        ),
        horizon=horizon,
    )


def random_crewed_day(seed: int, trips: int = 40) -> AirTaxiProblem:
    """Return a random day whose larger type needs pilots, with some limits on their work."""
    problem = random_day(seed, trips)
    lot = random.Random(seed + 10_000)
    types = (replace(problem.types[0], needs_pilot=True), problem.types[1])
    starts = [a.start for a in problem.aircraft]
    return replace(
        problem, types=types, pilots=tuple(_random_pilot(lot, i, starts) for i in range(6))
    )


def random_full_day(seed: int, trips: int = 50) -> AirTaxiProblem:
    """Return a random day of all features: pilots, promises, required flights, stops too."""
    lot = random.Random(seed + 20_000)
    problem = random_crewed_day(seed, trips) if seed % 2 else random_day(seed, trips)
    asked = tuple(
        replace(t, promised=lot.random() < 0.04, max_stops=int(lot.random() < 0.2))
        for t in problem.trips
    )
    lines = tuple(replace(f, required=lot.random() < 0.4) for f in problem.timetable)
    return replace(problem, trips=asked, timetable=lines)


def _random_pilot(lot: random.Random, i: int, starts: list[str]) -> Pilot:
    begin = lot.choice([0, 2_000, 9_000])
    return Pilot(
        id=f"p{i}",
        base=lot.choice(starts),
        shift=TimeWindow(begin, begin + lot.choice([6_000, 12_000, 20_000])),
        types=frozenset({"s4"}) if lot.random() < 0.3 else frozenset(),
        max_duty_s=lot.choice([5_000, 9_000, 40_000]),
        max_flight_s=lot.choice([1_200, 3_000, 40_000]),
        max_work_s=lot.choice([2_500, 4_000, 40_000]),
        break_s=lot.choice([0, 600, 1_800]),
    )


def _random_port(lot: random.Random, name: str) -> Vertiport:
    groups = (
        ChargerGroup(id="fast", count=lot.randint(1, 2), power_w=300_000, efficiency_permille=900),
        ChargerGroup(id="slow", count=1, power_w=50_000),
    )
    return Vertiport(
        id=name,
        pads=lot.randint(1, 2),
        takeoff_s=lot.choice([30, 60]),
        landing_s=lot.choice([0, 60]),
        taxi_s=lot.choice([0, 45]),
        stands=lot.randint(5, 6),
        chargers=groups[: lot.randint(0, 2)],
        power_limit_w=lot.choice([None, 350_000, 500_000]),
        opening=(TimeWindow(0, 9_000), TimeWindow(10_000, 21_000)) if lot.random() < 0.4 else (),
        tariff=(TariffStep(0, 40), TariffStep(8_000, 90)) if lot.random() < 0.5 else (),
        landing_fee=lot.choice([0, 50]),
        stand_cost_per_hour=lot.choice([0, 70]),
    )


def _random_way(lot: random.Random, origin: str, destination: str) -> Corridor:
    steps = (
        LegStep(0, lot.randint(300, 700), lot.randint(10_000, 25_000)),
        LegStep(9_000, lot.randint(300, 700), lot.randint(10_000, 25_000)),
    )
    return Corridor(
        origin=origin,
        destination=destination,
        headway_s=lot.choice([0, 90, 300]),
        legs=steps,
        type_legs={"small": ()} if lot.random() < 0.2 else {},
        closures=(TimeWindow(7_000, 8_000),) if lot.random() < 0.3 else (),
    )


def _random_tail(lot: random.Random, i: int, names: list[str]) -> Aircraft:
    downtimes = (
        Downtime(window=TimeWindow(12_000, 14_000), vertiport=lot.choice([None, names[0]])),
    )
    kind = lot.choice(["s4", "s4", "small"])
    return Aircraft(
        id=f"a{i}",
        type=kind,
        start=lot.choice(names),
        soc_wh=lot.choice([30_000, 50_000, 60_000]),
        available_from=lot.choice([1_800, 2_500]),
        available_until=lot.choice([20_000, 40_000]),
        downtimes=downtimes if lot.random() < 0.3 else (),
        end=lot.choice([None, names[0]]),
        final_soc_wh=lot.choice([0, 20_000]),
    )


def _random_trip(lot: random.Random, i: int, names: list[str]) -> Trip:
    origin, destination = lot.sample(names, 2)
    start = lot.randint(1_800, 18_000)
    return Trip(
        id=f"t{i}",
        origin=origin,
        destination=destination,
        party=lot.randint(1, 4),
        weight_kg=lot.randint(60, 300),
        departure=TimeWindow(start, start + lot.choice([300, 900, 1_800])),
        arrive_by=start + 2_400 if lot.random() < 0.3 else None,
        max_ride_s=900 if lot.random() < 0.2 else None,
        value=lot.randint(500, 9_000),
        wait_cost_per_s=lot.choice([0, 1]),
        may_share=lot.random() < 0.8,
    )
