"""Fleet sizing between messages and the library."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from alatau.airtaxi.v1 import sizing_pb2 as pb
from alatau.common.v1 import solving_pb2

from router.airtaxi.fleet_size.reduced import ChargingPolicy
from router.airtaxi.fleet_size.size import FleetSize
from router.airtaxi.fleet_size.study import Finding, Point
from router.errors import InvalidInput, Violations
from router.solving import relative_gap
from server.codecs import common
from server.codecs.clock import Clock

MOST_FLEETS = 50
MOST_AIRCRAFT = 10_000
_POLICIES = {
    pb.CHARGING_POLICY_UNSPECIFIED: ChargingPolicy.PARTIAL,
    pb.CHARGING_POLICY_PARTIAL: ChargingPolicy.PARTIAL,
    pb.CHARGING_POLICY_TO_80: ChargingPolicy.TO_80,
    pb.CHARGING_POLICY_FULL: ChargingPolicy.FULL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """What is asked about a day."""

    aircraft_type: str | None
    policy: ChargingPolicy
    step_s: int
    limited: bool
    fleets: tuple[int, ...]


def decode_sizing(message: pb.FleetSizing, found: Violations) -> Sizing:
    """Return what is asked, with every violation noted."""
    if message.charging_policy not in _POLICIES:
        sentence = f"is {message.charging_policy}, no policy of this version."
        found.add("ENUM", "charging_policy", sentence)
    if len(message.fleets) > MOST_FLEETS:
        sentence = f"are {len(message.fleets)}; give at most {MOST_FLEETS}."
        found.add("FLEETS", "fleets", sentence)
    for i, fleet in enumerate(message.fleets):
        if not 0 <= fleet <= MOST_AIRCRAFT:
            found.add("OUT_OF_RANGE", f"fleets[{i}]", f"is {fleet}; give 0 to {MOST_AIRCRAFT}.")
    reader = common.Reader(Clock())
    return Sizing(
        aircraft_type=message.aircraft_type if message.HasField("aircraft_type") else None,
        policy=_POLICIES.get(message.charging_policy, ChargingPolicy.PARTIAL),
        step_s=reader.duration(message, "step", found) if message.HasField("step") else 300,
        limited=not message.unlimited_sites,
        fleets=tuple(message.fleets),
    )


def note(refused: InvalidInput, found: Violations) -> None:
    """Note what the reduction refuses, at the paths of the request."""
    for violation in refused.violations:
        own = re.match(r"(step|aircraft_type)\b", violation.path)
        place = "sizing" if own else "problem"
        found.add(violation.code, f"{place}.{violation.path}", violation.message)


def encode_size(finding: Finding) -> pb.FleetSize:
    """Return the least fleet as a message."""
    size, case = finding.size, finding.case
    return pb.FleetSize(
        fleet=size.fleet,
        bound=size.bound,
        proven=size.proven,
        departures=int(case.flights.sum()),
        passengers=case.asked,
        unflyable=case.unflyable,
        summary=_summary(size),
    )


def _summary(size: FleetSize) -> solving_pb2.SolveSummary:
    return common.encode_summary(
        termination=size.termination,
        seconds=size.seconds,
        objective=math.nan if size.fleet is None else size.fleet,
        bound=size.bound,
        gap=relative_gap(size.fleet, size.bound),
        iterations=size.iterations,
    )


def encode_loss(point: Point) -> pb.FleetLoss:
    """Return what one fleet loses as a message."""
    spill = point.spill
    return pb.FleetLoss(
        fleet=point.fleet,
        lost_passengers=spill.lost,
        bound=spill.bound,
        cost=point.cost,
        summary=common.encode_summary(
            termination=spill.termination,
            seconds=spill.seconds,
            objective=spill.lost,
            bound=spill.bound,
            gap=spill.gap,
            iterations=spill.iterations,
        ),
    )
