"""How the real numbers of a benchmark file become whole numbers.

A benchmark's best-known values hold under one rule only; it applies to every
value of the file (lengths, times, demands, capacities, prizes, fixed costs)
except the costs of a unit of distance, which multiply values already scaled.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from router.matrix import RoundMode

Floats = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]


class Rounding(StrEnum):
    """The rules by the names that benchmark authors use."""

    NONE = "none"
    """As they stand: values must be whole; computed lengths are cut."""
    ROUND = "round"
    """To the nearest whole number, ties to even."""
    TRUNC = "trunc"
    """Cut to whole numbers."""
    DIMACS = "dimacs"
    """Ten times the value, cut."""
    EXACT = "exact"
    """A thousand times the value, to the nearest."""

    @property
    def scale(self) -> int:
        """How many units of the result make one unit of the file."""
        return {Rounding.DIMACS: 10, Rounding.EXACT: 1000}.get(self, 1)

    @property
    def mode(self) -> RoundMode:
        """How a scaled length becomes whole."""
        nearest = self in (Rounding.ROUND, Rounding.EXACT)
        return RoundMode.NEAREST if nearest else RoundMode.FLOOR

    def whole(self, values: Floats) -> Wholes:
        """Return finite ``values`` (below 2**53 when scaled) as whole numbers."""
        scaled = self.scale * values
        whole = np.round(scaled) if self.mode is RoundMode.NEAREST else np.trunc(scaled)
        return whole.astype(np.int64)


_BY_TYPE = {
    "CVRP": Rounding.ROUND,
    "VRPB": Rounding.ROUND,
    "VRPTW": Rounding.DIMACS,
    "PCVRPTW": Rounding.DIMACS,
    "MTVRPTWR": Rounding.DIMACS,
    "HFVRP": Rounding.EXACT,
    "MDVRPTW": Rounding.EXACT,
    "PDPTW": Rounding.EXACT,
}


def usual_rounding(kind: str) -> Rounding:
    """Return the rule under which the best-known values of a TYPE are given.

    Files of any other type are rounded to the nearest whole number.
    """
    return _BY_TYPE.get(kind.upper(), Rounding.ROUND)
