"""``alatau airtaxi``: plan a day of air taxis, and check a plan."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from typing import Annotated

import typer

from router.airtaxi.check import FlightPlanReport
from router.airtaxi.check import check as check_plan
from router.airtaxi.figures import figures as count_figures
from router.airtaxi.plan import solve
from router.airtaxi.plan_file import Source, load_plan, plan_to_json
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.scenario import load_scenario
from router.airtaxi.schedule import FlightPlan
from router.cli.airtaxi_size import size_command
from router.cli.airtaxi_whatif import compare_command, simulate_command
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
from router.formats.files import replacing, write_json
from router.solving import SolveOptions

app = typer.Typer(help="Plan a day of air taxis, and check plans.", no_args_is_help=True)

app.command("compare")(compare_command)
app.command("simulate")(simulate_command)
app.command("size")(size_command)

ScenarioArgument = Annotated[
    str, typer.Argument(help="Scenario file (YAML or JSON), or the embedded `alatau-almaty`.")
]
PassengersOption = Annotated[
    int | None,
    typer.Option("--passengers", help="Passengers to draw; default: as the scenario says."),
]


@app.command()
def plan(
    scenario: ScenarioArgument,
    passengers: PassengersOption = None,
    seconds: SecondsOption = 30.0,
    seed: SeedOption = 1,
    threads: ThreadsOption = 2,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Plan a day; Ctrl-C ends the search and keeps the best.

    The seed decides both the generated demand and the search; with two threads
    the bound takes no time from the search.
    """
    options = SolveOptions(seconds=seconds, seed=seed, threads=threads)
    source = load_scenario(scenario)
    problem = source.problem(passengers=passengers, seed=seed)
    with ExitStack() as stack:
        temporary = stack.enter_context(replacing(out)) if out is not None else None
        bar = stack.enter_context(progress_bar(f"Planning {source.name}", seconds, quiet=json))
        with interruptible(bar) as monitor:
            made = solve(problem, options, monitor)
        report = check_plan(problem, made)
        if temporary is not None:
            write_json(temporary, plan_to_json(made, Source(source.name, passengers, seed)))
    _tell(problem, made, report, as_json=json)


@app.command()
def check(
    scenario: ScenarioArgument,
    plan: Annotated[str, typer.Argument(help="Plan file that `alatau airtaxi plan --out` wrote.")],
    passengers: PassengersOption = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Seed of the demand; default: the plan's.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Judge a plan against a scenario; exits with 1 if it breaks a rule.

    Generated demand is drawn again with the passengers and the seed that the
    plan file names.
    """
    source = load_scenario(scenario)
    read, asked = load_plan(plan)
    problem = source.problem(
        passengers=asked.passengers if passengers is None else passengers,
        seed=asked.seed if seed is None else seed,
    )
    _tell(problem, read, check_plan(problem, read), as_json=json)


def _tell(
    problem: AirTaxiProblem, plan: FlightPlan, report: FlightPlanReport, *, as_json: bool
) -> None:
    """Print a judged plan; exits with 1 if it breaks a rule or cannot be flown."""
    if as_json:
        print_json(_json(problem, plan, report))
    else:
        print_violations((*plan.infeasible, *report.violations))
        _show(problem, plan, report)
    if plan.infeasible or report.violations:
        raise typer.Exit(EXIT_INFEASIBLE)


def _json(problem: AirTaxiProblem, plan: FlightPlan, report: FlightPlanReport) -> dict[str, object]:
    return {
        "value": report.value,
        "bound": plan.bound,
        "gap": plan.gap,
        "served_trips": report.served_trips,
        "served_passengers": report.served_passengers,
        "flights": len(plan.flights),
        "empty_flights": plan.empty_flights,
        "violations": [
            {"code": v.code, "path": v.path, "message": v.message} for v in report.violations
        ],
        "seconds": round(plan.seconds, 3),
        **count_figures(problem, plan).to_json(),
        "aircraft": len(problem.aircraft),
        "charges": len(plan.charges),
        "revenue": report.revenue,
        "cost": {"total": report.cost.total, **report.cost.components},
        "infeasible": [
            {"code": v.code, "path": v.path, "message": v.message} for v in plan.infeasible
        ],
        "termination": plan.termination.value,
        "bound_name": plan.bound_name,
    }


def _reasons(plan: FlightPlan) -> Counter[str]:
    """Return how many trips each first reason leaves out."""
    return Counter(u.reasons[0].value for u in plan.unserved if u.reasons)


def _show(problem: AirTaxiProblem, plan: FlightPlan, report: FlightPlanReport) -> None:
    screen = console()
    asked = sum(t.party for t in problem.trips)
    counted = count_figures(problem, plan)
    waits = counted.waiting_s
    screen.print(
        figures(
            problem.name,
            {
                f"value ({problem.currency}, minor units)": report.value,
                "bound": plan.bound,
                "gap": plan.gap,
                "trips served": f"{report.served_trips} of {len(problem.trips)}",
                "passengers served": f"{report.served_passengers} of {asked}",
                "flights": len(plan.flights),
                "  of these empty": plan.empty_flights,
                "load factor": counted.load_factor,
                "waiting, mean (s)": None if waits is None else waits.mean,
                "charging sessions": len(plan.charges),
                "  energy from the grid (kWh)": counted.grid_wh // 1000,
                "  highest power of a site (kW)": max(counted.peak_power_w.values(), default=0)
                // 1000,
                "revenue": report.revenue,
                **{f"  cost: {name}": part for name, part in report.cost.components.items()},
                "rules broken": len(report.violations),
                "seconds": plan.seconds,
            },
        )
    )
    screen.print(_tails_table(problem, plan))
    if plan.unserved:
        rows = [(reason, count) for reason, count in _reasons(plan).most_common()]
        screen.print(table("Trips left out", ("what binds", "trips"), rows))


def _tails_table(problem: AirTaxiProblem, plan: FlightPlan) -> object:
    rows = []
    for tail in problem.aircraft:
        flights = [f for f in plan.flights if f.aircraft == tail.id]
        charged = sum(c.energy_wh for c in plan.charges if c.aircraft == tail.id)
        carried = sum(problem.trip[t].party for f in flights for t in f.trips if t in problem.trip)
        empty = sum(1 for f in flights if not f.trips)
        least = min((f.soc_after_wh for f in flights), default=tail.soc_wh)
        share = round(100 * least / problem.type[tail.type].battery_wh)
        rows.append(
            (tail.id, tail.start, len(flights), empty, carried, charged // 1000, f"{share} %")
        )
    head = ("aircraft", "start", "flights", "empty", "passengers", "kWh charged", "least charge")
    return table("Aircraft", head, rows)
