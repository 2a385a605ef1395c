"""Runs our solver on one request, as a peer would be run."""

from __future__ import annotations

import json
import sys
from importlib import metadata
from pathlib import Path

from router.formats.instance import read_instance
from router.formats.rounding import Rounding
from router.formats.solution import write_solution
from router.freight.routes.solve import solve
from router.solving import SolveOptions


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin)
    instance = read_instance(request["file"], Rounding(request["rounding"]))
    options = SolveOptions(
        seconds=request["seconds"], threads=request["threads"], seed=request["seed"]
    )
    plan = solve(instance.problem, options)
    write_solution(Path(request["out"]), instance, plan.routes, plan.cost.total)
    answer = {
        "version": _version(),
        "seconds": plan.seconds,
        "iterations": plan.iterations,
        "curve": plan.curve,
    }
    json.dump(answer, sys.stdout)


def _version() -> str:
    try:
        return metadata.version("alatau-router")
    except metadata.PackageNotFoundError:
        return "source"


if __name__ == "__main__":
    main()
