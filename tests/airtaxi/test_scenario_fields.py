"""No field of a scenario file is ignored: a change of any changes the problem or is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.scenario import parse_scenario, scenario_schema
from router.errors import InvalidInput

PERFORMANCE = {
    "cruise_mps": 60,
    "terminal_s": 90,
    "fixed_wh": 900,
    "cruise_wh_per_km": 30.0,
    "climb_wh_per_m": 1.0,
    "descent_wh_per_m": 0.5,
    "climb_s_per_100m": 10.0,
    "hover_permille_per_km": 30.0,
}
FAR = {
    "cruise_mps": 60,
    "terminal_s": 90,
    "fixed_wh": 900,
    "cruise_wh_per_km": 30.0,
    "max_distance_m": 15_050,
}
"""A to B is 15.1 km."""
TYPE = {
    "seats": 4,
    "payload_kg": 400,
    "battery_wh": 20_000,
    "reserve_wh": 2_000,
    "charge_curve": [[0, 36_000], [20_000, 9_000]],
    "turnaround_s": 300,
    "connect_s": 60,
    "disconnect_s": 60,
    "cost_per_flight": 10,
    "cost_per_flight_s": 1,
    "day_cost": 5,
}
CHARGERS = [{"id": "fast", "count": 2, "power_w": 36_000, "efficiency_permille": 900}]
TARIFF = [{"from": "00:00", "price_per_kwh": 10}, {"from": "08:00", "price_per_kwh": 20}]
FULL: dict[str, Any] = {
    "format": "alatau.airtaxi/1",
    "currency": "KZT",
    "horizon": ["00:00", "24:00"],
    "opening": [["05:00", "22:00"]],
    "tariff": TARIFF,
    "vertiports": [
        {
            "id": "A",
            "lat": 43.0,
            "lon": 77.0,
            "elevation_m": 500,
            "pads": 2,
            "takeoff_s": 60,
            "landing_s": 60,
            "taxi_s": 30,
            "stands": 6,
            "chargers": CHARGERS,
            "power_limit_w": 90_000,
            "landing_fee": 3,
            "stand_cost_per_hour": 2,
        },
        {"id": "B", "lat": 43.1, "lon": 77.1, "elevation_m": 900, "pads": 2, "stands": 6},
        {
            "id": "C",
            "lat": 43.1,
            "lon": 76.9,
            "elevation_m": 300,
            "pads": 2,
            "stands": 6,
            "opening": [["06:00", "20:00"]],
            "tariff": TARIFF,
            "chargers": [{"count": 1, "power_w": 20_000}],
        },
    ],
    "corridor_defaults": {"headway_s": 60, "detour": 1.1},
    "corridors": [
        {"between": ["A", "B"]},
        {"from": "A", "to": "C", "distance_m": 15_000, "headway_s": 90},
        {
            "from": "C",
            "to": "A",
            "legs": [{"from": "00:00", "seconds": 300, "energy_wh": 900}],
            "type_legs": {"big": [{"from": "09:00", "seconds": 310, "energy_wh": 950}]},
            "closures": [["12:00", "12:30"]],
        },
    ],
    "wind": [{"from": "00:00", "toward_deg": 40, "speed_mps": 6}],
    "closures": [
        {"vertiport": "B", "window": ["10:00", "11:00"]},
        {"corridor": ["A", "B"], "window": ["13:00", "14:00"]},
    ],
    "types": [
        {"id": "big", **TYPE, "needs_pilot": True, "performance": PERFORMANCE},
        {"id": "short", **TYPE, "performance": FAR},
        {"id": "small", **TYPE, "seats": 2, "performance": {**PERFORMANCE, "cruise_mps": 50}},
    ],
    "aircraft": [
        {
            "id": "x",
            "type": "big",
            "count": 2,
            "start": "A",
            "soc": 0.8,
            "available_from": "05:00",
            "available_until": "23:00",
            "downtimes": [{"window": ["14:00", "15:00"], "vertiport": "A"}],
            "end": "A",
            "final_soc": 0.5,
        },
        {"id": "y", "type": "small", "start": "B", "soc": 0.9},
    ],
    "pilots": [
        {
            "id": "p",
            "base": "A",
            "shift": ["06:00", "18:00"],
            "types": ["big"],
            "max_duty_s": 36_000,
            "max_flight_s": 20_000,
            "max_work_s": 15_000,
            "break_s": 1_800,
        }
    ],
    "trips": [
        {
            "id": "t",
            "origin": "A",
            "destination": "B",
            "party": 2,
            "weight_kg": 150,
            "departure": ["07:00", "07:20"],
            "arrive_by": "08:00",
            "max_stops": 1,
            "max_ride_s": 3_000,
            "value": 900,
            "wait_cost_per_s": 1,
            "promised": True,
            "may_share": False,
        }
    ],
    "timetable": [
        {
            "id": "l",
            "origin": "B",
            "destination": "A",
            "off_block": ["09:00", "09:05"],
            "types": ["big"],
            "required": False,
            "value": 40,
        }
    ],
    "demand": {
        "passengers": 300,
        "flows": [
            {"from": "A", "to": "B", "share": 2.0, "profile": "day"},
            {"from": "B", "to": "A", "share": 1.0, "profile": "flat"},
        ],
        "profiles": {"day": {"hours": {"7": 2, "8": 1}}, "flat": {"hours": {"9": 1, "16": 1}}},
        "party_sizes": {"1": 3, "2": 2},
        "window_s": 900,
        "passenger_kg": 90,
        "passenger_kg_spread": 10,
        "fare_per_passenger": 100,
        "fare_per_passenger_km": 7,
        "wait_cost_per_passenger_s": 1,
        "private_share": 0.3,
        "private_fare_factor": 1.5,
        "promised_share": 0.2,
    },
    "stages": [
        {
            "passengers_from": 300,
            "aircraft_factor": 2,
            "pads_factor": 2,
            "stands_factor": 3,
            "chargers_factor": 2,
            "headway_factor": 0.8,
        }
    ],
}
DESCRIBES = {"name", "timezone", "source", "assumption", "note", "format"}
"""Fields for people; `format` is a constant."""
Path = tuple[str | int, ...]


def read(data: dict[str, Any]) -> AirTaxiProblem:
    """Return the problem of a scenario's data."""
    return parse_scenario(json.dumps(data), "full.json", as_json=True).problem()


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Return the paths of all single values."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, (*path, key))
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from leaves(below, (*path, number))
    else:
        yield path


