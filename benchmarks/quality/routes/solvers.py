"""Ours and the peers: what each can do, and how its process is started."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality.routes.cases import Case

PEERS = Path(__file__).parent / "peers"
ALL = frozenset({"CVRP", "VRPTW", "PCVRPTW", "VRPB", "HFVRP", "MDVRPTW", "MTVRPTWR", "PDPTW"})
MOST_BYTES = 300_000
"""Instance files beyond which a peer that needs a matrix is not asked (about 8,000 places)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solver:
    """A route solver, run as ``start(interpreter)`` with a request on standard input."""

    name: str
    kinds: frozenset[str]
    """Classes that it can state."""
    start: Callable[[Path], Sequence[str]]
    needs_matrix: bool = True

    def can(self, case: Case) -> bool:
        """Return whether the solver can be asked to solve the case."""
        small = not self.needs_matrix or case.path.stat().st_size <= MOST_BYTES
        return case.kind in self.kinds and small


def _script(name: str) -> Callable[[Path], Sequence[str]]:
    return lambda python: [str(python), str(PEERS / name)]


SOLVERS = {
    solver.name: solver
    for solver in (
        Solver(
            name="alatau",
            kinds=ALL,
            start=lambda _: [sys.executable, "-m", "benchmarks.quality.routes.ours"],
            needs_matrix=False,
        ),
        Solver(name="pyvrp", kinds=ALL, start=_script("run_pyvrp.py")),
        Solver(
            name="vroom",
            kinds=frozenset({"CVRP", "VRPTW", "PDPTW"}),
            start=_script("run_vroom.py"),
        ),
        Solver(
            name="ortools",
            kinds=frozenset({"CVRP", "VRPTW", "PCVRPTW", "PDPTW", "HFVRP", "MDVRPTW"}),
            start=_script("run_ortools.py"),
        ),
    )
}
