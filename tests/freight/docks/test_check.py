"""Each rule of a dock plan, broken and kept by the narrowest margin."""

from __future__ import annotations

from dataclasses import replace

from router.freight.docks.check import check
from router.freight.docks.plan import Appointment, Unassigned, UnassignedReason
from router.freight.docks.problem import CrewShift, Transfer
from router.solving import Cost
from router.timewindow import TimeWindow
from tests.freight.docks.problems import (
    HOUR,
    IN,
    OUT,
    codes,
    door,
    inbound,
    outbound,
    plan,
    problem,
)

TWO = problem(inbound("a", 10), inbound("b", 10), doors=(door(changeover=5),))


def test_one_truck_at_a_door() -> None:
    """Truck a ends at 10; with a changeover of 5, b may start at 15 but not at 14."""
    assert codes(TWO, "a@D:0 b@D:15") == []
    assert codes(TWO, "a@D:0 b@D:14") == ["DOOR_OVERLAP"]


def test_unknown_and_double_appointments() -> None:
    """Here c is no truck, E no door, and a docks twice."""
    found = codes(TWO, "c@D:0 a@D:0 a@D:40 b@E:0")
    assert found[:3] == ["UNKNOWN_TRUCK", "DUPLICATE_TRUCK", "UNKNOWN_DOOR"]


def test_times_of_a_truck() -> None:
    """Ready at 20, taken by 30, done by 35 with 10 s of handling: [20, 25] only."""
    truck = inbound("a", 10, arrival=TimeWindow(15, 30), release=20, deadline=35)
    given = problem(truck)
    assert codes(given, "a@D:20") == codes(given, "a@D:25") == []
    assert codes(given, "a@D:19") == ["BEFORE_RELEASE"]
    assert codes(given, "a@D:14") == ["TOO_EARLY", "BEFORE_RELEASE"]
    assert codes(given, "a@D:26") == ["AFTER_DEADLINE"]
    assert codes(given, "a@D:31") == ["TOO_LATE", "AFTER_DEADLINE"]


def test_duration() -> None:
    """11 s at the door, though handling takes 10."""
    one = plan(TWO, "a@D:0 b@D:20")
    slot = Appointment(truck="a", door="D", start=0, end=11)
    wrong = replace(one, appointments=(slot, one.appointments[1]))
    assert [v.code for v in check(TWO, wrong).violations] == ["WRONG_DURATION"]


def test_opening_windows() -> None:
    """Open in [0, 9] and [20, 30]: 10 s fit in the second window only, ends included."""
    doors = (door(windows=(TimeWindow(0, 9), TimeWindow(20, 30))),)
    given = problem(inbound("a", 10), doors=doors)
    assert codes(given, "a@D:20") == []
    assert codes(given, "a@D:0") == codes(given, "a@D:21") == ["DOOR_CLOSED"]


def test_direction_and_capabilities() -> None:
    """An outbound-only door without cooling for an inbound truck that needs it."""
    doors = (door(directions=frozenset({OUT})), door("E", capabilities=frozenset({"cold", "lift"})))
    given = problem(inbound("a", 1, requires=frozenset({"cold"})), doors=doors)
    assert codes(given, "a@E:0") == []
    assert codes(given, "a@D:0") == ["WRONG_DIRECTION", "MISSING_CAPABILITY"]
    assert IN in doors[1].directions


def test_crews() -> None:
    """One crew until 10, two from 10 on: a and b overlap only from 10 on; ends are free."""
    shifts = (
        CrewShift(window=TimeWindow(0, 40), count=1),
        CrewShift(window=TimeWindow(10, 40), count=1),
    )
    doors = (door("D"), door("E"))
    given = problem(inbound("a", 10), inbound("b", 10), doors=doors, crews=shifts)
    assert codes(given, "a@D:0 b@E:10") == codes(given, "a@D:10 b@E:10") == []
    assert codes(given, "a@D:0 b@E:9") == ["CREWS_EXCEEDED"]
    assert codes(given, "a@D:30 b@E:31") == ["CREWS_EXCEEDED"]


