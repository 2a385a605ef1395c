"""Routes: gaps to the best known values, ours and the peers' interleaved.

Every run is a process of its own on the same problem, with the same threads and
wall-clock limit, one after the other. What it returns is judged and priced by the
project's checker; nobody's own cost is believed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.quality.routes.cases import select
from benchmarks.quality.routes.clock import Clock
from benchmarks.quality.routes.report import write_report
from benchmarks.quality.routes.runs import Run, run_all
from benchmarks.quality.routes.solvers import SOLVERS, Solver


def command(
    instances: Annotated[Path, typer.Option(help="Folder with a folder a class and its bks.csv.")],
    seconds: Annotated[str, typer.Option(help="Wall-clock limits, with commas.")] = "10,60",
    threads: Annotated[int, typer.Option(help="Threads of each solver.")] = 1,
    seeds: Annotated[str, typer.Option(help="Seeds, with commas.")] = "1",
    peers: Annotated[str, typer.Option(help="Of pyvrp, vroom, ortools; with commas.")] = "",
    peer_python: Annotated[
        Path, typer.Option(help="Interpreter that has the peers; default: this one.")
    ] = Path(sys.executable),
    classes: Annotated[str, typer.Option(help="Folders to take; default: all.")] = "",
    per_class: Annotated[int, typer.Option(help="Instances a class, spread over sizes.")] = 8,
    only: Annotated[str, typer.Option(help="Regular expression that names match.")] = "",
    clock: Annotated[
        Clock, typer.Option(help="What limits are kept by; cpu: on one thread, on Linux.")
    ] = Clock.WALL,
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep the results that stand in the folder.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("out/benchmarks"),
) -> None:
    """Compare route solvers at equal time on published instances."""
    cases = select(instances, _words(classes), per_class, only)
    solvers = [SOLVERS["alatau"], *(_peer(name) for name in _words(peers))]
    runs = [
        Run(case, solver, float(limit), threads, int(seed))
        for case in cases
        for seed in _words(seeds)
        for limit in _words(seconds)
        for solver in solvers
        if solver.can(case)
    ]
    if not runs:
        raise typer.BadParameter(f"{instances} has no instance with a best known value.")
    if clock is Clock.CPU and threads != 1:
        raise typer.BadParameter("--clock cpu needs --threads 1.")
    results = run_all(runs, peer_python, out, clock=clock, resume=resume)
    write_report(results, out)
    typer.echo(f"Written to {out}: results.csv, table.md, curves/*.png")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _peer(name: str) -> Solver:
    if name not in SOLVERS or name == "alatau":
        raise typer.BadParameter(f"{name} is no peer; known are pyvrp, vroom, ortools.")
    return SOLVERS[name]
