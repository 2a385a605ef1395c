"""Solves routing problems: problem → arrays → search → plan → independent check."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from router.freight.routes.check import check, price
from router.freight.routes.compile import Compiled, compile_problem
from router.freight.routes.incumbent import Translated
from router.freight.routes.plan import RoutePlan, Unserved, UnservedReason
from router.freight.routes.problem import Objective, RoutingProblem
from router.freight.routes.squeeze import search_fewest, search_packed
from router.freight.routes.unserved import MOST_JUDGED, unserved
from router.search.problem import ArraySolution, Feature, Kind
from router.search.routes import search
from router.solving import (
    CheckReport,
    Cost,
    Monitor,
    Silent,
    SolveOptions,
    Termination,
)

SECONDS_PER_STOP = 30e-6
"""Time kept back a stop for judging the plan; measured 20e-6 on a shared core."""
LEAST_SHARE = 0.25
"""No smaller share of a core is allowed for."""
SECONDS_PER_OPTION = 60e-6
"""Time kept back for the reasons of each job that may be left out, likewise; where
there are such jobs, 0.1 more for trying to insert them."""

_UNAVOIDABLE = {"REQUIRED_UNSERVED", "GROUP"}
"""What a plan may break that found no place for everything required."""
_PROOFS = {UnservedReason.CAPACITY, UnservedReason.SKILLS, UnservedReason.UNREACHABLE}
"""Reasons that hold whatever else a route serves."""


def solve(
    problem: RoutingProblem,
    options: SolveOptions | None = None,
    monitor: Monitor | None = None,
    initial: RoutePlan | None = None,
) -> RoutePlan:
    """Return the best plan found, judged by the independent checker.

    Parameters
    ----------
    problem
        What to plan.
    options
        Limits, seed and threads; the time limit covers everything done here.
    monitor
        Hears of progress and may stop the search; the best so far is returned.
    initial
        A plan to start from, partial or infeasible; what breaks a rule is mended.

    Returns
    -------
    RoutePlan
        Its ``feasible`` is ``False`` where something required found no place;
        ``termination`` is INFEASIBLE where that is proven to be unavoidable.

    Raises
    ------
    RuntimeError
        If the search returned a plan that breaks any other rule: a fault of
        the library.
    """
    opened, worked = time.monotonic(), time.thread_time()
    options = options or SolveOptions()
    if not problem.visits and not problem.shipments:
        return _finished(problem, RoutePlan(routes=(), cost=price(problem, ()), feasible=True))
    compiled = compile_problem(problem)
    share = (time.thread_time() - worked) / max(time.monotonic() - opened, 1e-9)
    found = _search_of(compiled)(
        compiled.arrays,
        _shortened(options, problem, share),
        Translated(compiled, monitor or Silent()),
        compiled.start(initial.routes) if initial is not None else (),
        opened=opened,
    )
    plan = _plan(compiled, found)
    return replace(plan, seconds=time.monotonic() - opened)


def _search_of(compiled: Compiled) -> Callable[..., ArraySolution]:
    """Return the search for a problem."""
    if compiled.problem.objective is Objective.FEWEST_VEHICLES:
        return search_fewest
    features = compiled.arrays.features
    if compiled.arrays.kind is Kind.PLAIN and features & Feature.BACKHAUL:
        return search if features & (Feature.OPTIONAL | Feature.FLEET) else search_packed
    return search


def _shortened(options: SolveOptions, problem: RoutingProblem, share: float) -> SolveOptions:
    """Return the options with time kept back for what follows the search.

    ``share`` is that of a core which this thread had so far, and may expect.
    """
    kept = SECONDS_PER_STOP * (len(problem.visits) + 2 * len(problem.shipments))
    optional = sum(visit.prize is not None for visit in problem.visits)
    optional += sum(shipment.prize is not None for shipment in problem.shipments)
    optional += sum(len(group.visits) for group in problem.groups)
    kept += SECONDS_PER_OPTION * min(optional, MOST_JUDGED) + (0.1 if optional else 0.002)
    kept /= min(max(share, LEAST_SHARE), 1.0)
    return replace(options, seconds=options.seconds - min(kept, options.seconds / 2))


def _plan(compiled: Compiled, found: ArraySolution) -> RoutePlan:
    """Return a search result as a plan in the caller's ids, with reasons, judged."""
    problem = compiled.problem
    routes = compiled.routes(found.routes)
    plan = RoutePlan(
        routes=routes,
        unserved=unserved(problem, routes),
        cost=Cost(found.cost),
        feasible=True,
        termination=Termination.CANCELLED if found.stopped else Termination.LIMIT,
        seconds=found.seconds,
        iterations=found.iterations,
        curve=found.curve,
    )
    return _finished(problem, plan)


def _finished(problem: RoutingProblem, plan: RoutePlan) -> RoutePlan:
    """Return the plan as the checker judges it."""
    report = check(problem, plan)
    _insist(report)
    plan = replace(plan, cost=report.cost)
    if not problem.visits and not problem.shipments:
        return replace(plan, termination=Termination.OPTIMAL)
    if report.feasible:
        return plan
    ended = Termination.INFEASIBLE if _proven(problem, plan.unserved) else plan.termination
    return replace(plan, feasible=False, termination=ended)


def _insist(report: CheckReport) -> None:
    """Refuse a plan that breaks more than a search may leave broken."""
    broken = [str(v) for v in report.violations if v.code not in _UNAVOIDABLE]
    if broken:
        raise RuntimeError("the search returned a plan that breaks rules: " + "; ".join(broken[:9]))


def _proven(problem: RoutingProblem, left_out: Iterable[Unserved]) -> bool:
    """Return whether something required is left out that no vehicle can ever serve."""
    grouped = {visit for group in problem.groups for visit in group.visits}
    optional = {task.id for task in problem.visits if task.prize is not None}
    optional |= {task.id for task in problem.shipments if task.prize is not None}
    return any(
        set(item.reasons) <= _PROOFS for item in left_out if item.id not in optional | grouped
    )
