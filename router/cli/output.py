"""How every command speaks: tables, progress, JSON, and faults.

Results go to standard output; progress and faults to standard error. With
``--json`` standard output carries one JSON object and nothing else. Files are
read and written with :mod:`router.formats.files`, whole or not at all.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from router import solving
from router.errors import InvalidInput, Violation

EXIT_INFEASIBLE = 1
"""The plan breaks a rule, or something failed outside the input."""
EXIT_INVALID = 2
"""The input is at fault; nothing was written."""

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output, nothing else.")
]
SecondsOption = Annotated[float, typer.Option("--seconds", help="Wall-clock limit of the solve.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of every random choice.")]
ThreadsOption = Annotated[int, typer.Option("--threads", help="Threads to use, 1 to 256.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="File to write the plan to.")]


def console() -> Console:
    """Return a console on standard output."""
    return Console(file=sys.stdout, highlight=False)


def error_console() -> Console:
    """Return a console on standard error."""
    return Console(file=sys.stderr, highlight=False)


def print_json(value: Mapping[str, object]) -> None:
    """Print one JSON object on one line; NaN and infinities are refused."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n")


def print_violations(violations: Iterable[Violation]) -> None:
    """Print each violation on a line of its own on standard error."""
    for violation in violations:
        print(_one_line(str(violation)), file=sys.stderr)


def _one_line(text: str) -> str:
    """Return ``text`` without line breaks and control characters."""
    return "".join(c if c.isprintable() else " " for c in text)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Return a table; cells that hold numbers stand to the right.

    Integers get thin thousands separators, floats three significant decimals,
    ``None`` a dash.
    """
    cells = [list(row) for row in rows]
    made = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for position, name in enumerate(columns):
        numeric = any(isinstance(row[position], int | float) for row in cells)
        made.add_column(name, justify="right" if numeric else "left")
    for row in cells:
        made.add_row(*(text_of(value) for value in row))
    return made


def text_of(value: object) -> str:
    """Return a value as people read it: 12 500, 0.031, yes, or a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace(",", " ")
    if isinstance(value, float):
        return f"{value:,.3f}".replace(",", " ")
    return str(value)


def figures(title: str, values: Mapping[str, object]) -> Table:
    """Return a table of two columns: what, and how much."""
    made = Table(title=title, title_justify="left", title_style="bold", show_header=False)
    made.add_column()
    made.add_column(justify="right")
    for name, value in values.items():
        made.add_row(name, text_of(value))
    return made


class BarMonitor:
    """A :class:`router.solving.Monitor` that moves a progress bar.

    The bar follows the clock, since a search has no other measure of its
    progress, and shows objective, bound and gap beside it.
    """

    def __init__(self, bar: Progress, task: TaskID, clock: Callable[[], float]) -> None:
        self._bar = bar
        self._task = task
        self._clock = clock
        self._start = clock()

    def report(
        self, progress: solving.Progress, incumbent: Callable[[], object] | None = None
    ) -> None:
        """Show where the solve stands."""
        self._bar.update(self._task, completed=progress.seconds, detail=describe(progress))

    def stopped(self) -> bool:
        """Move the bar with the clock; never stop the solve."""
        self._bar.update(self._task, completed=self._clock() - self._start)
        return False


def describe(progress: solving.Progress) -> str:
    """Return objective, bound, gap and served counts in a few words."""
    words = []
    if progress.objective is not None:
        words.append(f"best {text_of(round(progress.objective))}")
    if progress.bound is not None:
        words.append(f"bound {text_of(round(progress.bound))}")
    if progress.gap is not None:
        words.append(f"gap {progress.gap:.2%}")
    if progress.total:
        words.append(f"served {progress.served}/{progress.total}")
    return ", ".join(words)


@contextmanager
def progress_bar(label: str, seconds: float, *, quiet: bool = False) -> Iterator[solving.Monitor]:
    """Give a monitor that shows a bar on standard error while a solve runs.

    ``seconds`` is the solve's time limit. Where standard error is no terminal,
    or ``quiet``, nothing is shown.
    """
    target = error_console()
    if quiet or not target.is_terminal:
        yield solving.Silent()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}"),
    )
    with Progress(*columns, console=target, transient=True) as bar:
        yield BarMonitor(bar, bar.add_task(label, total=seconds, detail=""), time.monotonic)


@contextmanager
def faults_spoken() -> Iterator[None]:
    """Turn faults of input and machine into sentences and exit codes.

    :class:`InvalidInput` prints each violation on a line and exits with 2. An
    :class:`OSError` prints one sentence and exits with 2 where it concerns a
    file, else with 1.
    """
    try:
        yield
    except InvalidInput as refused:
        print_violations(refused.violations)
        raise SystemExit(EXIT_INVALID) from None
    except BrokenPipeError:
        raise
    except OSError as reason:
        print(_one_line(_sentence(reason)), file=sys.stderr)
        raise SystemExit(EXIT_INVALID if reason.filename else EXIT_INFEASIBLE) from None


def _sentence(reason: OSError) -> str:
    why = (reason.strerror or str(reason) or type(reason).__name__).rstrip(".")
    return f"{reason.filename}: {why}." if reason.filename else f"{why}."
