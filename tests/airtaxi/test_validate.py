"""Rules of air-taxi problems, each broken once, all told at once."""

from dataclasses import replace
from typing import Any

import pytest

from router.airtaxi import (
    AirTaxiProblem,
    ChargeCurve,
    Corridor,
    LegStep,
    Pilot,
    TariffStep,
    TimetableFlight,
)
from router.errors import InvalidInput
from router.timewindow import TimeWindow
from tests.airtaxi.days import DAY, KIND, PORT

TAIL, WAY, TRIP = DAY.aircraft[0], DAY.corridors[0], DAY.trips[0]


def faults(**changes: Any) -> set[str]:
    """Return ``path|code`` of everything wrong with the tiny day changed."""
    with pytest.raises(InvalidInput) as caught:
        replace(DAY, **changes)
    return {f"{v.path}|{v.code}" for v in caught.value.violations}


def test_the_tiny_day_is_in_order() -> None:
    """And knows its parts by id."""
    assert DAY.corridor["A", "B"] is WAY
    assert DAY.type_of("X") is KIND


def test_nothing_at_all() -> None:
    """No vertiports, no aircraft, a horizon that ends at its start."""
    with pytest.raises(InvalidInput) as caught:
        AirTaxiProblem(vertiports=(), corridors=(), types=(), aircraft=(), horizon=TimeWindow(5, 5))
    assert {v.code for v in caught.value.violations} == {"NO_VERTIPORTS", "EMPTY_FLEET", "HORIZON"}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"lat": float("nan")}, "lat|OUT_OF_RANGE"),
        ({"lon": 181.0}, "lon|OUT_OF_RANGE"),
        ({"elevation_m": 10_000}, "elevation_m|OUT_OF_RANGE"),
        ({"pads": 0}, "pads|OUT_OF_RANGE"),
        ({"stands": -1}, "stands|OUT_OF_RANGE"),
        ({"taxi_s": -1}, "taxi_s|OUT_OF_RANGE"),
        ({"landing_fee": -1}, "landing_fee|OUT_OF_RANGE"),
        ({"power_limit_w": -1}, "power_limit_w|OUT_OF_RANGE"),
        ({"chargers": (replace(PORT.chargers[0], count=0),)}, "chargers[0].count|OUT_OF_RANGE"),
        ({"chargers": PORT.chargers * 2}, "chargers[1]|DUPLICATE_ID"),
        ({"opening": (TimeWindow(5, 9), TimeWindow(9, 12))}, "opening[1]|WINDOW_ORDER"),
        ({"tariff": (TariffStep(5, 1), TariffStep(5, 2))}, "tariff[1]|STEP_ORDER"),
        ({"tariff": (TariffStep(5, -1),)}, "tariff[0].price_per_kwh|OUT_OF_RANGE"),
        ({"id": ""}, "id|EMPTY_ID"),
    ],
)
def test_vertiports(changes: dict[str, Any], fault: str) -> None:
    """One number out of its range each."""
    third = replace(PORT, **{"id": "C", **changes})
    assert faults(vertiports=(*DAY.vertiports, third)) == {f"vertiports[2].{fault}"}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"destination": "Z"}, "destination|UNKNOWN_ID"),
        ({"destination": "A"}, "destination|SAME_PLACE"),
        ({"headway_s": -1}, "headway_s|OUT_OF_RANGE"),
        ({"legs": ()}, "legs|NO_LEGS"),
        ({"legs": (LegStep(0, 0, 1),)}, "legs[0].seconds|OUT_OF_RANGE"),
        ({"legs": (LegStep(9, 1, 1), LegStep(3, 1, 1))}, "legs[1]|STEP_ORDER"),
        ({"type_legs": {"Q": ()}}, "type_legs[Q]|UNKNOWN_ID"),
        ({"closures": (TimeWindow(3, 4), TimeWindow(1, 2))}, "closures[1]|WINDOW_ORDER"),
    ],
)
def test_corridors(changes: dict[str, Any], fault: str) -> None:
    """One rule each."""
    assert faults(corridors=(replace(WAY, **changes),)) == {f"corridors[0].{fault}"}


