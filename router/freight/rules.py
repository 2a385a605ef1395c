"""Rules that the hub's problems share: ids, numbers and windows.

Each function judges one kind of field and notes every violation of it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from router.errors import Violations
from router.timewindow import FOREVER, TimeWindow

LARGEST = 2**53 - 1
"""Largest whole number that any field may hold."""


def unique_ids(named: Iterable[tuple[str, str]], found: Violations) -> None:
    """EMPTY_ID, DUPLICATE_ID: note ids (path, id) that are empty or used before."""
    seen: set[str] = set()
    for path, name in named:
        if not name:
            found.add("EMPTY_ID", path, "is empty; give every item an id.")
        elif name in seen:
            found.add("DUPLICATE_ID", path, f"'{name}' is used before; ids must be unique.")
        seen.add(name)


def known(name: str, path: str, among: Collection[str], kind: str, found: Violations) -> bool:
    """UNKNOWN_<KIND>: return whether ``name`` is one of ``among``; note it if not."""
    if name in among:
        return True
    found.add(f"UNKNOWN_{kind.upper()}", path, f"'{name}' is not among the {kind}s.")
    return False


def whole(value: int | None, path: str, found: Violations) -> None:
    """NOT_A_NUMBER, NEGATIVE, TOO_LARGE; ``None`` (not given) is right."""
    if value is None:
        return
    if type(value) is not int:
        found.add("NOT_A_NUMBER", path, f"is {value!r}; give a whole number.")
    elif value < 0:
        found.add("NEGATIVE", path, f"is {value}; it must be 0 or more.")
    elif value > LARGEST:
        found.add("TOO_LARGE", path, f"is {value}; it must be below 2**53.")


def whole_fields(item: object, names: Sequence[str], path: str, found: Violations) -> None:
    """Judge the fields ``names`` of ``item`` as whole numbers >= 0."""
    for name in names:
        whole(getattr(item, name), f"{path}.{name}", found)


def finite(value: float, path: str, found: Violations) -> None:
    """NOT_A_NUMBER: note NaN, infinity and what is no number."""
    if type(value) not in (int, float) or not math.isfinite(value):
        found.add("NOT_A_NUMBER", path, f"is {value!r}; give a finite number.")


def window_in_range(window: TimeWindow, path: str, found: Violations) -> None:
    """NOT_A_NUMBER, TIME_RANGE: whole seconds within 0 to 2**40."""
    if type(window.start) is not int or type(window.end) is not int:
        text = f"is [{window.start!r}, {window.end!r}]; give whole seconds."
        found.add("NOT_A_NUMBER", path, text)
    elif window.start < 0 or window.end > FOREVER:
        text = f"is [{window.start}, {window.end}]; times lie in 0 to 2**40."
        found.add("TIME_RANGE", path, text)


def ascending_windows(windows: Sequence[TimeWindow], path: str, found: Violations) -> None:
    """WINDOW_ORDER and the range of each: windows ascend and do not touch."""
    for i, window in enumerate(windows):
        window_in_range(window, f"{path}[{i}]", found)
    for i, (one, other) in enumerate(pairwise(windows), 1):
        if one.end >= other.start:
            text = (
                f"starts at {other.start}, not after the end {one.end} of the window before it; "
                "give disjoint windows in ascending order."
            )
            found.add("WINDOW_ORDER", f"{path}[{i}]", text)
