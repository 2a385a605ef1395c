"""Rows of numbers in a text file, read in bulk, faults by line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain

import numpy as np

from router.formats.faults import Faults
from router.formats.raw import Column

Line = tuple[int, str]
"""A line's number, from 1, and its text without margins."""


def lines_of(text: str) -> list[Line]:
    """Return the lines that are neither empty nor comments (``#``)."""
    stripped = ((i, line.strip()) for i, line in enumerate(text.splitlines(), 1))
    return [(i, line) for i, line in stripped if line and not line.startswith("#")]


def table(rows: Sequence[Line], width: int | None, what: str, faults: Faults) -> Column | None:
    """Return rows of equally many finite numbers, or note what is wrong.

    ``width`` numbers a row; ``None``: as many as the first row has, at least two.
    """
    split = [text.split() for _, text in rows]
    wanted = width if width is not None else max(2, len(split[0]) if split else 2)
    before = len(faults)
    for (line, _), words in zip(rows, split, strict=True):
        if len(words) != wanted:
            message = f"{what} has {len(words)} values; a row has {wanted}."
            faults.add("ROW_LENGTH", line, message)
    if len(faults) > before:
        _number_faults(rows, split, what, faults)
        return None
    try:
        values = np.array(list(chain.from_iterable(split)), dtype=np.float64)
    except ValueError:
        values = np.array([np.nan])
    if not np.isfinite(values).all():
        _number_faults(rows, split, what, faults)
        return None
    return Column(values.reshape(len(rows), wanted), np.array([line for line, _ in rows], int))


def _number_faults(
    rows: Sequence[Line], split: Sequence[Sequence[str]], what: str, faults: Faults
) -> None:
    for (line, _), words in zip(rows, split, strict=True):
        for word in words:
            number(word, line, what, faults)


def number(word: str, line: int, what: str, faults: Faults) -> float | None:
    """Return the finite number that ``word`` spells, or note what is wrong."""
    try:
        value = float(word)
    except ValueError:
        faults.add("NOT_A_NUMBER", line, f"{what} has {word[:40]!r}; give a number.")
        return None
    if not math.isfinite(value):
        faults.add("NOT_FINITE", line, f"{what} has {word!r}; give a finite number.")
        return None
    return value


def whole(word: str, line: int, what: str, faults: Faults) -> int | None:
    """Return the whole number that ``word`` spells, or note what is wrong."""
    value = number(word, line, what, faults)
    if value is not None and value != int(value):
        faults.add("NOT_WHOLE", line, f"{what} has {word!r}; give a whole number.")
        return None
    return None if value is None else int(value)


def ordered(column: Column, what: str, count: int | None, faults: Faults) -> Column | None:
    """Return the rows without their first number, an index from 1, by index.

    Each of 1 to ``count`` must stand once; ``None``: to the number of rows.
    """
    wanted = len(column.values) if count is None else count
    before = len(faults)
    indices = column.values[:, 0]
    if not np.array_equal(indices, np.arange(1, wanted + 1)):
        _index_faults(column, what, wanted, faults)
    if len(faults) > before:
        return None
    order = np.argsort(indices, kind="stable")
    return Column(column.values[order, 1:], column.lines[order])


def _index_faults(column: Column, what: str, wanted: int, faults: Faults) -> None:
    seen: set[float] = set()
    for index, line in zip(column.values[:, 0].tolist(), column.lines.tolist(), strict=True):
        if index != int(index) or not 1 <= index <= wanted:
            faults.add(
                "INDEX", line, f"{what} has index {index:g}; indices run from 1 to {wanted}."
            )
        elif index in seen:
            faults.add("DUPLICATE_ID", line, f"{what} has index {index:g} twice.")
        seen.add(index)
    missing = [i for i in range(1, wanted + 1) if i not in seen]
    if missing:
        text = ", ".join(str(i) for i in missing[:5]) + (", …" if len(missing) > 5 else "")
        last = int(column.lines[-1]) if len(column.lines) else 0
        faults.add("MISSING_ROW", last, f"{what} ends without index {text}.")


MOST_VEHICLES = 1_000_000


def fleet_size(word: str, line: int, faults: Faults) -> int | None:
    """Return the number of vehicles that ``word`` spells, or note what is wrong."""
    count = whole(word, line, "the number of vehicles", faults)
    if count == 0:
        faults.add("EMPTY_FLEET", line, "the number of vehicles is 0; give at least one.")
    elif count is not None and not 0 < count <= MOST_VEHICLES:
        message = f"the number of vehicles is {count}; give 1 to {MOST_VEHICLES}."
        faults.add("NEGATIVE" if count < 0 else "TOO_LARGE", line, message)
    else:
        return count
    return None
