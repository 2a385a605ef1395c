"""Scenario files: the embedded one, a tiny one, and everything that can be wrong."""

from pathlib import Path
from typing import Any

import pytest

from router.airtaxi.network import LegStep
from router.airtaxi.scenario import (
    embedded_scenarios,
    load_scenario,
    parse_scenario,
    scenario_schema,
)
from router.errors import InvalidInput
from router.timewindow import TimeWindow

TINY = """
format: alatau.airtaxi/1
vertiports:
  - {id: A, lat: 43.0, lon: 77.0, pads: 1, stands: 2, chargers: [{count: 1, power_w: 3600}]}
  - {id: B, lat: 43.1, lon: 77.0, pads: 1, stands: 2, opening: [["06:00", "09:00"]]}
corridors:
  - {between: [A, B], headway_s: 60, legs: [{from: "00:00", seconds: 300, energy_wh: 500}]}
types:
  - {id: T, seats: 4, payload_kg: 400, battery_wh: 2000, reserve_wh: 200,
     charge_curve: [[0, 3600], [2000, 3600]]}
aircraft:
  - {id: X, type: T, start: A, soc: 0.5, final_soc: 0.25}
trips:
  - {id: one, origin: A, destination: B, departure: ["07:00", "07:10"], value: 100}
"""


def faults(text: str) -> list[str]:
    """Return ``path|code`` of everything wrong with a scenario."""
    with pytest.raises(InvalidInput) as caught:
        parse_scenario(text, "f").problem()
    return [f"{v.path}|{v.code}" for v in caught.value.violations]


def test_the_tiny_scenario_means_what_it_says() -> None:
    """Half of 2,000 Wh; 07:00 is second 25,200; the corridor goes both ways."""
    problem = parse_scenario(TINY).problem()
    assert problem.tail["X"].soc_wh == 1000
    assert problem.tail["X"].final_soc_wh == 500
    assert problem.trip["one"].departure == TimeWindow(25_200, 25_800)
    assert problem.corridor["B", "A"].step("T", 0) == LegStep(0, 300, 500)
    assert problem.vertiport["B"].opening == (TimeWindow(21_600, 32_400),)
    assert problem.vertiport["A"].opening == ()


@pytest.mark.parametrize(
    ("passengers", "aircraft"), [(500, 24), (1500, 24), (2500, 24), (10_000, 80)]
)
def test_the_embedded_scenario_at_its_four_sizes(passengers: int, aircraft: int) -> None:
    """Passengers are exact; the grown network of 10,000 has 80 aircraft."""
    problem = load_scenario("alatau-almaty").problem(passengers=passengers)
    assert sum(t.party for t in problem.trips) == passengers
    assert len(problem.aircraft) == aircraft
    assert sum(v.stands for v in problem.vertiports) > aircraft


def test_climbing_costs_energy_in_the_embedded_scenario() -> None:
    """Towards Almaty and Medeu a flight takes more than back."""
    problem = load_scenario("alatau-almaty").problem()
    for low, high in (("GOLD", "CTR"), ("ALA", "MED"), ("CTR", "MED")):
        up = problem.corridor[low, high].step("joby-s4", 0)
        down = problem.corridor[high, low].step("joby-s4", 0)
        assert up is not None
        assert down is not None
        assert up.energy_wh > down.energy_wh


def test_alatau_to_almaty_takes_what_was_announced() -> None:
    """10 to 15 minutes between Golden district and the centre, airport to Medeu 10 to 12."""
    problem = load_scenario("alatau-almaty").problem()
    golden = problem.corridor["GOLD", "CTR"].step("joby-s4", 43_200)
    medeu = problem.corridor["ALA", "MED"].step("joby-s4", 43_200)
    assert golden is not None
    assert medeu is not None
    assert 600 <= golden.seconds <= 900
    assert 600 <= medeu.seconds <= 720
    assert problem.corridor["GOLD", "CTR"].steps("eh216-s") == ()


def test_every_number_of_the_embedded_scenarios_has_a_source_or_is_an_assumption() -> None:
    """Each mapping that holds a number says so itself or lies in one that does."""

    def unsourced(data: Any, path: str, covered: bool) -> list[str]:
        if isinstance(data, dict):
            covered = covered or "source" in data or "assumption" in data
            return [p for k, v in data.items() for p in unsourced(v, f"{path}.{k}", covered)]
        if isinstance(data, list):
            return [p for v in data for p in unsourced(v, f"{path}[]", covered)]
        return [path] if isinstance(data, int | float) and not covered else []

    for name in embedded_scenarios():
        assert unsourced(load_scenario(name).document.data, name, False) == []


