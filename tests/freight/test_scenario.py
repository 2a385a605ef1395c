"""The embedded freight day, and scenario files that are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from router.errors import InvalidInput
from router.freight.docks.problem import Direction
from router.freight.draw import clock
from router.freight.flows.problem import Mode
from router.freight.flows.solve import solve
from router.freight.scenario import (
    embedded_freight_scenarios,
    load_freight_scenario,
    parse_freight_scenario,
)
from router.geo import great_circle_m
from router.solving import SolveOptions

HUB = load_freight_scenario()

SMALL = """\
format: alatau.freight/1
name: small
flows:
  nodes:
    - {id: a, lat: 43, lon: 77}
    - {id: b, lat: 44, lon: 77}
  lanes:
    - {id: l, origin: a, destination: %s, mode: %s, capacity: 5}
  commodities:
    - {id: k, origin: a, destination: b, amount: %s}
docks:
  doors:
    - {id: D, opens: [["%s", "12:00"]]}
  streams: []
"""


def small(
    destination: str = "b", mode: str = "road", amount: object = 3, opens: str = "06:00"
) -> str:
    """Return a scenario with these values."""
    return SMALL % (destination, mode, amount, opens)


def faults(text: str) -> list[tuple[str, str]]:
    """Return (path, code) of every violation."""
    with pytest.raises(InvalidInput) as caught:
        parse_freight_scenario(text, "s.yaml")
    return [(v.path, v.code) for v in caught.value.violations]


def test_the_hub_has_all_three_parts() -> None:
    """Three modes, trucks both ways, and 60 to 120 visits that the fleet can carry."""
    assert embedded_freight_scenarios() == ("alatau-hub",)
    assert {lane.mode for lane in HUB.flows().lanes} == set(Mode)
    assert {truck.direction for truck in HUB.docks().trucks} == set(Direction)
    day = HUB.deliveries()
    assert 60 <= len(day.visits) <= 120
    for k in range(len(day.dimensions)):
        room = sum((kind.count or 0) * kind.capacity[k] for kind in day.vehicle_types)
        assert sum(visit.deliver[k] for visit in day.visits) <= 2 * room


def test_the_flows_of_the_hub_use_every_mode() -> None:
    """The day is solved to proof, ships all goods, and no mode stands idle."""
    problem = HUB.flows()
    plan = solve(problem, SolveOptions(seconds=30))
    modes = {lane.id: lane.mode for lane in problem.lanes}
    assert {modes[flow.lane] for flow in plan.flows} == set(Mode)
    assert plan.unshipped == ()
    assert plan.gap is not None
    assert plan.gap < 1e-5


def test_the_seed_decides_what_is_drawn() -> None:
    """The same seed, the same day; another seed, another."""
    assert HUB.docks(seed=3) == HUB.docks(seed=3)
    assert HUB.docks(seed=3).trucks != HUB.docks(seed=4).trucks
    assert HUB.deliveries(seed=3).visits == HUB.deliveries(seed=3).visits
    assert HUB.deliveries(seed=3).visits != HUB.deliveries(seed=4).visits


def test_visits_lie_around_their_places() -> None:
    """No visit is further from its place than the place's spread."""
    places = {place["id"]: place for place in HUB.document.data["deliveries"]["places"]}
    for where in HUB.deliveries().locations[1:]:
        place = next(p for name, p in places.items() if where.id.startswith(f"{name} "))
        metres = great_circle_m(where.y, where.x, place["lat"], place["lon"])
        assert metres <= place["spread_m"] + 1


def test_transfers_go_from_earlier_trucks() -> None:
    """Each transfer's inbound truck can be done before the outbound one is ready."""
    trucks = {truck.id: truck for truck in HUB.docks().trucks}
    transfers = HUB.docks().transfers
    assert len(transfers) > 20
    for transfer in transfers:
        inbound = trucks[transfer.inbound]
        assert inbound.ready + inbound.handling <= trucks[transfer.outbound].ready


def numbered(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each mapping that holds a number, with its path."""
    if isinstance(value, dict):
        if any(isinstance(v, int | float) for v in value.values()):
            yield path, value
        for key, inner in value.items():
            yield from numbered(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from numbered(inner, f"{path}[{i}]")


def test_every_number_has_a_source_or_is_an_assumption() -> None:
    """Each item that holds numbers says where they come from."""
    exempt = {"capacity", "loads"}
    silent = [
        path
        for path, item in numbered(HUB.document.data)
        if not {"source", "assumption"} & set(item) and path.rpartition(".")[2] not in exempt
    ]
    assert silent == []


def test_a_file_of_ones_own() -> None:
    """A scenario may hold some parts only; the others are missed by name."""
    scenario = parse_freight_scenario(small(), "s.yaml")
    assert scenario.name == "small"
    assert scenario.flows().commodities[0].amount == 3
    assert scenario.docks().doors[0].windows[0].start == clock("06:00") == 21_600
    with pytest.raises(InvalidInput, match="has no part 'deliveries'"):
        scenario.deliveries()


def test_all_faults_of_fields_at_once() -> None:
    """Wrong mode, amount of 0 and no clock time: three faults with their lines."""
    assert faults(small(mode="sea", amount=0, opens="6 am")) == [
        ("s.yaml:8: flows.lanes[0].mode", "UNKNOWN_VALUE"),
        ("s.yaml:10: flows.commodities[0].amount", "OUT_OF_RANGE"),
        ("s.yaml:13: docks.doors[0].opens[0][0]", "BAD_FORMAT"),
    ]


def test_all_faults_of_meaning_at_once() -> None:
    """An unknown node in one part and a reversed window in another, with their lines."""
    assert faults(small(destination="z", opens="13:00")) == [
        ("s.yaml:8: flows.lanes[0].destination", "UNKNOWN_NODE"),
        ("s.yaml:13: docks.doors[0].opens[0]", "WINDOW_REVERSED"),
    ]


def test_unknown_scenario() -> None:
    """A name that is neither a file nor embedded names those that are."""
    with pytest.raises(InvalidInput, match="embedded are: alatau-hub"):
        load_freight_scenario("nowhere")


def test_the_embedded_file_is_plain_yaml() -> None:
    """Any YAML reader gets the same names."""
    assert yaml.safe_load(small())["name"] == "small"