def other(value: Any) -> Any:
    """Return another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + (1 if value < 1000 else value // 10)
    if isinstance(value, float):
        return value * 1.25 if value > 1 else value * 0.75
    if ":" in value:
        hours, minutes = value.split(":")
        return f"{hours}:{int(minutes) + 1:02d}"
    return "USD" if value == "KZT" else f"{value}-other"


def names(schema: Any) -> Iterator[str]:
    """Return every property that a schema knows."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for below in schema.values():
            yield from names(below)
    elif isinstance(schema, list):
        for below in schema:
            yield from names(below)


def test_the_full_scenario_uses_every_field() -> None:
    """Of the schema, but for those that only describe."""
    used = {str(key) for path in leaves(FULL) for key in path}
    assert set(names(scenario_schema())) - DESCRIBES <= used
    assert len(read(FULL).aircraft) == 2 * (2 + 1)


@pytest.mark.parametrize("path", [p for p in leaves(FULL) if p[-1] != "format"], ids=str)
def test_a_change_of_any_value_is_seen(path: Path) -> None:
    """Another problem, or a violation."""
    data = copy.deepcopy(FULL)
    at = data
    for key in path[:-1]:
        at = at[key]  # type: ignore[index]
    at[path[-1]] = other(at[path[-1]])  # type: ignore[index]
    with suppress(InvalidInput):
        assert read(data) != read(FULL)
