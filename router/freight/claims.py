"""What a hub's plan says of itself, beside what the checker found."""

from __future__ import annotations

from router.errors import Violations
from router.freight.docks.plan import DockPlan
from router.freight.flows.plan import FlowPlan
from router.solving import Cost


def check_claims(plan: DockPlan | FlowPlan, cost: Cost, found: Violations) -> None:
    """COST_MISMATCH, WRONG_CLAIM, BOUND_TOO_HIGH: note claims that do not hold."""
    if plan.cost.total != cost.total:
        text = f"is {plan.cost.total}, but the plan costs {cost.total}."
        found.add("COST_MISMATCH", "cost", text)
    if plan.feasible and len(found):
        found.add("WRONG_CLAIM", "feasible", "is claimed, but the plan breaks rules.")
    if plan.bound is not None and not len(found) and plan.bound > cost.total:
        text = f"is {plan.bound}, above the plan's own cost {cost.total}."
        found.add("BOUND_TOO_HIGH", "bound", text)
