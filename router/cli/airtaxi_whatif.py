"""``alatau airtaxi compare`` and ``simulate``: days that are or turn out otherwise."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from router.airtaxi.compare import Comparison, Side, compare
from router.airtaxi.plan import solve
from router.airtaxi.plan_file import load_plan
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.scenario import Scenario, load_scenario
from router.airtaxi.schedule import FlightPlan
from router.airtaxi.simulation import Simulation, simulate, uncertainty
from router.cli.interrupt import interruptible
from router.cli.output import (
    EXIT_INFEASIBLE,
    JsonOption,
    SecondsOption,
    SeedOption,
    ThreadsOption,
    console,
    print_json,
    print_violations,
    progress_bar,
    table,
)
from router.formats.files import replacing, write_json
from router.solving import SolveOptions

PictureOption = Annotated[
    Path | None, typer.Option("--picture", help="PNG file to draw the result into.")
]


def compare_command(
    a: Annotated[str, typer.Argument(metavar="A", help="Scenario, a file or an embedded one.")],
    b: Annotated[
        str | None, typer.Argument(metavar="[B]", help="Another scenario; default: A again.")
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--change",
            help="What B has otherwise, e.g. fleet=12, chargers=x2, pads@ALA=+1, fares=x0.9, "
            "pooling=off, charging=linear, leave_with=0.8; may be given again.",
        ),
    ] = None,
    passengers: Annotated[
        int | None, typer.Option("--passengers", help="Passengers to draw for both sides.")
    ] = None,
    seconds: SecondsOption = 30.0,
    seed: SeedOption = 1,
    threads: ThreadsOption = 2,
    picture: PictureOption = None,
    json: JsonOption = False,
) -> None:
    """Plan two days and put values, bounds, service and costs side by side.

    A and B are planned one after the other with the same time and seed; with the same
    seed they also have the same demand, where it is drawn from the same model.
    """
    if b is None and not change:
        raise typer.BadParameter("give a second scenario or at least one --change.")
    options = SolveOptions(seconds=seconds, seed=seed, threads=threads)
    first = load_scenario(a)
    second = first if b is None else load_scenario(b)
    asked = ", ".join(change or ())
    names = (first.name, asked if b is None else ", ".join(filter(None, [second.name, asked])))
    with ExitStack() as stack:
        drawn = stack.enter_context(replacing(picture)) if picture is not None else None
        bar = stack.enter_context(progress_bar("Comparing", 2 * seconds, quiet=json))
        with interruptible(bar) as monitor:
            made = compare(
                first.problem(passengers=passengers, seed=seed),
                second.problem(passengers=passengers, seed=seed),
                change or (),
                options,
                names,
                (monitor, monitor),
            )
        if drawn is not None:
            from router.plots.comparison import draw

            draw(made, drawn)
    _tell(made, as_json=json)


def _tell(made: Comparison, *, as_json: bool) -> None:
    sides = (made.a, made.b)
    if as_json:
        print_json(made.to_json())
    else:
        for s in sides:
            print_violations((*s.plan.infeasible, *s.report.violations))
        _show(made)
    if any(s.plan.infeasible or s.report.violations for s in sides):
        raise typer.Exit(EXIT_INFEASIBLE)


def _show(made: Comparison) -> None:
    screen = console()
    rows: list[tuple[object, ...]] = []
    for (name, one), (_, two) in zip(_rows(made.a), _rows(made.b), strict=True):
        apart = two - one if _number(one) and _number(two) else None  # type: ignore[operator]
        rows.append((name, one, two, apart))
    title = f"{made.a.name} (A) against {made.b.name} (B); money in minor units"
    screen.print(table(title, ("", "A", "B", "B - A"), rows))
    ports = list(dict.fromkeys([*made.a.figures.peak_power_w, *made.b.figures.peak_power_w]))
    peaks = [(p, *(s.figures.peak_power_w.get(p) for s in (made.a, made.b))) for p in ports]
    screen.print(table("Peak grid power by vertiport, W", ("", "A", "B"), peaks))
    reasons = sorted({*made.a.figures.unserved, *made.b.figures.unserved})
    left = [(r, *(s.figures.unserved.get(r, 0) for s in (made.a, made.b))) for r in reasons]
    if left:
        screen.print(table("Trips left out", ("what binds", "A", "B"), left))
    screen.print(_verdict(made))


def _number(value: object) -> bool:
    return isinstance(value, int | float)


def _rows(s: Side) -> list[tuple[str, object]]:
    f, cost = s.figures, s.report.cost
    waits = f.waiting_s
    return [
        ("value", s.report.value),
        ("bound", s.plan.bound),
        ("gap", s.plan.gap),
        ("revenue", s.report.revenue),
        *((f"cost: {name}", cost.components.get(name, 0)) for name in sorted(cost.components)),
        ("trips asked for", f.trips),
        ("trips served", f.served_trips),
        ("passengers served", f.served_passengers),
        ("aircraft", len(s.problem.aircraft)),
        ("aircraft that fly", f.aircraft),
        ("flights", f.flights),
        ("share of empty flights", f.empty_share),
        ("load factor", f.load_factor),
        ("waiting, mean (s)", None if waits is None else waits.mean),
        ("waiting, 90 % within (s)", None if waits is None else waits.percentiles[90]),
        ("energy charged (Wh)", f.energy_wh),
        ("grid energy (Wh)", f.grid_wh),
        ("rules broken", len(s.report.violations)),
        ("seconds", s.plan.seconds),
    ]


def _verdict(made: Comparison) -> str:
    if made.proven_better is not None:
        better = made.proven_better.upper()
        return f"{better} is better, by proof: no plan of the other side is worth as much."
    span = made.difference_range
    if span is None:
        return "Without a bound of both sides nothing is proven about the difference."
    low, high = (f"{n:+,}".replace(",", " ") for n in span)
    return f"The best plan of B is worth between {low} and {high} more than that of A."


def simulate_command(
    scenario: Annotated[str, typer.Argument(help="Scenario, a file or an embedded one.")],
    plan: Annotated[
        str | None,
        typer.Argument(metavar="[PLAN]", help="Plan file; default: a plan is made first."),
    ] = None,
    days: Annotated[int, typer.Option("--days", help="Days to simulate, 1 to 100000.")] = 100,
    level: Annotated[
        str, typer.Option("--level", help="How far days turn out otherwise: none, ordinary, hard.")
    ] = "ordinary",
    draw: Annotated[
        list[str] | None,
        typer.Option("--draw", help="Change a number of the level, e.g. late_share=0.2; repeat."),
    ] = None,
    passengers: Annotated[
        int | None, typer.Option("--passengers", help="Passengers to draw; default: the plan's.")
    ] = None,
    seconds: SecondsOption = 30.0,
    seed: SeedOption = 1,
    threads: ThreadsOption = 2,
    picture: PictureOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="JSON file for the figures of every day.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Fly a plan on random days and show how it turns out.

    Demand, delays and weather are drawn with the seed; the plan is the same each day, and
    operations react by the rules of docs/what_if.md. Ctrl-C ends with the days that are done.
    """
    asked = uncertainty(level, draw or ())
    source = load_scenario(scenario)
    with ExitStack() as stack:
        drawn = stack.enter_context(replacing(picture)) if picture is not None else None
        written = stack.enter_context(replacing(out)) if out is not None else None
        bar = stack.enter_context(progress_bar("Simulating", seconds, quiet=json))
        with interruptible(bar) as monitor:
            options = SolveOptions(seconds=seconds, seed=seed, threads=threads)
            problem, flown = _planned(source, plan, passengers, options)
            made = simulate(
                problem,
                flown,
                asked,
                days=days,
                seed=seed,
                processes=threads if days >= 20 * threads else 1,
                monitor=monitor,
            )
        if drawn is not None:
            from router.plots.simulation import draw as draw_picture

            draw_picture(made, problem.name, problem.currency, drawn)
        if written is not None:
            write_json(written, {**made.to_json(), "by_day": made.by_day()})
    if json:
        print_json(made.to_json())
    else:
        _show_simulation(made, problem.name)