def test_one_corridor_for_an_ordered_pair() -> None:
    """A twin is refused."""
    twin = Corridor(origin="A", destination="B", legs=(LegStep(0, 1, 1),))
    assert faults(corridors=(WAY, twin)) == {"corridors[1]|DUPLICATE_ID"}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"seats": 0}, "seats|OUT_OF_RANGE"),
        ({"reserve_wh": 2001}, "reserve_wh|OUT_OF_RANGE"),
        ({"turnaround_s": -1}, "turnaround_s|OUT_OF_RANGE"),
        ({"day_cost": -1}, "day_cost|OUT_OF_RANGE"),
        ({"curve": ChargeCurve(((0, 1),))}, "curve.points|CHARGE_CURVE"),
        ({"curve": ChargeCurve(((0, 1), (1999, 1)))}, "curve.points|CHARGE_CURVE"),
        ({"curve": ChargeCurve(((0, 1), (2000, 2)))}, "curve.points[1]|CHARGE_CURVE"),
        ({"curve": ChargeCurve(((0, -1), (2000, -1)))}, "curve.points[0].power_w|OUT_OF_RANGE"),
    ],
)
def test_types(changes: dict[str, Any], fault: str) -> None:
    """One rule each; others may follow from it."""
    assert f"types[0].{fault}" in faults(types=(replace(KIND, **changes),))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"type": "Q"}, "type|UNKNOWN_ID"),
        ({"soc_wh": 2001}, "soc_wh|OUT_OF_RANGE"),
        ({"final_soc_wh": -1}, "final_soc_wh|OUT_OF_RANGE"),
        ({"start": "Z"}, "start|UNKNOWN_ID"),
        ({"end": "Z"}, "end|UNKNOWN_ID"),
        ({"available_from": 7201}, "available_from|OUT_OF_RANGE"),
        ({"available_from": 9, "available_until": 8}, "available_until|WINDOW_REVERSED"),
    ],
)
def test_aircraft(changes: dict[str, Any], fault: str) -> None:
    """One rule each."""
    assert faults(aircraft=(replace(TAIL, **changes),)) == {f"aircraft[0].{fault}"}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"origin": "Z"}, "origin|UNKNOWN_ID"),
        ({"destination": "A"}, "destination|SAME_PLACE"),
        ({"party": 0}, "party|OUT_OF_RANGE"),
        ({"weight_kg": -1}, "weight_kg|OUT_OF_RANGE"),
        ({"value": -1}, "value|OUT_OF_RANGE"),
        ({"max_stops": -1}, "max_stops|OUT_OF_RANGE"),
        ({"max_ride_s": 0}, "max_ride_s|OUT_OF_RANGE"),
        ({"arrive_by": 900}, "arrive_by|WINDOW_REVERSED"),
        ({"departure": TimeWindow(-1, 5)}, "departure.start|OUT_OF_RANGE"),
    ],
)
def test_trips(changes: dict[str, Any], fault: str) -> None:
    """One rule each."""
    assert faults(trips=(replace(TRIP, **changes),)) == {f"trips[0].{fault}"}


def test_timetable_and_pilots() -> None:
    """Unknown types and bases, limits of nothing."""
    item = TimetableFlight(
        id="K",
        origin="A",
        destination="B",
        off_block=TimeWindow(0, 0),
        types=frozenset({"Q"}),
        value=-1,
    )
    pilot = Pilot(id="P", base="Z", shift=TimeWindow(), max_duty_s=0, types=frozenset({"Q"}))
    assert faults(timetable=(item,), pilots=(pilot,)) == {
        "timetable[0].types|UNKNOWN_ID",
        "timetable[0].value|OUT_OF_RANGE",
        "pilots[0].base|UNKNOWN_ID",
        "pilots[0].types|UNKNOWN_ID",
        "pilots[0].max_duty_s|OUT_OF_RANGE",
    }


def test_money_beyond_64_bits_is_refused() -> None:
    """A second of flight for 10**12, a year long."""
    dear = replace(KIND, cost_per_flight_s=10**12)
    assert faults(types=(dear,), horizon=TimeWindow(0, 31_536_000)) == {"currency|OVERFLOW"}


def test_everything_wrong_is_told_at_once() -> None:
    """Three parts, three faults."""
    assert faults(
        trips=(replace(TRIP, party=0),),
        aircraft=(replace(TAIL, start="Z"),),
        vertiports=(replace(PORT, pads=0), DAY.vertiports[1]),
    ) == {
        "vertiports[0].pads|OUT_OF_RANGE",
        "aircraft[0].start|UNKNOWN_ID",
        "trips[0].party|OUT_OF_RANGE",
    }