def test_transfer_time_and_way() -> None:
    """In until 10, 7 s of sorting, 50 + 30 m at 60 s per 100 m is 48 s: there at 65."""
    doors = (door("D"), door("E", x=50, y=-30))
    trucks = (
        inbound("a", 0, quantity=1, rate=360),
        outbound("b", 0, quantity=1, rate=360),
    )
    transfer = Transfer(id="x", inbound="a", outbound="b", quantity=1, setup=7, penalty=9)
    given = problem(*trucks, doors=doors, transfers=(transfer,), seconds_per_100_metres=60)
    assert codes(given, "a@D:0 b@E:65") == []
    assert codes(given, "a@D:0 b@E:64") == ["TRANSFER_LATE"]
    assert codes(given, "a@D:0 b@E:64", missed="x") == []
    assert codes(given, "a@D:0 b@D:17") == []


def test_transfers_and_trucks_left_out() -> None:
    """Required ones are violations; optional ones are listed and paid."""
    trucks = (inbound("a", 1), outbound("b", 1, penalty=7))
    given = problem(*trucks, transfers=(Transfer(id="x", inbound="a", outbound="b"),))
    assert codes(given, "a@D:0", missed="x") == ["REQUIRED_TRANSFER"]
    assert codes(given, "a@D:0") == ["TRANSFER_WITHOUT_TRUCK"]
    assert codes(given, "b@D:0", missed="x") == ["REQUIRED_TRANSFER", "REQUIRED_TRUCK"]
    assert codes(given, "a@D:0", missed="x x y") == [
        "REQUIRED_TRANSFER",
        "DUPLICATE_TRANSFER",
        "UNKNOWN_TRANSFER",
    ]


def test_every_truck_is_accounted_for() -> None:
    """A truck is docked or listed, never both and never neither."""
    given = problem(inbound("a", 1, penalty=7))
    listed = Unassigned("a", (UnassignedReason.DOORS_BUSY,))
    docked = replace(plan(given, "a@D:0"), unassigned=(listed, Unassigned("z", ())))
    found = [v.code for v in check(given, docked).violations]
    assert found == ["CONTRADICTION", "UNKNOWN_TRUCK"]
    neither = replace(plan(given, ""), unassigned=())
    assert [v.code for v in check(given, neither).violations] == ["NOT_ACCOUNTED"]


def test_cost_components() -> None:
    """Each component is rounded up by truck or transfer.

    a waits 100 s at 1,000 an hour: 27.8, so 28. It ends at 110, 10 s after its
    due time, at 1,000 an hour: 2.8, so 3. c is sent away for 5. x moves 3
    pallets 30 m at 7 for 1,000: 0.63, so 1. y is missed for 11.
    """
    doors = (door("D"), door("E", x=30))
    trucks = (
        inbound("a", 0, quantity=3, rate=1080, waiting_cost=1000, tardiness_cost=1000, due=100),
        outbound("b", 0, quantity=3, rate=1080),
        outbound("c", 0, penalty=5),
    )
    transfers = (
        Transfer(id="x", inbound="a", outbound="b", quantity=3, penalty=2),
        Transfer(id="y", inbound="a", outbound="c", penalty=11),
    )
    given = problem(*trucks, doors=doors, transfers=transfers, movement_cost=7)
    one = plan(given, "a@D:100 b@E:110", missed="y")
    assert one.cost == Cost.of(waiting=28, tardiness=3, movement=1, unassigned=5, missed=11)
    assert check(given, one).violations == ()


def test_claims() -> None:
    """A wrong cost, a feasibility that does not hold, a bound above the cost."""
    given = problem(inbound("a", HOUR, waiting_cost=10, penalty=100))
    assert codes(given, "a@D:3600", cost=Cost(11)) == ["COST_MISMATCH"]
    assert codes(given, "a@D:3600", feasible=True, bound=10) == []
    assert codes(given, "a@D:3600", feasible=True, bound=11) == ["BOUND_TOO_HIGH"]
    assert codes(given, "a@E:0", feasible=True)[-1] == "WRONG_CLAIM"
