"""What is fuzzed: every registered job and every call about jobs, on its own request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from alatau.airtaxi.v1 import planning_service_pb2
from google.protobuf.message import DecodeError, Message

from router.errors import InvalidInput
from server import registry
from server.jobs import reports
from server.part import Part
from server.workers.seat import Seat
from tests.api import test_airtaxi, test_docks, test_fleet_size, test_flows, test_routing
from tests.fuzz.rpcs import judged, rpc_targets
from tests.server.codecs.mutations import mutate

SECONDS = 0.02
"""Time of a solve; the seat says besides that it shall stop at once."""
MOST_FAULTS = 4
"""Places in which one mutation breaks a message."""

FLEET_SIZE = ("airtaxi.size_fleet", "fleet_size.job")
"""Jobs that belong to no part; their messages are those of SizeFleet."""

_SEEDS: dict[str, tuple[Callable[[], Message], Callable[[], Message]]] = {
    "airtaxi": (test_airtaxi.day, test_airtaxi.plan),
    "docks": (test_docks.crossdock, test_docks.crossdock_plan),
    "flows": (test_flows.network, test_flows.network_plan),
    "routes": (test_routing.line_problem, test_routing.line_plan),
}
"""A good problem and a good plan of each part."""


class Fuzzed(Protocol):
    """Something that answers or refuses requests of one kind."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    def request(self) -> Any:
        """Return an empty request."""
        ...

    def seeds(self) -> Iterator[bytes]:
        """Yield an empty and a good request."""
        ...

    def run(self, data: bytes) -> bool:
        """Return whether a request was answered; a fault is raised."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """A job and the message that its requests are.

    Attributes
    ----------
    name
        Of the job, e.g. ``routes.solve``.
    part
        The part of the library that it belongs to; fleet sizing has none.
    """

    name: str
    part: Part[Any, Any] | None

    @property
    def verb(self) -> str:
        """What is asked: solve, stream or evaluate; a job is a solve with reports."""
        word = self.name.rsplit(".", 1)[1]
        return "solve" if word == "job" else word

    def request(self) -> Any:
        """Return an empty request."""
        if self.part is None:
            return planning_service_pb2.SizeFleetRequest()
        return getattr(self.part, f"{self.verb}_request")()

    def response(self) -> Any:
        """Return an empty response."""
        if self.part is None:
            return planning_service_pb2.SizeFleetResponse()
        return getattr(self.part, f"{self.verb}_response")()

    def seeds(self) -> Iterator[bytes]:
        """Yield requests to begin with: an empty one and a good one."""
        yield b""
        if self.part is None:
            yield test_fleet_size.request().SerializeToString()
            return
        problem, plan = _SEEDS[self.part.name]
        request = self.request()
        request.problem.CopyFrom(problem())
        if self.verb == "evaluate":
            request.plan.CopyFrom(plan())
        else:
            request.options.max_iterations = 10
            request.options.time_limit.FromMilliseconds(20)
        yield request.SerializeToString()

    def run(self, data: bytes) -> bool:
        """Have a request answered; return whether it was, ``False`` where it was refused.

        Raises
        ------
        AssertionError
            If a refusal does not say what is wrong, or an answer contradicts itself.
        """
        try:
            self.request().ParseFromString(data)
        except DecodeError:
            return False
        seat = Seat(SECONDS, None, lambda: True, lambda message, new: None)
        try:
            answer = registry.job(self.name)(data, seat)
        except InvalidInput as refused:
            return judged(refused)
        if self.name.endswith(".job"):
            _, answer = reports.unpack(answer)
        response = self.response()
        response.ParseFromString(answer)
        assert not (response.violations and self._claims_feasible(response)), response
        return True

    def _claims_feasible(self, response: Any) -> bool:
        """Return whether a response says that its plan keeps every rule."""
        if self.part is None:
            return True
        if self.verb == "evaluate":
            return bool(response.feasible)
        if self.part.name == "airtaxi":
            return not response.plan.infeasible
        return bool(response.plan.feasible)


def mutated(target: Fuzzed, data: bytes, most: int, seed: int) -> bytes | None:
    """Return a request with faults in random places, ``None`` where it would be too long."""
    random, request = Random(seed), target.request()
    try:
        request.ParseFromString(data)
    except DecodeError:
        return None
    mutate(request, random, random.randint(1, MOST_FAULTS))
    changed: bytes = request.SerializeToString()
    return changed if len(changed) <= most else None


def crossed(target: Fuzzed, one: bytes, other: bytes, most: int, seed: int) -> bytes | None:
    """Return one request with fields of another merged in."""
    request = target.request()
    try:
        request.ParseFromString(one)
        request.MergeFromString(other)
    except DecodeError:
        return None
    if Random(seed).random() < 0.5:
        mutate(request, Random(seed + 1), 1)
    changed: bytes = request.SerializeToString()
    return changed if len(changed) <= most else None


def job_targets() -> dict[str, Target]:
    """Return the target of every registered job by the job's name."""
    registry.load()
    parts: dict[str, Part[Any, Any] | None] = dict.fromkeys(FLEET_SIZE)
    for name in registry.names():
        part = getattr(registry.job(name), "__self__", None)
        if isinstance(part, Part):
            parts[name] = part
    return {name: Target(name, part) for name, part in parts.items()}


def targets() -> Mapping[str, Fuzzed]:
    """Return everything that is fuzzed, by name."""
    return {**job_targets(), **rpc_targets()}
