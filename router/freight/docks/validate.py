"""Judges whether a dock problem is well formed, all violations at once.

One rule is one small function with one stable code; ``docs/hub_model.md``
lists them. What is merely impossible (a truck released by customs after the
last door closes) is no fault of the input: the plan says so with a reason.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from router.errors import Violations
from router.freight.rules import (
    ascending_windows,
    known,
    unique_ids,
    whole,
    whole_fields,
    window_in_range,
)
from router.timewindow import FOREVER

if TYPE_CHECKING:
    from router.freight.docks.problem import DockProblem, Truck

COST_LIMIT = 2**46
"""No plan may cost this much, so that sums weighted by seconds stay in 64 bits."""
MOST_TRUCKS = 10_000

_DOOR = ("changeover",)
_TRUCK = (
    "quantity",
    "rate",
    "setup",
    "crews",
    "waiting_cost",
    "tardiness_cost",
    "penalty",
)
_MOMENTS = ("release", "due", "deadline")
_TRANSFER = ("quantity", "rate", "setup", "penalty")


def validate(problem: DockProblem) -> None:
    """Raise with every violation of every rule, or return.

    Raises
    ------
    InvalidInput
        With all violations, in the order of the rules. Sums are judged only
        where everything else is right.
    """
    found = Violations()
    _sizes(problem, found)
    _ids(problem, found)
    _doors(problem, found)
    _trucks(problem, found)
    _transfers(problem, found)
    _site(problem, found)
    if not len(found):
        _goods(problem, found)
        _scale(problem, found)
    found.raise_if_any()


def _sizes(problem: DockProblem, found: Violations) -> None:
    """NO_DOORS, SIZE_LIMIT: something to plan on, and not beyond what is solved."""
    if not problem.doors:
        found.add("NO_DOORS", "doors", "is empty; give at least one door.")
    if len(problem.trucks) > MOST_TRUCKS:
        text = f"has {len(problem.trucks)} items; plan at most {MOST_TRUCKS} in one problem."
        found.add("SIZE_LIMIT", "trucks", text)


def _ids(problem: DockProblem, found: Violations) -> None:
    for kind in ("doors", "trucks", "transfers"):
        items = getattr(problem, kind)
        unique_ids([(f"{kind}[{i}].id", item.id) for i, item in enumerate(items)], found)


def _doors(problem: DockProblem, found: Violations) -> None:
    """NO_DIRECTION, and the rules of numbers and windows."""
    for i, door in enumerate(problem.doors):
        path = f"doors[{i}]"
        if not door.directions:
            text = "is empty; give inbound, outbound or both."
            found.add("NO_DIRECTION", f"{path}.directions", text)
        whole_fields(door, _DOOR, path, found)
        _place(door.x, f"{path}.x", found)
        _place(door.y, f"{path}.y", found)
        ascending_windows(door.windows, f"{path}.windows", found)


def _place(value: int, path: str, found: Violations) -> None:
    whole(abs(value) if type(value) is int else value, path, found)


def _trucks(problem: DockProblem, found: Violations) -> None:
    """NO_RATE, TIME_RANGE, and the rules of numbers and windows."""
    for i, truck in enumerate(problem.trucks):
        path = f"trucks[{i}]"
        whole_fields(truck, _TRUCK, path, found)
        window_in_range(truck.arrival, f"{path}.arrival", found)
        for name in _MOMENTS:
            _moment(getattr(truck, name), f"{path}.{name}", found)
        if truck.quantity and not truck.rate:
            text = f"is 0, but {truck.quantity} {problem.unit} are to be handled; give a rate."
            found.add("NO_RATE", f"{path}.rate", text)


def _moment(value: int, path: str, found: Violations) -> None:
    if type(value) is not int:
        found.add("NOT_A_NUMBER", path, f"is {value!r}; give whole seconds.")
    elif not 0 <= value <= FOREVER:
        found.add("TIME_RANGE", path, f"is {value}; times lie in 0 to 2**40.")


def _transfers(problem: DockProblem, found: Violations) -> None:
    """UNKNOWN_TRUCK, WRONG_DIRECTION, and the rules of numbers."""
    trucks = {truck.id: truck for truck in problem.trucks}
    for i, transfer in enumerate(problem.transfers):
        path = f"transfers[{i}]"
        whole_fields(transfer, _TRANSFER, path, found)
        for side in ("inbound", "outbound"):
            name = getattr(transfer, side)
            if known(name, f"{path}.{side}", trucks, "truck", found):
                _direction(trucks[name], side, f"{path}.{side}", found)


def _direction(truck: Truck, side: str, path: str, found: Violations) -> None:
    if truck.direction != side:
        text = f"'{truck.id}' is an {truck.direction} truck; name an {side} one."
        found.add("WRONG_DIRECTION", path, text)


def _site(problem: DockProblem, found: Violations) -> None:
    whole(problem.seconds_per_100_metres, "seconds_per_100_metres", found)
    whole(problem.movement_cost, "movement_cost", found)
    for i, shift in enumerate(problem.crews):
        whole(shift.count, f"crews[{i}].count", found)
        window_in_range(shift.window, f"crews[{i}].window", found)


def _goods(problem: DockProblem, found: Violations) -> None:
    """TOO_MUCH_TRANSFERRED: transfers move no more than a truck brings or takes."""
    moved: Counter[str] = Counter()
    for transfer in problem.transfers:
        moved[transfer.inbound] += transfer.quantity
        moved[transfer.outbound] += transfer.quantity
    for i, truck in enumerate(problem.trucks):
        if moved[truck.id] > truck.quantity:
            text = (
                f"is {truck.quantity}, but transfers move {moved[truck.id]} {problem.unit}; "
                "raise the quantity or lower the transfers."
            )
            found.add("TOO_MUCH_TRANSFERRED", f"trucks[{i}].quantity", text)


def _scale(problem: DockProblem, found: Violations) -> None:
    """OVERFLOW: note times and costs that may leave the range of exact sums."""
    end = horizon(problem)
    if end > 4 * FOREVER:
        text = f"may reach {end} s; times must stay below 2**42. Check durations."
        found.add("OVERFLOW", "trucks", text)
    elif (total := _worst_cost(problem, end)) >= COST_LIMIT:
        text = f"may sum to {total}; costs must stay below 2**46. Use a larger currency unit."
        found.add("OVERFLOW", "costs", text)


def horizon(problem: DockProblem) -> int:
    """Return a moment by which every plan that wastes no time is done.

    In such a plan each start waits for something: a window, release or shift
    that begins, or the end of another activity; so no chain is longer than
    the last such beginning plus all activities one after the other.
    """
    begins = [truck.ready for truck in problem.trucks]
    begins += [window.start for door in problem.doors for window in door.windows]
    begins += [shift.window.start for shift in problem.crews]
    changeover = max((door.changeover for door in problem.doors), default=0)
    work = sum(truck.handling + changeover for truck in problem.trucks)
    walk = -(-problem.seconds_per_100_metres * floor_span(problem) // 100)
    return max(begins, default=0) + work + sum(t.handling + walk for t in problem.transfers)


def floor_span(problem: DockProblem) -> int:
    """Return the longest way between two doors along the aisles, metres."""
    xs = [door.x for door in problem.doors]
    ys = [door.y for door in problem.doors]
    return max(xs) - min(xs) + max(ys) - min(ys)


def _worst_cost(problem: DockProblem, end: int) -> int:
    total = sum(truck.penalty or 0 for truck in problem.trucks)
    for truck in problem.trucks:
        total += (truck.waiting_cost + truck.tardiness_cost) * end // 3600 + 2
    for transfer in problem.transfers:
        total += transfer.penalty or 0
        total += transfer.quantity * problem.movement_cost * floor_span(problem) // 1000 + 1
    return total
