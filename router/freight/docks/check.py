"""Judges a dock plan against its problem, sharing no code with any solver.

Every rule is one small function that looks at the plan as stated and notes
what it breaks; the cost is counted anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import NamedTuple

from router.errors import Violations
from router.freight.claims import check_claims
from router.freight.docks.plan import Appointment, DockPlan
from router.freight.docks.problem import DockProblem, Door, Transfer, Truck
from router.solving import CheckReport, Cost


class _Docked(NamedTuple):
    """An appointment whose truck and door are known, and where it stands."""

    path: str
    slot: Appointment
    truck: Truck
    door: Door


def check(problem: DockProblem, plan: DockPlan) -> CheckReport:
    """Return every broken rule of ``plan`` and its cost counted anew.

    A truck counts as sent away where it has no appointment, a transfer as
    made where the plan does not list it as missed.
    """
    found = Violations()
    docked = _known_appointments(problem, plan, found)
    for item in docked.values():
        _times(item, found)
        _door(item, found)
    _overlaps(docked, found)
    _crews(problem, docked, found)
    missed = _missed(problem, plan, found)
    for transfer in problem.transfers:
        if transfer.id not in missed:
            _transfer(problem, transfer, docked, found)
    _accounts(problem, plan, docked, found)
    cost = _cost(problem, docked, missed)
    check_claims(plan, cost, found)
    return CheckReport(tuple(found), cost)


def _known_appointments(
    problem: DockProblem, plan: DockPlan, found: Violations
) -> dict[str, _Docked]:
    """UNKNOWN_TRUCK, UNKNOWN_DOOR, DUPLICATE_TRUCK: return the rest by truck."""
    trucks = {truck.id: truck for truck in problem.trucks}
    doors = {door.id: door for door in problem.doors}
    docked: dict[str, _Docked] = {}
    for i, slot in enumerate(plan.appointments):
        path = f"appointments[{i}]"
        if slot.truck not in trucks:
            text = f"'{slot.truck}' is not among the problem's trucks."
            found.add("UNKNOWN_TRUCK", f"{path}.truck", text)
        elif slot.door not in doors:
            found.add("UNKNOWN_DOOR", f"{path}.door", f"'{slot.door}' is not among the doors.")
        elif slot.truck in docked:
            text = f"'{slot.truck}' has an appointment already; a truck docks once."
            found.add("DUPLICATE_TRUCK", f"{path}.truck", text)
        else:
            docked[slot.truck] = _Docked(path, slot, trucks[slot.truck], doors[slot.door])
    return docked


def _times(item: _Docked, found: Violations) -> None:
    """WRONG_DURATION, TOO_EARLY, BEFORE_RELEASE, TOO_LATE, AFTER_DEADLINE."""
    path, slot, truck, _ = item
    if slot.end - slot.start != truck.handling:
        text = f"lasts {slot.end - slot.start} s, but handling '{truck.id}' takes {truck.handling}."
        found.add("WRONG_DURATION", path, text)
    if slot.start < truck.arrival.start:
        text = f"is {slot.start}, but '{truck.id}' arrives at {truck.arrival.start}."
        found.add("TOO_EARLY", f"{path}.start", text)
    if slot.start < truck.release:
        text = f"is {slot.start}, but customs release '{truck.id}' at {truck.release}."
        found.add("BEFORE_RELEASE", f"{path}.start", text)
    if slot.start > truck.arrival.end:
        text = f"is {slot.start}, but '{truck.id}' must be taken by {truck.arrival.end}."
        found.add("TOO_LATE", f"{path}.start", text)
    if slot.end > truck.deadline:
        text = f"is {slot.end}, but '{truck.id}' must be done by {truck.deadline}."
        found.add("AFTER_DEADLINE", f"{path}.end", text)


def _door(item: _Docked, found: Violations) -> None:
    """WRONG_DIRECTION, MISSING_CAPABILITY, DOOR_CLOSED."""
    path, slot, truck, door = item
    if truck.direction not in door.directions:
        text = f"'{door.id}' takes no {truck.direction} truck such as '{truck.id}'."
        found.add("WRONG_DIRECTION", f"{path}.door", text)
    if missing := truck.requires - door.capabilities:
        text = f"'{door.id}' lacks {', '.join(sorted(missing))}, which '{truck.id}' requires."
        found.add("MISSING_CAPABILITY", f"{path}.door", text)
    if door.windows and not any(w.start <= slot.start and slot.end <= w.end for w in door.windows):
        text = f"[{slot.start}, {slot.end}] lies in no opening window of '{door.id}'."
        found.add("DOOR_CLOSED", path, text)


def _overlaps(docked: dict[str, _Docked], found: Violations) -> None:
    """DOOR_OVERLAP: one truck at a door at a time, changeover between two."""
    by_door: dict[str, list[_Docked]] = defaultdict(list)
    for item in docked.values():
        by_door[item.door.id].append(item)
    for items in by_door.values():
        items.sort(key=lambda item: (item.slot.start, item.slot.end))
        for one, other in pairwise(items):
            free = one.slot.end + one.door.changeover
            if other.slot.start < free:
                text = (
                    f"is {other.slot.start}, but '{one.truck.id}' and the changeover keep "
                    f"'{one.door.id}' busy until {free}."
                )
                found.add("DOOR_OVERLAP", f"{other.path}.start", text)


def _crews(problem: DockProblem, docked: dict[str, _Docked], found: Violations) -> None:
    """CREWS_EXCEEDED: at no moment more crews at work than present."""
    if not problem.crews:
        return
    spare: Counter[int] = Counter()
    for shift in problem.crews:
        spare[shift.window.start] += shift.count
        spare[shift.window.end] -= shift.count
    for item in docked.values():
        spare[item.slot.start] -= item.truck.crews
        spare[item.slot.end] += item.truck.crews
    level = 0
    for moment in sorted(spare):
        level += spare[moment]
        if level < 0:
            text = f"{-level} crews too few from {moment} s on; move or drop an appointment."
            found.add("CREWS_EXCEEDED", "appointments", text)


def _missed(problem: DockProblem, plan: DockPlan, found: Violations) -> set[str]:
    """UNKNOWN_TRANSFER, DUPLICATE_TRANSFER, REQUIRED_TRANSFER."""
    transfers = {transfer.id: transfer for transfer in problem.transfers}
    missed: set[str] = set()
    for i, item in enumerate(plan.missed):
        path = f"missed[{i}].transfer"
        if item.transfer not in transfers:
            found.add("UNKNOWN_TRANSFER", path, f"'{item.transfer}' is not among the transfers.")
            continue
        if item.transfer in missed:
            found.add("DUPLICATE_TRANSFER", path, f"'{item.transfer}' is listed before.")
        elif transfers[item.transfer].penalty is None:
            found.add("REQUIRED_TRANSFER", path, f"'{item.transfer}' must be made, but is missed.")
        missed.add(item.transfer)
    return missed


def _transfer(
    problem: DockProblem, transfer: Transfer, docked: dict[str, _Docked], found: Violations
) -> None:
    """TRANSFER_WITHOUT_TRUCK, TRANSFER_LATE: the goods are there before loading."""
    path = f"transfers[{transfer.id}]"
    gone = [name for name in (transfer.inbound, transfer.outbound) if name not in docked]
    if gone:
        text = f"counts as made, but {' and '.join(gone)} has no appointment; list it as missed."
        found.add("TRANSFER_WITHOUT_TRUCK", path, text)
        return
    inbound, outbound = docked[transfer.inbound], docked[transfer.outbound]
    metres = _way(inbound.door, outbound.door)
    there = inbound.slot.end + transfer.handling
    there += -(-metres * problem.seconds_per_100_metres // 100)
    if outbound.slot.start < there:
        text = (
            f"its goods reach '{outbound.door.id}' at {there}, but '{outbound.truck.id}' is "
            f"loaded from {outbound.slot.start}."
        )
        found.add("TRANSFER_LATE", path, text)


def _way(one: Door, other: Door) -> int:
    return abs(one.x - other.x) + abs(one.y - other.y)


def _accounts(
    problem: DockProblem, plan: DockPlan, docked: dict[str, _Docked], found: Violations
) -> None:
    """UNKNOWN_TRUCK, CONTRADICTION, NOT_ACCOUNTED, REQUIRED_TRUCK."""
    listed = {item.truck for item in plan.unassigned}
    known = {truck.id for truck in problem.trucks}
    for i, item in enumerate(plan.unassigned):
        path = f"unassigned[{i}].truck"
        if item.truck not in known:
            found.add("UNKNOWN_TRUCK", path, f"'{item.truck}' is not among the problem's trucks.")
        elif item.truck in docked:
            found.add("CONTRADICTION", path, f"'{item.truck}' has an appointment as well.")
    for i, truck in enumerate(problem.trucks):
        if truck.id in docked:
            continue
        if truck.id not in listed:
            text = f"'{truck.id}' is neither given an appointment nor listed as unassigned."
            found.add("NOT_ACCOUNTED", f"trucks[{i}]", text)
        if truck.penalty is None:
            text = f"'{truck.id}' must have an appointment, but has none."
            found.add("REQUIRED_TRUCK", f"trucks[{i}]", text)


def _cost(problem: DockProblem, docked: dict[str, _Docked], missed: set[str]) -> Cost:
    waiting = tardiness = unassigned = movement = lost = 0
    for truck in problem.trucks:
        if truck.id not in docked:
            unassigned += truck.penalty or 0
            continue
        slot = docked[truck.id].slot
        wait = max(0, slot.start - max(truck.arrival.start, truck.release))
        waiting += -(-wait * truck.waiting_cost // 3600)
        tardiness += -(-max(0, slot.end - truck.due) * truck.tardiness_cost // 3600)
    for transfer in problem.transfers:
        if transfer.id in missed:
            lost += transfer.penalty or 0
        elif transfer.inbound in docked and transfer.outbound in docked:
            metres = _way(docked[transfer.inbound].door, docked[transfer.outbound].door)
            movement += -(-metres * transfer.quantity * problem.movement_cost // 1000)
    return Cost.of(
        waiting=waiting,
        tardiness=tardiness,
        movement=movement,
        unassigned=unassigned,
        missed=lost,
    )
