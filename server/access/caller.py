"""The identity of a call: set once by the door, read by whoever needs it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

LOCAL = "local"
"""Workspace of those who call without credentials, where that is allowed."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling.

    Attributes
    ----------
    workspace
        What the caller may see and what its limits count for.
    name
        The credential, as it may stand in a log: ``key 1f2e3d4c``, ``token
        planner@city``, ``local``.
    """

    workspace: str
    name: str


ANYBODY = Caller(LOCAL, "local")
"""The caller of a server that asks for no credentials."""

_current: ContextVar[Caller] = ContextVar("caller")


def current() -> Caller:
    """Return the caller of the call that is being answered.

    Raises
    ------
    LookupError
        Outside a call.
    """
    return _current.get()


def enter(caller: Caller) -> None:
    """Say who makes the call that this task answers."""
    _current.set(caller)
