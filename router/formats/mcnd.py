"""Reads multicommodity fixed-charge network design files (``.dow``).

After a title come the numbers of nodes, arcs and commodities; then one line an
arc (from, to, unit cost, capacity, fixed cost, two numbers without meaning
here) and one line a commodity (origin, destination, amount). Nodes count from
1. Every arc is a lane with at most one departure; all goods must be shipped.
"""

from __future__ import annotations

from pathlib import Path

from router.errors import InvalidInput, Violation, Violations
from router.freight.flows.problem import Commodity, FlowProblem, Lane, Node

MOST_NODES = 100_000
"""Largest number of nodes that is read."""
_ARC, _GOODS = 5, 3


def read_mcnd(path: str | Path) -> FlowProblem:
    """Return the problem in the file.

    Raises
    ------
    InvalidInput
        With every malformed line, or with all faults of the problem.
    OSError
        If the file cannot be read.
    """
    path = Path(path)
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return parse_mcnd(lines, path.name)


def parse_mcnd(lines: list[str], name: str) -> FlowProblem:
    """Return the problem in ``lines``; ``name`` stands in messages."""
    sizes = _numbers(lines[1], 3) if len(lines) > 1 else None
    if sizes is None or min(sizes) < 0:
        text = "holds no numbers of nodes, arcs and commodities; give three whole numbers >= 0."
        raise InvalidInput([Violation("MALFORMED_LINE", f"{name}:2", text)])
    nodes, arcs, goods = sizes
    if nodes > MOST_NODES:
        text = f"says {nodes} nodes; at most {MOST_NODES} are read."
        raise InvalidInput([Violation("TOO_LARGE", f"{name}:2", text)])
    found = Violations()
    lanes = _table(lines, 2, arcs, _ARC, name, found)
    demands = _table(lines, 2 + arcs, goods, _GOODS, name, found)
    found.raise_if_any()
    return FlowProblem(
        nodes=tuple(Node(id=str(i + 1)) for i in range(nodes)),
        lanes=tuple(_lane(i, row) for i, row in enumerate(lanes)),
        commodities=tuple(
            Commodity(id=f"k{i + 1}", origin=str(row[0]), destination=str(row[1]), amount=row[2])
            for i, row in enumerate(demands)
        ),
        unit="units",
        name=name,
    )


def _lane(i: int, row: list[int]) -> Lane:
    tail, head, unit_cost, capacity, fixed_cost = row
    return Lane(
        id=f"a{i + 1}",
        origin=str(tail),
        destination=str(head),
        capacity=capacity,
        departure_cost=fixed_cost,
        unit_cost=unit_cost,
    )


def _table(
    lines: list[str], first: int, count: int, width: int, name: str, found: Violations
) -> list[list[int]]:
    """MALFORMED_LINE: return ``count`` rows of ``width`` numbers from line ``first``."""
    rows = []
    for i in range(first, first + count):
        row = _numbers(lines[i], width) if i < len(lines) else None
        if row is None:
            text = f"does not begin with {width} whole numbers, as its place in the file asks."
            found.add("MALFORMED_LINE", f"{name}:{i + 1}", text)
            if i >= len(lines):
                break
        else:
            rows.append(row)
    return rows


def _numbers(line: str, width: int) -> list[int] | None:
    words = line.split()[:width]
    try:
        values = [int(word) for word in words]
    except ValueError:
        return None
    return values if len(values) == width else None
