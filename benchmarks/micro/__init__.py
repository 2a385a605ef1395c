"""``python -m benchmarks micro``: iterations a second of the route search, by class.

Each class is a random problem of its own making: clustered and scattered
stops, a fleet and windows as loose as in the public sets. The rate is that of
the whole iteration (ruin, recreate, decision) on one thread.
"""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.micro.classes import CLASSES, made
from router._core import RouteSearch
from router.freight.routes.compile import compile_problem
from router.search.parameters import Parameters

FOREVER = 1e300


def command(
    stops: Annotated[int, typer.Option(help="Stops of each problem.", min=10)] = 1000,
    iterations: Annotated[int, typer.Option(help="Iterations measured.", min=1)] = 20_000,
    seed: Annotated[int, typer.Option(help="Seed of problems and search.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure iterations a second of the route search for each problem class."""
    rows = {name: measured(name, stops, iterations, seed) for name in CLASSES}
    if as_json:
        typer.echo(json.dumps({"stops": stops, "iterations": iterations, "classes": rows}))
        return
    table = Table(title=f"Route search, {stops} stops, {iterations} iterations, one thread")
    for head in ("class", "kernels", "compile s", "construct s", "iterations/s"):
        table.add_column(head, justify="left" if head in ("class", "kernels") else "right")
    for name, row in rows.items():
        rate = f"{row['rate']:,.0f}"
        table.add_row(
            name, str(row["kind"]), f"{row['compile']:.3f}", f"{row['construct']:.3f}", rate
        )
    Console().print(table)


def measured(name: str, stops: int, iterations: int, seed: int) -> dict[str, float | str]:
    """Return seconds of preparation and iterations a second of one class."""
    problem = made(name, stops, seed)
    opened = time.perf_counter()
    arrays = compile_problem(problem).arrays
    compiled = time.perf_counter()
    engine = RouteSearch(arrays, Parameters(), seed)
    engine.construct(FOREVER)
    built = time.perf_counter()
    warm = arrays.spacing
    engine.run(FOREVER, iterations // 4, 0.0, 1.0, iterations, warm, warm)
    begun, before = time.perf_counter(), engine.iterations
    engine.run(FOREVER, before + iterations, 0.0, 1.0, iterations, warm, warm)
    rate = (engine.iterations - before) / (time.perf_counter() - begun)
    return {
        "kind": arrays.kind.name,
        "compile": compiled - opened,
        "construct": built - compiled,
        "rate": rate,
    }
