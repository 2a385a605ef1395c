"""The judge of day plans.

Written against the problem as its users state it; it shares no code with any
planner. Every rule has a code; ``docs/errors.md`` lists them.
"""

from __future__ import annotations

from dataclasses import dataclass

from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.rules.day import Day, join
from router.airtaxi.rules.flights import check_flights
from router.airtaxi.rules.money import cost, revenue
from router.airtaxi.rules.pilots import check_pilots
from router.airtaxi.rules.sites import check_sites
from router.airtaxi.rules.tails import check_tails
from router.airtaxi.rules.trips import check_trips, rides
from router.airtaxi.schedule import FlightPlan
from router.errors import Violations
from router.solving import CheckReport


@dataclass(frozen=True, slots=True)
class FlightPlanReport(CheckReport):
    """What the checker found, and the plan's figures as it counts them."""

    revenue: int = 0
    served_trips: int = 0
    served_passengers: int = 0

    @property
    def value(self) -> int:
        """Revenue minus cost."""
        return self.revenue - self.cost.total


def check(problem: AirTaxiProblem, plan: FlightPlan) -> FlightPlanReport:
    """Judge a plan against every rule of its problem.

    Parameters
    ----------
    problem
        The problem as stated.
    plan
        A plan from any source. Its money is compared where it states any; its
        bound, which holds for plans that break no rule, where this one breaks none.

    Returns
    -------
    All violations, and the cost split and revenue counted anew. Events with
    unknown ids are told and counted nowhere else.
    """
    found = Violations()
    day = join(problem, plan, found)
    check_flights(day, found)
    check_tails(day, found)
    check_trips(day, found)
    check_sites(day, found)
    check_pilots(day, found)
    counted, earned = cost(day), revenue(day)
    _money(day, earned, counted.total, found)
    served = rides(day)
    return FlightPlanReport(
        violations=tuple(found),
        cost=counted,
        revenue=earned,
        served_trips=len(served),
        served_passengers=sum(problem.trip[t].party for t in served),
    )


def _money(day: Day, earned: int, spent: int, found: Violations) -> None:
    plan = day.plan
    if (plan.revenue or plan.cost.total) and plan.revenue != earned:
        found.add(
            "REVENUE", "revenue", f"is {plan.revenue}; the trips and flights served earn {earned}."
        )
    if (plan.revenue or plan.cost.total) and plan.cost.total != spent:
        found.add("COST", "cost", f"is {plan.cost.total}; the events of the plan cost {spent}.")
    if not len(found) and plan.bound is not None and plan.bound < earned - spent:
        found.add(
            "BOUND", "bound", f"is {plan.bound}, below the value {earned - spent} that is reached."
        )
