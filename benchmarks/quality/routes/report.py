"""Table and anytime curves of a benchmark's results."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean

from matplotlib.figure import Figure

from benchmarks.quality.routes.runs import Result

Key = tuple[str, float, str]


def write_report(results: Sequence[Result], out: Path) -> None:
    """Write ``table.md`` and a picture an instance with the curves of all solvers."""
    (out / "table.md").write_text("\n".join(_table(results)) + "\n")
    (out / "curves").mkdir(exist_ok=True)
    for kind, name in sorted({(r.kind, r.instance) for r in results}):
        of_case = [r for r in results if (r.kind, r.instance) == (kind, name)]
        safe = re.sub(r"[^\w.-]", "_", f"{kind}-{name}")
        _draw(of_case, f"{kind} {name}", out / "curves" / f"{safe}.png")


def _table(results: Sequence[Result]) -> Iterator[str]:
    groups: dict[Key, list[Result]] = defaultdict(list)
    for result in results:
        groups[result.kind, result.limit, result.solver].append(result)
    yield "Mean gap to the best known value, per cent, at equal time."
    yield "`tight` compares with the lowest value known from anywhere."
    yield ""
    yield f"    python -m benchmarks {' '.join(sys.argv[1:])}"
    yield ""
    yield "| class | seconds | solver | runs | feasible | mean gap | tight | worst |"
    yield "|---|---:|---|---:|---:|---:|---:|---:|"
    for (kind, limit, solver), group in sorted(groups.items()):
        gaps = [r.gap for r in group if r.gap is not None]
        tight = [r.gap_tight for r in group if r.gap_tight is not None]
        shown = f"{fmean(gaps):.2f} | {fmean(tight):.2f} | {max(gaps):.2f}" if gaps else "– | – | –"
        name = f"{solver} {group[0].version}".strip()
        yield f"| {kind} | {limit:g} | {name} | {len(group)} | {len(gaps)} | {shown} |"


def _draw(results: Sequence[Result], title: str, path: Path) -> None:
    """Draw gap over time of the runs with the longest limit and the first seed."""
    longest = max(result.limit for result in results)
    seed = results[0].seed
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    lowest = 0.0
    for result in results:
        if (result.limit, result.seed) != (longest, seed) or not result.curve:
            continue
        seconds = [point[0] for point in result.curve]
        seconds.append(max(longest, seconds[-1]))
        gaps = [100 * (point[1] / result.best - 1) for point in result.curve]
        lowest = min(lowest, gaps[-1])
        axes.step(seconds, [*gaps, gaps[-1]], where="post", label=result.solver)
    axes.set(title=title, xlabel="seconds", ylabel="gap to the best known, %", xscale="log")
    axes.set_yscale("symlog", linthresh=1.0)
    axes.set_ylim(bottom=lowest)
    axes.grid(alpha=0.3)
    if axes.lines:
        axes.legend()
    figure.savefig(path, dpi=110)