def test_schema_violations_come_all_at_once_with_lines() -> None:
    """A negative count, a text for a number, an unknown field, a bad time."""
    text = TINY.replace("pads: 1, stands: 2, chargers", "pads: -1, stands: two, speed: 3, chargers")
    text = text.replace('"07:10"', '"7:1"')
    assert faults(text) == [
        "f:4: vertiports[0].pads|OUT_OF_RANGE",
        "f:4: vertiports[0].speed|UNKNOWN_FIELD",
        "f:4: vertiports[0].stands|WRONG_TYPE",
        "f:14: trips[0].departure[1]|BAD_FORMAT",
    ]


def test_unknown_ids_and_reversed_windows_come_all_at_once() -> None:
    """What a schema cannot see."""
    text = TINY.replace("between: [A, B]", "between: [A, C]").replace("type: T,", "type: U,")
    text = text.replace('["07:00", "07:10"]', '["07:20", "07:10"]')
    assert faults(text) == [
        "f:7: corridors[0]|UNKNOWN_ID",
        "f:12: aircraft[0].type|UNKNOWN_ID",
        "f:14: trips[0].departure|WINDOW_REVERSED",
    ]


def test_rules_of_the_problem_are_told_with_the_file() -> None:
    """The trip's origin is its destination."""
    text = TINY.replace("destination: B", "destination: A")
    assert faults(text) == ["f: trips[0].destination|SAME_PLACE"]


def test_closures_cut_opening_windows_and_close_corridors() -> None:
    """07:00 to 08:00 shut at B leaves two windows; A was always open before."""
    text = TINY + (
        "closures:\n"
        '  - {vertiport: B, window: ["07:00", "08:00"]}\n'
        '  - {corridor: [A, B], window: ["06:00", "06:30"]}\n'
    )
    problem = parse_scenario(text).problem()
    assert problem.vertiport["B"].opening == (
        TimeWindow(21_600, 25_199),
        TimeWindow(28_801, 32_400),
    )
    assert problem.corridor["A", "B"].closures == (TimeWindow(21_600, 23_400),)
    assert problem.corridor["B", "A"].closures == ()


def test_a_closure_needs_one_known_place() -> None:
    """None, both, and an unknown one."""
    text = TINY + (
        "closures:\n"
        '  - {window: ["07:00", "08:00"]}\n'
        '  - {vertiport: B, corridor: [A, B], window: ["07:00", "08:00"]}\n'
        '  - {vertiport: Z, window: ["07:00", "08:00"]}\n'
    )
    assert faults(text) == [
        "f:16: closures[0]|CLOSURE_PLACE",
        "f:17: closures[1]|CLOSURE_PLACE",
        "f:18: closures[2]|UNKNOWN_ID",
    ]


def test_passengers_need_a_demand_model() -> None:
    """The tiny scenario has trips of its own only."""
    with pytest.raises(InvalidInput, match="NO_DEMAND"):
        parse_scenario(TINY).problem(passengers=10)
    with pytest.raises(InvalidInput, match="OUT_OF_RANGE"):
        load_scenario("alatau-almaty").problem(passengers=-1)


def test_an_unknown_name_lists_the_embedded_ones() -> None:
    """Neither a file nor an embedded scenario."""
    with pytest.raises(InvalidInput, match="embedded are: alatau-almaty"):
        load_scenario("almaty")


def test_a_json_file_is_read_too(tmp_path: Path) -> None:
    """The same schema; no lines."""
    path = tmp_path / "s.json"
    path.write_text('{"format": "alatau.airtaxi/1"}')
    with pytest.raises(InvalidInput) as caught:
        load_scenario(path)
    assert {v.code for v in caught.value.violations} == {"MISSING_FIELD"}


def test_the_schema_documents_itself() -> None:
    """Version and title, for editors."""
    assert scenario_schema()["properties"]["format"]["const"] == "alatau.airtaxi/1"


