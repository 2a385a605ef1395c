"""Key figures are counted from the plan, and read as people write them."""

from __future__ import annotations

from server.demo import figures, units
from tests.plots import tiny

NARROW, FIXED = "\u202f", "\u00a0"


def test_air_day() -> None:
    """Three passengers of one trip fly at once; 3 of 8 seats; 36 kWh are charged."""
    assert figures.airtaxi(*tiny.air_day()) == {
        "Trips served": f"1 of 1 (100.0{FIXED}%)",
        "Passengers served": f"3 of 3 (100.0{FIXED}%)",
        "Flights": "2 (1 empty)",
        "Seats taken": "38%",
        "Aircraft used": f"1 of 1 (100.0{FIXED}%)",
        "Energy charged": f"36{FIXED}kWh",
        "Mean wait": f"0{FIXED}s",
    }


def test_dock_day() -> None:
    """One truck waits 30 min, the other none: 15 min on average; one is 30 min late."""
    shown = figures.docks(*tiny.dock_day())
    assert shown["Trucks served"] == f"2 of 2 (100.0{FIXED}%)"
    assert shown["Transfers made"] == f"1 of 1 (100.0{FIXED}%)"
    assert shown["Mean wait"] == f"15{FIXED}min 00{FIXED}s"
    assert shown["Late trucks"] == f"1, together 30{FIXED}min 00{FIXED}s"


def test_flow_day() -> None:
    """100 of 100 TEU by rail in departures for 124: 81 per cent full; no road is used."""
    shown = figures.flows(*tiny.flow_day())
    assert shown["Goods shipped, TEU"] == f"100 of 100 (100.0{FIXED}%)"
    assert shown["By rail"] == f"100{FIXED}TEU (81% full)"
    assert "By road" not in shown


def test_route_day() -> None:
    """Three of four orders by two of two vans, and no pickup among three stops."""
    shown = figures.routes(*tiny.route_day())
    assert shown["Orders served"] == f"3 of 4 (75.0{FIXED}%)"
    assert shown["Vehicles used"] == f"2 of 2 (100.0{FIXED}%)"
    assert shown["Stops"] == "3 (0 pickups)"


def test_units() -> None:
    """Tiyin become tenge; spans change their unit at an hour."""
    assert units.money(123_456_789) == f"1{NARROW}234{NARROW}568{FIXED}KZT"
    assert units.percent(0.01234) == f"1.23{FIXED}%"
    assert units.percent(None) == "–"
    assert units.duration(59) == f"59{FIXED}s"
    assert units.duration(3_660) == f"1{FIXED}h 01{FIXED}min"
    assert units.mean([]) == 0.0
    assert units.part_of(0, 0) == "0 of 0"
