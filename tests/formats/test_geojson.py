"""Plans as GeoJSON carry places, ways and what the plan says of them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from router.formats import geojson
from router.freight.routes.problem import Location
from tests.plots import tiny


def of_kind(collection: geojson.Feature, kind: str) -> list[geojson.Feature]:
    """Return the features of one kind, after a round through JSON text."""
    data = json.loads(json.dumps(collection, allow_nan=False))
    assert data["type"] == "FeatureCollection"
    return [f for f in data["features"] if f["properties"]["kind"] == kind]


def test_air_day_counts_flights_by_direction() -> None:
    """One flight with three passengers out, one empty back; longitude comes first."""
    collection = geojson.airtaxi_plan(*tiny.air_day())
    out, back = of_kind(collection, "corridor")
    assert out["geometry"] == {
        "type": "LineString",
        "coordinates": [[77.04, 43.35], [77.03, 43.54]],
    }
    assert (out["properties"]["passengers"], out["properties"]["empty_flights"]) == (3, 0)
    assert (back["properties"]["passengers"], back["properties"]["empty_flights"]) == (0, 1)
    assert [v["properties"]["takeoffs"] for v in of_kind(collection, "vertiport")] == [1, 1]


def test_routes_give_stops_in_order_and_what_is_left() -> None:
    """The second van visits Talgar first; Shelek is left with its reason."""
    collection = geojson.route_plan(*tiny.route_day())
    stops = [
        (s["properties"]["vehicle"], s["properties"]["id"]) for s in of_kind(collection, "visit")
    ]
    assert stops == [("van/0", "Konaev"), ("van/1", "Talgar"), ("van/1", "Esik")]
    assert [len(r["geometry"]["coordinates"]) for r in of_kind(collection, "route")] == [3, 4]
    (left,) = of_kind(collection, "unserved")
    assert left["properties"]["reasons"] == ["NOT_WORTH_IT"]


def test_flows_give_used_lanes_only() -> None:
    """The train lane carries 100 in room for 124; the unused road is not listed."""
    (lane,) = of_kind(geojson.flow_plan(*tiny.flow_day()), "lane")
    assert (lane["properties"]["carried"], lane["properties"]["capacity"]) == (100, 124)


def test_planar_locations_are_refused() -> None:
    """A file that measures in the plane has no place on the earth."""
    problem, plan = tiny.route_day()
    far = replace(problem, locations=(Location("Hub", 500.0, 0.0), *problem.locations[1:]))
    with pytest.raises(ValueError, match="'Hub'"):
        geojson.route_plan(far, plan)
