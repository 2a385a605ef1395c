"""What the planner refuses, because it would have to ignore it."""

from __future__ import annotations

from router.airtaxi.problem import AirTaxiProblem
from router.errors import Violations

MOST_CELLS = 400_000_000
"""Seconds of all calendars together: about 2 GB."""


def refuse(problem: AirTaxiProblem) -> None:
    """Raise :class:`router.errors.InvalidInput` for what cannot be planned yet."""
    found = Violations()
    if len(problem.types) > 64:
        found.add("TOO_MANY_TYPES", "types", f"are {len(problem.types)}; give at most 64.")
    seconds = problem.horizon.end - problem.horizon.start
    groups = sum(len(v.chargers) for v in problem.vertiports)
    rows = 4 * len(problem.vertiports) + groups + len(problem.corridors)
    if seconds * rows > MOST_CELLS:
        found.add(
            "HORIZON_TOO_LONG",
            "horizon",
            f"has {seconds} s for {rows} calendars; plan at most {MOST_CELLS // rows} s at once.",
        )
    found.raise_if_any()
