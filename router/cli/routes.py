"""``alatau routes``: solve and check vehicle-routing files."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from router.cli.interrupt import interruptible
from router.cli.output import (
    EXIT_INFEASIBLE,
    JsonOption,
    OutOption,
    SecondsOption,
    SeedOption,
    ThreadsOption,
    console,
    figures,
    print_json,
    print_violations,
    progress_bar,
    table,
)
from router.formats.files import replacing
from router.formats.instance import Instance, read_instance
from router.formats.rounding import Rounding
from router.formats.solution import location_lists, read_solution, write_solution
from router.freight.routes.check import check as check_plan
from router.freight.routes.check import price
from router.freight.routes.plan import RoutePlan
from router.freight.routes.problem import Objective
from router.freight.routes.schedule import RouteSchedule, schedule
from router.freight.routes.solve import solve as solve_problem
from router.freight.routes.unserved import unserved
from router.solving import CheckReport, SolveOptions

app = typer.Typer(
    help="Solve and check vehicle-routing files (VRPLIB, Solomon, Li and Lim).",
    no_args_is_help=True,
)

MOST_ROWS = 40
"""Routes listed on a terminal."""

FileArgument = Annotated[Path, typer.Argument(help="Instance: VRPLIB, Solomon or Li and Lim.")]
SolutionArgument = Annotated[Path, typer.Argument(help="Solution file in CVRPLIB form.")]
RoundingOption = Annotated[
    Rounding | None,
    typer.Option(
        "--rounding",
        help="How real numbers become whole. Default: as the best-known values of the "
        "file's TYPE are given (CVRP, VRPB: round; VRPTW, PCVRPTW, MTVRPTWR, Solomon: dimacs; "
        "HFVRP, MDVRPTW, PDPTW, Li and Lim: exact; others: round).",
    ),
]


@app.command()
def solve(
    file: FileArgument,
    rounding: RoundingOption = None,
    seconds: SecondsOption = 10.0,
    threads: ThreadsOption = 1,
    seed: SeedOption = 1,
    fewest_vehicles: Annotated[
        bool, typer.Option("--fewest-vehicles", help="Fewest vehicles first, then least cost.")
    ] = False,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Search for good routes; Ctrl-C ends the search and keeps the best."""
    options = SolveOptions(seconds=seconds, threads=threads, seed=seed)
    instance = read_instance(file, rounding)
    problem = instance.problem
    if fewest_vehicles:
        problem = replace(problem, objective=Objective.FEWEST_VEHICLES)
    with ExitStack() as stack:
        temporary = stack.enter_context(replacing(out)) if out is not None else None
        bar = stack.enter_context(progress_bar(f"Solving {file.name}", seconds, quiet=json))
        with interruptible(bar) as monitor:
            plan = solve_problem(problem, options, monitor)
        if temporary is not None:
            write_solution(temporary, instance, plan.routes, plan.cost.total)
    if json:
        print_json(_plan_json(instance, plan))
    else:
        _show_plan(file, instance, plan)


@app.command()
def check(
    file: FileArgument,
    solution: SolutionArgument,
    rounding: RoundingOption = None,
    json: JsonOption = False,
) -> None:
    """Judge and price a solution; exits with 1 if it breaks a rule."""
    instance = read_instance(file, rounding)
    read = read_solution(solution, instance)
    plan = RoutePlan(
        routes=read.routes,
        unserved=unserved(instance.problem, read.routes),
        cost=price(instance.problem, read.routes),
        feasible=True,
    )
    report = check_plan(instance.problem, plan)
    if json:
        print_json(_report_json(instance, plan, report, read.claimed))
    else:
        print_violations(report.violations)
        _show_report(solution, instance, plan, report, read.claimed)
    if not report.feasible:
        raise typer.Exit(EXIT_INFEASIBLE)


def _plan_json(instance: Instance, plan: RoutePlan) -> dict[str, object]:
    return {
        "cost": plan.cost.total,
        "feasible": plan.feasible,
        "routes": location_lists(instance, plan.routes),
        "unserved": _unserved_json(plan),
        "seconds": round(plan.seconds, 3),
        "curve": [[round(seconds, 3), cost] for seconds, cost in plan.curve],
        "components": dict(plan.cost.components),
        "rounding": instance.rounding.value,
        "termination": plan.termination.value,
        "iterations": plan.iterations,
    }


def _report_json(
    instance: Instance, plan: RoutePlan, report: CheckReport, claimed: float | None
) -> dict[str, object]:
    return {
        "cost": report.cost.total,
        "feasible": report.feasible,
        "violations": [
            {"code": v.code, "path": v.path, "message": v.message} for v in report.violations
        ],
        "routes": len(plan.routes),
        "unserved": _unserved_json(plan),
        "components": dict(report.cost.components),
        "rounding": instance.rounding.value,
        "claimed": claimed,
    }


def _unserved_json(plan: RoutePlan) -> list[dict[str, object]]:
    return [
        {"id": item.id, "reasons": [reason.value for reason in item.reasons]}
        for item in plan.unserved
    ]


def _show_plan(file: Path, instance: Instance, plan: RoutePlan) -> None:
    schedules = schedule(instance.problem, plan)
    screen = console()
    screen.print(_routes_table(schedules))
    if len(schedules) > MOST_ROWS:
        screen.print(f"… and {len(schedules) - MOST_ROWS} more routes")
    values: dict[str, object] = {
        "cost": plan.cost.total,
        **{f"  {name}": part for name, part in plan.cost.components.items()},
        "feasible": plan.feasible,
        "routes": len(schedules),
        "unserved": len(plan.unserved),
        "rounding": instance.rounding.value,
        "seconds": plan.seconds,
        "iterations": plan.iterations,
    }
    screen.print(figures(file.name, values))
    _show_unserved(plan)


def _routes_table(schedules: tuple[RouteSchedule, ...]) -> object:
    rows = [
        (
            number,
            f"{route.vehicle_type}/{route.vehicle + 1}",
            len(route.events) - 2,
            max(event.load for event in route.events)[0] if route.events[0].load else None,
            route.distance,
            route.duration,
            route.cost.total,
        )
        for number, route in enumerate(schedules[:MOST_ROWS], 1)
    ]
    columns = ["route", "vehicle", "stops", "most load", "distance", "duration", "cost"]
    return table("Routes", columns, rows)


def _show_unserved(plan: RoutePlan) -> None:
    if not plan.unserved:
        return
    rows = [
        (item.id, ", ".join(reason.value for reason in item.reasons))
        for item in plan.unserved[:MOST_ROWS]
    ]
    console().print(table(f"Unserved ({len(plan.unserved)})", ["id", "reasons"], rows))


def _show_report(
    solution: Path, instance: Instance, plan: RoutePlan, report: CheckReport, claimed: float | None
) -> None:
    values: dict[str, object] = {
        "cost": report.cost.total,
        **{f"  {name}": part for name, part in report.cost.components.items()},
        "cost claimed by the file": None if claimed is None else f"{claimed:.15g}",
        "feasible": report.feasible,
        "routes": len(plan.routes),
        "unserved": len(plan.unserved),
        "rounding": instance.rounding.value,
    }
    console().print(figures(solution.name, values))
