"""What a plan that is sent says of itself: its cost and its bound."""

from __future__ import annotations

import math

from alatau.common.v1 import solving_pb2

from router.errors import Violations
from router.solving import Cost


def decode_cost(message: solving_pb2.Cost, found: Violations) -> Cost:
    """Return the cost; notes COST where its components do not sum to the total."""
    components = dict(message.components)
    if components and sum(components.values()) != message.total:
        text = f"is {message.total}, but its components sum to {sum(components.values())}."
        found.add("COST", "cost.total", text)
        return Cost(message.total)
    return Cost(message.total, components)


def decode_bound(summary: solving_pb2.SolveSummary, found: Violations) -> int | None:
    """Return the bound, ``None`` where unset; notes NOT_A_NUMBER."""
    if not summary.HasField("bound"):
        return None
    if not math.isfinite(summary.bound):
        found.add("NOT_A_NUMBER", "summary.bound", f"is {summary.bound}; give a finite number.")
        return None
    return math.floor(summary.bound)
