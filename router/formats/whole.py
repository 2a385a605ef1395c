"""Whole numbers of a file's real ones, faults by line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from router.formats.faults import Faults
from router.formats.raw import Column
from router.formats.rounding import Floats, Rounding, Wholes

LIMIT = 2**53


@dataclass(frozen=True, slots=True)
class Whole:
    """Applies one rounding rule, noting what it cannot be applied to."""

    rounding: Rounding
    faults: Faults

    def rows(self, column: Column, what: str, least: float | None = 0) -> list[tuple[int, ...]]:
        """Return rows of whole numbers, or of zeros where a fault is noted."""
        values = column.values
        too_small = np.zeros_like(values, bool) if least is None else values < least
        self._note("NEGATIVE", too_small, column, f"{what} {{:g}} is below 0; give 0 or more.")
        too_large = np.abs(values) >= LIMIT / self.rounding.scale
        text = f"{what} {{:g}} is too large for the scale; it must stay below 2**53."
        self._note("OVERFLOW", too_large, column, text)
        split = (values != np.trunc(values)) & (self.rounding is Rounding.NONE) & ~too_large
        text = f"{what} {{:g}} is not whole; choose a rounding other than none."
        self._note("NOT_WHOLE", split, column, text)
        clean = np.where(too_small | too_large, 0.0, values)
        return [tuple(row) for row in self.rounding.whole(clean).tolist()]

    def lengths(self, lengths: Floats) -> Wholes:
        """Return a matrix of whole lengths; those too large for any are cut."""
        return self.rounding.whole(np.minimum(lengths, LIMIT / self.rounding.scale / 2))

    def _note(
        self,
        code: str,
        bad: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
        column: Column,
        text: str,
    ) -> None:
        for row, k in np.argwhere(bad):
            self.faults.add(code, int(column.lines[row]), text.format(column.values[row, k]))