FULL = """
format: alatau.airtaxi/1
name: full
currency: USD
horizon: ["05:00", "20:00"]
vertiports:
  - {id: A, lat: 43.0, lon: 77.0, pads: 1, stands: 4, power_limit_w: 5000,
     chargers: [{id: c, count: 2, power_w: 3600}]}
  - {id: B, lat: 43.1, lon: 77.0, pads: 1, stands: 4, elevation_m: 900}
corridor_defaults: {headway_s: 60, detour: 1.1}
corridors:
  - {between: [A, B]}
wind:
  - {from: "00:00", toward_deg: 0, speed_mps: 5}
types:
  - {id: T, seats: 4, payload_kg: 400, battery_wh: 9000, reserve_wh: 200, needs_pilot: true,
     charge_curve: [[0, 3600], [9000, 3600]],
     performance: {cruise_mps: 50, terminal_s: 60, fixed_wh: 100, cruise_wh_per_km: 100}}
  - {id: U, seats: 1, payload_kg: 90, battery_wh: 900, reserve_wh: 20,
     charge_curve: [[0, 36], [900, 36]]}
aircraft:
  - {id: X, count: 2, type: T, start: A, soc: 0.5,
     downtimes: [{window: ["12:00", "12:30"], vertiport: B}]}
pilots:
  - {id: P, base: A, shift: ["05:00", "13:00"], types: [T], max_duty_s: 28800, break_s: 600}
trips:
  - {id: one, origin: A, destination: B, departure: ["07:00", "07:10"], arrive_by: "08:00:30",
     value: 100}
timetable:
  - {id: K1, origin: A, destination: B, off_block: ["09:00", "09:00"], types: [T]}
demand:
  passengers: 10
  window_s: 600
  passenger_kg: 80
  fare_per_passenger: 100
  fare_per_passenger_km: 10
  party_sizes: {1: 1}
  profiles: {day: {hours: {8: 1}}}
  flows: [{from: A, to: B, share: 1, profile: day}]
stages:
  - {passengers_from: 100, aircraft_factor: 1.5, pads_factor: 2, stands_factor: 3,
     chargers_factor: 2, headway_factor: 0.5}
"""


def test_every_part_of_a_scenario_arrives() -> None:
    """Times, counts, shares, wind: 12.2 km at 50 + 5 m/s northward, 50 - 5 southward."""
    problem = parse_scenario(FULL).problem()
    assert problem.currency == "USD"
    assert problem.horizon == TimeWindow(18_000, 72_000)
    assert [a.id for a in problem.aircraft] == ["X-1", "X-2"]
    assert problem.aircraft[0].downtimes[0].vertiport == "B"
    assert problem.pilots[0].max_duty_s == 28_800
    assert problem.timetable[0].off_block == TimeWindow(32_400, 32_400)
    assert problem.trip["one"].arrive_by == 28_830
    assert len(problem.trips) == 11
    out, back = problem.corridor["A", "B"], problem.corridor["B", "A"]
    assert out.distance_m == 12_232
    assert out.headway_s == 60
    assert out.steps("T") == (LegStep(0, 283, 1212),)
    assert back.steps("T")[0].seconds == 332
    assert out.steps("U") == ()


def test_a_stage_grows_the_network() -> None:
    """From 100 passengers on: 3 aircraft, 2 pads, 12 stands, 4 chargers, 10 kW, 30 s."""
    problem = parse_scenario(FULL).problem(passengers=100)
    port = problem.vertiport["A"]
    assert len(problem.aircraft) == 3
    assert (port.pads, port.stands, port.chargers[0].count) == (2, 12, 4)
    assert port.power_limit_w == 10_000
    assert problem.corridor["A", "B"].headway_s == 30


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("speed_mps: 5", "speed_mps: 55", "corridors[0]|WIND"),
        ("to: B, share", "to: C, share", "demand.flows[0].to|UNKNOWN_ID"),
        ("profile: day", "profile: night", "demand.flows[0].profile|UNKNOWN_ID"),
        ("hours: {8: 1}", "hours: {8: 0}", "demand.profiles.day.hours|NO_WEIGHT"),
        ("party_sizes: {1: 1}", "party_sizes: {1: 0}", "demand.party_sizes|NO_WEIGHT"),
        ("{between: [A, B]}", "{from: A}", "corridors[0]|CORRIDOR_ENDS"),
        (
            "power_limit_w: 5000",
            "power_limit_w: 5000.5",
            "vertiports[0].power_limit_w|WRONG_TYPE",
        ),
    ],
)
def test_what_else_can_be_wrong(old: str, new: str, fault: str) -> None:
    """Each where it stands."""
    assert old in FULL
    assert fault in [f.partition(": ")[2] for f in faults(FULL.replace(old, new))]
