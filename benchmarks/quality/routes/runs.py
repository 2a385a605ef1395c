"""Runs solvers one after the other, each in a process of its own, and judges them."""

from __future__ import annotations

import csv
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.quality.routes.cases import Case
from benchmarks.quality.routes.clock import Clock, environment
from benchmarks.quality.routes.exchange import as_data
from benchmarks.quality.routes.solvers import Solver
from benchmarks.quality.routes.vrplib_text import vrplib_copy
from router.errors import InvalidInput
from router.formats.instance import Instance, read_instance
from router.formats.solution import read_solution
from router.freight.routes.check import check, price
from router.freight.routes.plan import RoutePlan
from router.freight.routes.unserved import unserved

PATIENCE = 10
"""Times the limit that a process may take where processor time is scarce."""
GRACE_SECONDS = 120.0
"""Time beyond the limit after which a process counts as failed; covers reading."""

Curve = tuple[tuple[float, float], ...]
Key = tuple[str, str, str, float, int, int]


@dataclass(frozen=True, slots=True)
class Run:
    """One solver on one instance with one limit and seed."""

    case: Case
    solver: Solver
    limit: float
    threads: int
    seed: int

    @property
    def key(self) -> Key:
        """What tells this run from others."""
        return (
            self.case.kind, self.case.name, self.solver.name, self.limit, self.threads, self.seed,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a run; a gap is in per cent, ``None`` without a feasible plan."""

    kind: str
    instance: str
    solver: str
    version: str
    limit: float
    threads: int
    seed: int
    feasible: bool
    cost: int | None
    best: float
    gap: float | None
    tight: float
    gap_tight: float | None
    seconds: float | None
    iterations: int | None
    note: str
    curve: Curve

    @property
    def key(self) -> Key:
        """The key of its run."""
        return self.kind, self.instance, self.solver, self.limit, self.threads, self.seed


NAMES = [field.name for field in fields(Result)]
"""Columns of ``results.csv``; the curve as JSON."""


def run_all(
    runs: Sequence[Run],
    peer_python: Path,
    out: Path,
    *,
    clock: Clock = Clock.WALL,
    resume: bool = False,
) -> list[Result]:
    """Run everything in order; each result is in ``results.csv`` as soon as it is known.

    With ``resume``, runs whose result stands there already are not run again.
    """
    out.mkdir(parents=True, exist_ok=True)
    table = out / "results.csv"
    known = {result.key: result for result in read_results(table)} if resume else {}
    env = environment(clock, out)
    results = []
    with table.open("w", newline="") as stream, _progress() as bar:
        writer = csv.DictWriter(stream, NAMES)
        writer.writeheader()
        task = bar.add_task("", total=len(runs))
        for run in runs:
            label = f"{run.solver.name} {run.case.name} {run.limit:g} s"
            bar.update(task, description=label)
            result = known.pop(run.key, None) or run_one(run, peer_python, env)
            results.append(result)
            writer.writerow(_row(result))
            stream.flush()
            bar.advance(task)
        writer.writerows(_row(result) for result in known.values())
    return results


def _row(result: Result) -> dict[str, object]:
    row = {name: getattr(result, name) for name in NAMES}
    return row | {"curve": json.dumps(result.curve)}


def read_results(table: Path) -> list[Result]:
    """Return the results of an earlier call; none where there is no table."""
    if not table.exists():
        return []
    with table.open(newline="") as stream:
        return [_read(row) for row in csv.DictReader(stream)]


def _read(row: dict[str, str]) -> Result:
    return Result(
        kind=row["kind"],
        instance=row["instance"],
        solver=row["solver"],
        version=row["version"],
        limit=float(row["limit"]),
        threads=int(row["threads"]),
        seed=int(row["seed"]),
        feasible=row["feasible"] == "True",
        cost=int(row["cost"]) if row["cost"] else None,
        best=float(row["best"]),
        gap=_number(row["gap"]),
        tight=float(row["tight"]),
        gap_tight=_number(row["gap_tight"]),
        seconds=_number(row["seconds"]),
        iterations=int(row["iterations"]) if row["iterations"] else None,
        note=row["note"],
        curve=tuple(_points(json.loads(row["curve"]))),
    )


def _number(text: str) -> float | None:
    return float(text) if text else None


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    return Progress(*columns, console=Console(stderr=True))


def run_one(run: Run, peer_python: Path, env: Mapping[str, str]) -> Result:
    """Run one solver and judge its routes."""
    with tempfile.TemporaryDirectory() as folder:
        request = _request(run, Path(folder))
        started = time.monotonic()
        try:
            finished = subprocess.run(
                run.solver.start(peer_python),
                input=json.dumps(request),
                capture_output=True,
                text=True,
                env=env,
                timeout=PATIENCE * run.limit + GRACE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return _result(run, note=f"no answer in {time.monotonic() - started:.0f} s")
        if finished.returncode:
            return _result(run, note=(finished.stderr.strip().splitlines() or ["died"])[-1][:200])
        return _judged(run, json.loads(finished.stdout.splitlines()[-1]), Path(str(request["out"])))


def _request(run: Run, folder: Path) -> dict[str, object]:
    """Return the request, with the files that it names written."""
    instance = _instance(run.case.path)
    (folder / "problem.json").write_text(_plain(run.case.path))
    return {
        "file": str(vrplib_copy(run.case.path, folder)),
        "problem": str(folder / "problem.json"),
        "rounding": instance.rounding.value,
        "seconds": run.limit,
        "threads": run.threads,
        "seed": run.seed,
        "out": str(folder / "out.sol"),
    }


@lru_cache(maxsize=2)
def _instance(path: Path) -> Instance:
    return read_instance(path)


@lru_cache(maxsize=2)
def _plain(path: Path) -> str:
    return json.dumps(as_data(_instance(path)))


def _judged(run: Run, answer: dict[str, object], out: Path) -> Result:
    instance = _instance(run.case.path)
    problem = instance.problem
    try:
        routes = read_solution(out, instance).routes
    except InvalidInput as refused:
        return _result(run, answer, note=str(refused.violations[0])[:200])
    plan = RoutePlan(
        routes=routes,
        unserved=unserved(problem, routes),
        cost=price(problem, routes),
        feasible=True,
    )
    report = check(problem, plan)
    broken = sorted({violation.code for violation in report.violations})
    return _result(run, answer, None if broken else report.cost.total, " ".join(broken))


def _result(
    run: Run, answer: dict[str, object] | None = None, cost: int | None = None, note: str = ""
) -> Result:
    answer = answer or {}
    return Result(
        kind=run.case.kind,
        instance=run.case.name,
        solver=run.solver.name,
        version=str(answer.get("version", "")),
        limit=run.limit,
        threads=run.threads,
        seed=run.seed,
        feasible=cost is not None,
        cost=cost,
        best=run.case.best,
        gap=_gap(cost, run.case.best),
        tight=run.case.tight,
        gap_tight=_gap(cost, run.case.tight),
        seconds=answer.get("seconds"),  # type: ignore[arg-type]
        iterations=answer.get("iterations"),  # type: ignore[arg-type]
        note=note,
        curve=tuple(_points(answer.get("curve"))),
    )


def _points(curve: object) -> Iterator[tuple[float, float]]:
    for seconds, cost in curve if isinstance(curve, list) else []:
        yield float(seconds), float(cost)


def _gap(cost: int | None, best: float) -> float | None:
    return None if cost is None else round(100 * (cost / best - 1), 4)
