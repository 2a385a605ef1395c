"""A benchmark file as a routing problem.

>>> instance = read_instance("X-n101-k25.vrp")  # doctest: +SKIP
>>> instance.problem.visits[0].id, instance.rounding  # doctest: +SKIP
('1', <Rounding.ROUND: 'round'>)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from router.errors import InvalidInput, Violation
from router.formats.build import build_problem
from router.formats.faults import Faults
from router.formats.files import read_text
from router.formats.fleet import Fleet
from router.formats.li_lim import read_li_lim
from router.formats.raw import RawInstance
from router.formats.rounding import Rounding, usual_rounding
from router.formats.solomon import read_solomon
from router.formats.vrplib import read_vrplib
from router.freight.routes.problem import RoutingProblem

Reader = Callable[[str, Faults], RawInstance | None]


@dataclass(frozen=True, slots=True)
class Instance:
    """A problem, and what links it to its file.

    Ids of locations, depots and visits are the numbers that solution files
    use: a location's position from 0, the depots first. A shipment's id joins
    those of its pickup and delivery: ``3-17``.
    """

    problem: RoutingProblem
    rounding: Rounding
    fleet: Fleet
    """Which vehicle of the file is which vehicle of the problem."""
    kind: str
    """Problem type of the file in capitals, e.g. ``VRPTW``; may be empty."""


def read_instance(path: str | Path, rounding: Rounding | None = None) -> Instance:
    """Read a VRPLIB, Solomon or Li and Lim file, told apart by content.

    Parameters
    ----------
    path
        The file.
    rounding
        How real numbers become whole ones; ``None``: as the best-known values
        of the file's type are given, see :func:`usual_rounding`.

    Raises
    ------
    InvalidInput
        With every fault of the file, each at ``file:line``.
    """
    text = read_text(path)
    faults = Faults(str(path))
    raw = reader_of(text, faults)(text, faults)
    faults.raise_if_any()
    assert raw is not None, "a reader returns an instance or notes a fault"
    rule = usual_rounding(raw.kind) if rounding is None else rounding
    name = raw.name or Path(path).stem
    try:
        problem, fleet = build_problem(raw, rule, name, faults)
    except InvalidInput as refused:
        raise InvalidInput(_of_file(str(path), refused.violations)) from None
    return Instance(problem, rule, fleet, raw.kind)


def reader_of(text: str, faults: Faults) -> Reader:
    """Return the reader of the format that ``text`` is written in.

    Raises
    ------
    InvalidInput
        With code UNKNOWN_FORMAT.
    """
    if re.search(r"^\s*VEHICLE\s*$", text, re.MULTILINE | re.IGNORECASE):
        return read_solomon
    if re.search(r"^\s*[A-Z_]+\s*:|^\s*[A-Z_]+_SECTION", text, re.MULTILINE):
        return read_vrplib
    words = next((line.split() for line in text.splitlines() if line.strip()), [])
    if len(words) in (2, 3) and all(re.fullmatch(r"[-+.\d]+", word) for word in words):
        return read_li_lim
    message = "is no VRPLIB, Solomon or Li and Lim file; check what it is."
    faults.add("UNKNOWN_FORMAT", 1, message)
    faults.raise_if_any()
    raise AssertionError("unreachable")


def _of_file(path: str, violations: Sequence[Violation]) -> list[Violation]:
    """Return violations of the problem, their paths behind the file's name."""
    prefixed = []
    for violation in violations:
        where = violation.path if violation.path.startswith(path) else f"{path}: {violation.path}"
        prefixed.append(Violation(violation.code, where, violation.message))
    return prefixed
