"""The shape that all parts of the API share: solve, stream, evaluate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Generic, TypeVar

Problem = TypeVar("Problem")
Plan = TypeVar("Plan")
Solved = TypeVar("Solved")
Streamed = TypeVar("Streamed")
Evaluated = TypeVar("Evaluated")


@dataclass(frozen=True, slots=True)
class Method:
    """One RPC: its path and how its messages become bytes and back."""

    path: str
    request: Callable[..., Any]
    response: Callable[[bytes], Any]


@dataclass(frozen=True, slots=True)
class Service(Generic[Problem, Plan, Solved, Streamed, Evaluated]):
    """A service with ``Solve<Noun>``, ``Stream<Noun>`` and ``Evaluate<Noun>``.

    Parameters
    ----------
    module
        The generated module with the requests and responses.
    name
        Name of the service in it.
    noun
        What it makes, e.g. ``RoutePlan``.
    """

    module: ModuleType
    name: str
    noun: str

    @property
    def methods(self) -> Mapping[str, Method]:
        """The three methods by ``solve``, ``stream`` and ``evaluate``."""
        return {verb: self._method(verb) for verb in ("solve", "stream", "evaluate")}

    def _method(self, verb: str) -> Method:
        return self.method(f"{verb.capitalize()}{self.noun}")

    def method(self, rpc: str) -> Method:
        """Return a method of the service by its name."""
        package = self.module.DESCRIPTOR.package
        return Method(
            path=f"/{package}.{self.name}/{rpc}",
            request=getattr(self.module, f"{rpc}Request"),
            response=getattr(self.module, f"{rpc}Response").FromString,
        )
