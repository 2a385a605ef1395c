"""Each rule of a dock problem, broken once; all violations come at once."""

from __future__ import annotations

from typing import Any

import pytest

from router.errors import InvalidInput
from router.freight.docks.problem import CrewShift, DockProblem, Door, Transfer, handling_time
from router.timewindow import TimeWindow
from tests.freight.docks.problems import door, inbound, outbound, problem


def violations(**fields: Any) -> list[tuple[str, str]]:
    """Return (path, code) of all violations of a problem of these fields."""
    fields = {"doors": (door(),), "trucks": ()} | fields
    with pytest.raises(InvalidInput) as caught:
        DockProblem(**fields)
    return [(v.path, v.code) for v in caught.value.violations]


def test_handling_time_rounds_up() -> None:
    """10 pallets at 7 an hour: 36000 / 7 = 5142.86 s, so 5143; none take no time."""
    assert handling_time(10, 7) == 5143
    assert handling_time(0, 7) == 0
    assert inbound("t", 60, quantity=30, rate=60).handling == 60 + 1800


def test_an_empty_day_is_right() -> None:
    """No trucks is a day without work, no fault."""
    assert problem().trucks == ()


def test_ids_and_references() -> None:
    """A second 't', an empty door id, a transfer to nobody and one the wrong way."""
    found = violations(
        doors=(door(""),),
        trucks=(inbound("t", 1), outbound("t", 1)),
        transfers=(
            Transfer(id="x", inbound="t", outbound="u"),
            Transfer(id="x", inbound="t", outbound="t"),
        ),
    )
    assert found == [
        ("doors[0].id", "EMPTY_ID"),
        ("trucks[1].id", "DUPLICATE_ID"),
        ("transfers[1].id", "DUPLICATE_ID"),
        ("transfers[0].inbound", "WRONG_DIRECTION"),
        ("transfers[0].outbound", "UNKNOWN_TRUCK"),
        ("transfers[1].inbound", "WRONG_DIRECTION"),
    ]


def test_numbers() -> None:
    """Each kind of wrong number has its code and path."""
    bad: Any = 1.5
    found = violations(
        doors=(Door(id="D", x=bad, changeover=-1, directions=frozenset()),),
        trucks=(
            inbound("a", -1, quantity=3, release=2**41, due=bad),
            inbound("b", 2**53, deadline=-1, arrival=TimeWindow(-5, 2)),
        ),
        crews=(CrewShift(window=TimeWindow(0, 1), count=-1),),
        movement_cost=-1,
    )
    assert found == [
        ("doors[0].directions", "NO_DIRECTION"),
        ("doors[0].changeover", "NEGATIVE"),
        ("doors[0].x", "NOT_A_NUMBER"),
        ("trucks[0].setup", "NEGATIVE"),
        ("trucks[0].release", "TIME_RANGE"),
        ("trucks[0].due", "NOT_A_NUMBER"),
        ("trucks[0].rate", "NO_RATE"),
        ("trucks[1].setup", "TOO_LARGE"),
        ("trucks[1].arrival", "TIME_RANGE"),
        ("trucks[1].deadline", "TIME_RANGE"),
        ("movement_cost", "NEGATIVE"),
        ("crews[0].count", "NEGATIVE"),
    ]


def test_no_doors() -> None:
    """A hub without doors cannot be planned."""
    assert violations(doors=()) == [("doors", "NO_DOORS")]


def test_too_many_trucks() -> None:
    """10,001 trucks are refused before any work is done on them."""
    trucks = tuple(inbound(f"t{i}", 1) for i in range(10_001))
    assert violations(trucks=trucks) == [("trucks", "SIZE_LIMIT")]


def test_window_order() -> None:
    """[0, 5] and [5, 9] touch: the door would simply be open in [0, 9]."""
    doors = (door(windows=(TimeWindow(0, 5), TimeWindow(5, 9))),)
    assert violations(doors=doors) == [("doors[0].windows[1]", "WINDOW_ORDER")]


def test_transfers_within_the_load() -> None:
    """6 + 5 pallets from a truck that brings 10 are one too many."""
    trucks = (
        inbound("in", 0, quantity=10, rate=10),
        outbound("a", 0, quantity=6, rate=10),
        outbound("b", 0, quantity=5, rate=10),
    )
    transfers = (
        Transfer(id="x", inbound="in", outbound="a", quantity=6),
        Transfer(id="y", inbound="in", outbound="b", quantity=5),
    )
    found = violations(trucks=trucks, transfers=transfers)
    assert found == [("trucks[0].quantity", "TOO_MUCH_TRANSFERRED")]


def test_overflow_of_costs_and_times() -> None:
    """10**13 an hour over 10 hours of work reach 10**14 > 2**46; 2**43 s of work are too long."""
    dear = (inbound("a", 36_000, waiting_cost=10**13),)
    assert violations(trucks=dear) == [("costs", "OVERFLOW")]
    assert violations(trucks=(inbound("a", 2**43),)) == [("trucks", "OVERFLOW")]
