"""How long and how hard to search, as keyword arguments."""

from __future__ import annotations

from typing import TypedDict

from alatau.common.v1 import solving_pb2

TIME_LIMIT = 10.0
"""Seconds that a solve takes if nothing else is said."""
MARGIN = 5.0
"""Seconds beyond the time limit that an answer may take."""


class SearchOptions(TypedDict, total=False):
    """Keyword arguments of every ``solve`` and ``stream``.

    ``time_limit`` is in seconds; see ``alatau.common.v1.SolveOptions``.
    """

    time_limit: float
    seed: int
    threads: int
    max_iterations: int
    relative_gap: float


def message(given: SearchOptions) -> solving_pb2.SolveOptions:
    """Return the options as a message."""
    options = solving_pb2.SolveOptions(
        random_seed=given.get("seed"),
        threads=given.get("threads", 0),
        max_iterations=given.get("max_iterations"),
        relative_gap=given.get("relative_gap"),
    )
    options.time_limit.FromNanoseconds(round(given.get("time_limit", TIME_LIMIT) * 1e9))
    return options


def deadline(given: SearchOptions, timeout: float | None) -> float:
    """Return the deadline of a call in seconds: ``timeout``, else the limit and a margin."""
    return timeout if timeout is not None else given.get("time_limit", TIME_LIMIT) + MARGIN