def _planned(
    source: Scenario, plan: str | None, passengers: int | None, options: SolveOptions
) -> tuple[AirTaxiProblem, FlightPlan]:
    """Return the plan of a file with its day, or make one."""
    if plan is None:
        problem = source.problem(passengers=passengers, seed=options.seed)
        return problem, solve(problem, options)
    read, made_for = load_plan(plan)
    asked = made_for.passengers if passengers is None else passengers
    return source.problem(passengers=asked, seed=made_for.seed), read


def _show_simulation(made: Simulation, name: str) -> None:
    screen = console()
    rows = []
    for what, spread in made.spreads().items():
        if spread is not None:
            p = spread.percentiles
            numbers = (spread.mean, spread.least, p[5], p[50], p[95], spread.greatest)
            rows.append((what.replace("_", " "), *(_rounded(n) for n in numbers)))
    title = f"{name}: {len(made.days)} simulated days, planned value {made.planned_value}"
    screen.print(table(title, ("", "mean", "least", "5 %", "50 %", "95 %", "most"), rows))
    if made.cancellations():
        columns = ("reason", "flights of all days")
        screen.print(table("Cancelled", columns, list(made.cancellations().items())))


def _rounded(number: float) -> float | int:
    return round(number) if abs(number) >= 100 else number
