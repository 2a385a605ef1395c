"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    """As it should be."""
    WARN = "warn"
    """The server starts, and somebody should look at this."""
    FAIL = "fail"
    """The server would not start, or not serve."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one thing."""

    level: Level
    about: str
    sentence: str


def ok(about: str, sentence: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(Level.OK, about, sentence)


def warn(about: str, sentence: str) -> Finding:
    """Return that somebody should look at something."""
    return Finding(Level.WARN, about, sentence)


def fail(about: str, sentence: str) -> Finding:
    """Return that a server would not serve."""
    return Finding(Level.FAIL, about, sentence)
