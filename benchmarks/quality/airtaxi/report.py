"""Tables and pictures of the air-taxi benchmark."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.quality.airtaxi.growth import MEASURES, Growth, exponent
from benchmarks.quality.airtaxi.runs import Row, gap_to
from router.solving import relative_gap

LABELS = {
    "first_plan_s": "first plan, s",
    "step_ms": "a step, ms",
    "round_ms": "a round of the bound, ms",
    "memory_mb": "memory, MB",
}

PEERS = {"first come": "C7", "CP-SAT": "C3", "OR-Tools routing": "C4"}
"""Colour of each peer."""


def write_report(found: Sequence[Row], grown: Sequence[Growth], out: Path) -> None:
    """Write ``airtaxi.md``, a curve of the gap a demand and seed, and the growth."""
    out.mkdir(parents=True, exist_ok=True)
    lines = [f"    python -m benchmarks {' '.join(sys.argv[1:])}", "", *table(found)]
    if grown:
        lines += ["", *growth_table(grown)]
        _draw_growth(grown, out / "airtaxi-growth.png")
    (out / "airtaxi.md").write_text("\n".join(lines) + "\n")
    for row in found:
        if len(row.curve) > 1:
            day = row.passengers, row.seed
            peers = [r for r in found if (r.passengers, r.seed) == day and r is not row]
            _draw_gap(row, peers, out / f"airtaxi-{row.passengers}-{row.seed}.png")


def table(found: Sequence[Row]) -> Iterator[str]:
    """Yield medians over the seeds; gaps are to the best bound that any method proved."""
    yield (
        "| passengers | aircraft | method | value | gap, % | served | flights | empty "
        "| first plan, s | s | processor s | MB | faults |"
    )
    yield "|---:|---:|---|" + "---:|" * 10
    best: dict[tuple[int, int], float] = {}
    for r in found:
        if r.bound is not None:
            key = r.passengers, r.seed
            best[key] = min(best.get(key, float("inf")), float(r.bound))
    for passengers, method in dict.fromkeys((r.passengers, r.method) for r in found):
        same = [r for r in found if (r.passengers, r.method) == (passengers, method)]
        gaps = [g for r in same if (g := gap_to(r, best.get((r.passengers, r.seed)))) is not None]
        firsts = [r.first_plan_s for r in same if r.first_plan_s is not None]
        yield (
            f"| {passengers} | {same[0].aircraft} | {method} "
            f"| {_median(r.value for r in same):.0f} | {_shown(gaps, 100)} "
            f"| {_median(r.served for r in same):g} | {_median(r.flights for r in same):g} "
            f"| {_median(r.empty for r in same):g} | {_shown(firsts, 1)} "
            f"| {_median(r.seconds for r in same):.1f} | {_median(r.cpu_s for r in same):.1f} "
            f"| {max(r.memory_mb for r in same)} | {sum(r.violations for r in same)} |"
        )


def growth_table(grown: Sequence[Growth]) -> Iterator[str]:
    """Yield time and memory by size, and the exponents fitted to them."""
    yield f"| grown | times | trips | aircraft | {' | '.join(LABELS[m] for m in MEASURES)} |"
    yield "|---|" + "---:|" * 7
    for g in grown:
        cells = " | ".join(f"{getattr(g, m):g}" for m in MEASURES)
        yield f"| {g.grown} | {g.factor} | {g.trips} | {g.aircraft} | {cells} |"
    for name in dict.fromkeys(g.grown for g in grown):
        cells = " | ".join(f"{exponent(grown, name, m):.2f}" for m in MEASURES)
        yield f"| {name} | exponent | | | {cells} |"


def _median(values: Iterator[float]) -> float:
    return statistics.median(values)


def _shown(values: Sequence[float], times: float) -> str:
    return f"{times * statistics.median(values):.2f}" if values else "–"


def _draw_gap(row: Row, peers: Sequence[Row], path: Path) -> None:
    """Draw value and bound, and the gap between them, over time; peers by what they end with."""
    figure = Figure(figsize=(7, 5), layout="constrained")
    money, gap = figure.subplots(2, 1, sharex=True)
    seconds = [point[0] for point in row.curve]
    bounded = [(s, v, b) for s, v, b in row.curve if b is not None]
    money.step(seconds, [v / 1e8 for _, v, _ in row.curve], where="post", label="value")
    if bounded:
        first = row.curve[0][1]
        shown = [(s, b) for s, _, b in bounded if b < 2 * max(first, 1)]
        money.step([s for s, _ in shown], [b / 1e8 for _, b in shown], where="post", label="bound")
        gaps = [100 * (relative_gap(v, b) or 0.0) for _, v, b in bounded]
        gap.step([s for s, _, _ in bounded], gaps, where="post", color="C2")
    for peer in peers:
        label = f"{peer.method}: {peer.value / 1e8:.2f}"
        if 2 * peer.value > row.value:
            money.axhline(
                peer.value / 1e8, linestyle="--", color=PEERS.get(peer.method), label=label
            )
        else:  # would press the curves together
            money.plot([], [], " ", label=f"{label}, not in the picture")
    money.set(title=f"{row.passengers} passengers, {row.aircraft} aircraft, seed {row.seed}")
    money.set_ylabel("millions of the currency")
    gap.set(xlabel="seconds", ylabel="gap, %", ylim=(0, 50))
    for axes in (money, gap):
        axes.grid(alpha=0.3)
    money.legend(fontsize=8)
    figure.savefig(path, dpi=110)


def _draw_growth(grown: Sequence[Growth], path: Path) -> None:
    """Draw each measure over the factor, trips and aircraft side by side."""
    figure = Figure(figsize=(9, 5), layout="constrained")
    for axes, name in zip(
        figure.subplots(1, 2, sharey=True), dict.fromkeys(g.grown for g in grown), strict=False
    ):
        same = [g for g in grown if g.grown == name]
        for m in MEASURES:
            label = f"{LABELS[m]} (exponent {exponent(grown, name, m):.2f})"
            axes.plot([g.factor for g in same], [getattr(g, m) for g in same], "o-", label=label)
        axes.set(title=f"{name} grown", xlabel="times", xscale="log", yscale="log")
        axes.set_xticks([g.factor for g in same], [str(g.factor) for g in same])
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.15))
    figure.savefig(path, dpi=110)
