"""What if: two days side by side, each planned, judged and bounded.

Both sides are planned with the same options. The bounds say whether a difference
is real: a side is *proven better* where its plan is worth more than the other's bound, and so
more than any plan of the other side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from router.airtaxi.changes import Change, changed, parse_changes
from router.airtaxi.check import FlightPlanReport, check
from router.airtaxi.figures import Figures, figures
from router.airtaxi.plan import SearchParameters, solve
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import FlightPlan
from router.solving import Monitor, SolveOptions


@dataclass(frozen=True, slots=True)
class Side:
    """One day with its plan and all that is known about it."""

    name: str
    problem: AirTaxiProblem
    plan: FlightPlan
    report: FlightPlanReport
    """Of the independent checker."""
    figures: Figures

    def to_json(self) -> dict[str, object]:
        """Return the side as JSON data."""
        plan, report = self.plan, self.report
        return {
            "name": self.name,
            "value": report.value,
            "bound": plan.bound,
            "gap": plan.gap,
            "revenue": report.revenue,
            "cost": {"total": report.cost.total, **report.cost.components},
            "aircraft": len(self.problem.aircraft),
            **self.figures.to_json(),
            "violations": [str(v) for v in report.violations],
            "infeasible": [str(v) for v in plan.infeasible],
            "termination": plan.termination.value,
            "seconds": round(plan.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides."""

    a: Side
    b: Side

    @property
    def value_difference(self) -> int:
        """By how much the plan of b is worth more than that of a."""
        return self.b.report.value - self.a.report.value

    @property
    def proven_better(self) -> str | None:
        """``a`` or ``b`` where no plan of the other side can be worth as much."""
        for name, one, other in (("a", self.a, self.b), ("b", self.b, self.a)):
            bound = other.plan.bound
            if bound is not None and one.report.feasible and one.report.value > bound:
                return name
        return None

    @property
    def difference_range(self) -> tuple[int, int] | None:
        """Between what the best possible values of b and a differ; ``None`` without bounds."""
        if self.a.plan.bound is None or self.b.plan.bound is None:
            return None
        if not (self.a.report.feasible and self.b.report.feasible):
            return None
        return (
            self.b.report.value - self.a.plan.bound,
            self.b.plan.bound - self.a.report.value,
        )

    def to_json(self) -> dict[str, object]:
        """Return the comparison as JSON data."""
        span = self.difference_range
        return {
            "a": self.a.to_json(),
            "b": self.b.to_json(),
            "value_difference": self.value_difference,
            "best_value_difference": None if span is None else {"least": span[0], "most": span[1]},
            "proven_better": self.proven_better,
        }


def side(
    name: str,
    problem: AirTaxiProblem,
    options: SolveOptions | None = None,
    monitor: Monitor | None = None,
    parameters: SearchParameters | None = None,
) -> Side:
    """Plan a day and return it as one side of a comparison.

    Raises
    ------
    InvalidInput
        If the planner refuses the problem.
    """
    plan = solve(problem, options, monitor, parameters)
    return Side(name, problem, plan, check(problem, plan), figures(problem, plan))


def compare(
    a: AirTaxiProblem,
    b: AirTaxiProblem | None = None,
    changes: Sequence[str] = (),
    options: SolveOptions | None = None,
    names: tuple[str, str] = ("a", "b"),
    monitors: tuple[Monitor | None, Monitor | None] = (None, None),
) -> Comparison:
    """Plan two days and put them side by side.

    Parameters
    ----------
    a
        The first day.
    b
        The second day; ``None``: the first one.
    changes
        What is changed in the second day: ``fleet=12``, ``chargers=x2``, ``pooling=off``
        (``router.airtaxi.changes``), and ``leave_with=0.8``, a charging policy.
    options
        Limits of each of the two searches.
    names
        What to call the two sides.
    monitors
        Each hears of one search and may stop it.

    Raises
    ------
    InvalidInput
        With every change that is none, or what a changed day breaks.
    """
    asked = parse_changes(changes)
    other = changed(a if b is None else b, [c for c in asked if c.name != "leave_with"])
    return Comparison(
        side(names[0], a, options, monitors[0]),
        side(names[1], other, options, monitors[1], _policy(asked)),
    )


def _policy(changes: Sequence[Change]) -> SearchParameters:
    asked = [c.amount().number for c in changes if c.name == "leave_with"]
    return SearchParameters(leave_with=asked[-1]) if asked else SearchParameters()
