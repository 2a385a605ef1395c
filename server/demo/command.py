"""``alatau demo``: plan a day of Alatau through the service, and show it."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from router.cli import output
from router.errors import InvalidInput, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.demo.part import DemoPart, Outcome
    from server.demo.run import Listener

SeedOption = Annotated[int, typer.Option("--seed", help="Seed of demand and searches.")]


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for all files.")] = Path("out/demo"),
    seconds: Annotated[
        float, typer.Option("--seconds", help="Time of each of the four solves, 0.5 to 3600.")
    ] = 30.0,
    passengers: Annotated[
        int | None, typer.Option("--passengers", help="Air-taxi passengers of the day.")
    ] = None,
    seed: SeedOption = 1,
    as_json: output.JsonOption = False,
) -> None:
    """Plan a day of air taxis and freight through a server of its own.

    Starts the server on a free port, plans the four parts of the embedded
    scenarios through the Python client, has each plan judged, and writes plans,
    maps, pictures and a report. Exit code 1 if a plan breaks a rule.
    """
    _check(seconds, seed)
    began = time.monotonic()
    outcomes = _outcomes(out, seconds, passengers, seed, began)
    if as_json:
        output.print_json(_summary(outcomes, out, time.monotonic() - began))
    else:
        _print(outcomes, out, time.monotonic() - began)
    if not all(outcome.feasible for outcome in outcomes):
        raise typer.Exit(output.EXIT_INFEASIBLE)


def _check(seconds: float, seed: int) -> None:
    found = []
    if not (math.isfinite(seconds) and 0.5 <= seconds <= 3600):
        found.append(Violation("TIME_LIMIT", "--seconds", f"is {seconds}; give 0.5 to 3600."))
    if not 0 <= seed < 2**63:
        found.append(Violation("SEED", "--seed", f"is {seed}; give 0 to 2**63 - 1."))
    if found:
        raise InvalidInput(found)


def _outcomes(
    out: Path, seconds: float, passengers: int | None, seed: int, began: float
) -> list[Outcome]:
    """Plan, judge and write all parts; return their outcomes in the order of the report.

    Raises
    ------
    InvalidInput
        If the passengers are out of range, or the folder cannot be written to.
    OSError
        If the server does not start, or a call of it fails.
    """
    from alatau_client import ApiError, Client

    from server.demo import files, parts
    from server.demo.run import AT_ONCE, plan_all
    from server.demo.service import own_server

    scenario = parts.load(passengers=passengers, seed=seed)
    files.prepare(out)
    done: dict[str, Outcome] = {}
    with (
        _progress(scenario.parts, seconds) as heard,
        own_server(workers=1, job_workers=AT_ONCE, log_level="warning") as address,
        Client(address) as client,
    ):
        try:
            client.wait_until_ready()
            for result in plan_all(client, scenario.parts, seconds=seconds, seed=seed, heard=heard):
                files.write_outcome(result, out)
                done[result.part.name] = result
        except ApiError as failure:
            raise OSError(f"a call of the server failed: {failure}") from failure
    outcomes = [done[part.name] for part in scenario.parts]
    files.write_report(
        outcomes,
        out,
        assumptions=scenario.assumptions,
        command=" ".join(["alatau", *sys.argv[1:]]),
        seconds=seconds,
        seed=seed,
        wall_seconds=time.monotonic() - began,
    )
    return outcomes


@contextmanager
def _progress(parts: Sequence[DemoPart], seconds: float) -> Iterator[Listener]:
    """Show a bar for each part on a terminal; elsewhere show nothing."""
    from rich.progress import BarColumn, Progress, TextColumn

    target = output.error_console()
    if not target.is_terminal:
        yield lambda part, progress: None
        return
    columns = (TextColumn("{task.description:<18}"), BarColumn(), TextColumn("{task.fields[now]}"))
    with Progress(*columns, console=target, transient=True) as bars:
        tasks = {part.name: bars.add_task(part.title, total=seconds, now="") for part in parts}

        def heard(part: DemoPart, progress: Any) -> None:
            passed = progress.elapsed.seconds + progress.elapsed.nanos / 1e9
            bars.update(tasks[part.name], completed=passed, now=_now(progress))

        yield heard


def _now(progress: Any) -> str:
    """Return where a solve stands, in a few words."""
    words = []
    if progress.HasField("objective"):
        words.append(f"best {output.text_of(round(progress.objective / 100))}")
    if progress.HasField("gap"):
        words.append(f"gap {progress.gap:.2%}")
    if progress.total:
        words.append(f"served {progress.served}/{progress.total}")
    return ", ".join(words)


def _print(outcomes: Sequence[Outcome], out: Path, wall_seconds: float) -> None:
    from server.demo.units import money, percent

    console = output.console()
    for outcome in outcomes:
        shown: dict[str, object] = dict(outcome.figures)
        if outcome.objective is not None:
            shown[outcome.part.goal] = money(outcome.objective)
        shown["Proven bound"] = None if outcome.bound is None else money(outcome.bound)
        shown["Gap"] = percent(outcome.gap)
        rules = f"{len(outcome.verdict.violations)} violations"
        shown["Checker"] = "no violation" if outcome.feasible else rules
        console.print(output.figures(outcome.part.title, shown))
    console.print(f"Done in {wall_seconds:.0f} s. Report: {out / 'report.html'}", soft_wrap=True)


def _summary(outcomes: Sequence[Outcome], out: Path, wall_seconds: float) -> Mapping[str, object]:
    return {
        "feasible": all(outcome.feasible for outcome in outcomes),
        "seconds": round(wall_seconds, 3),
        "report": str(out / "report.html"),
        "parts": {
            outcome.part.name: {
                "feasible": outcome.feasible,
                "violations": len(outcome.verdict.violations),
                "objective": outcome.objective,
                "bound": outcome.bound,
                "gap": outcome.gap,
                "cost": outcome.message.cost.total,
                "seconds": round(outcome.seconds, 3),
                "figures": {name: str(value) for name, value in outcome.figures.items()},
            }
            for outcome in outcomes
        },
    }
