"""Finding the parts of a routing problem by their ids."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from router.freight.routes.plan import Stop, StopKind
from router.freight.routes.problem import (
    Depot,
    RoutingProblem,
    Shipment,
    ShipmentStop,
    VehicleType,
    Visit,
)
from router.matrix import UNREACHABLE, Euclidean


@dataclass(frozen=True)
class Lookup:
    """A problem with its parts by id; each index is built when first asked for."""

    problem: RoutingProblem

    @cached_property
    def place(self) -> dict[str, int]:
        """Index of each location."""
        return {item.id: i for i, item in enumerate(self.problem.locations)}

    @cached_property
    def depots(self) -> dict[str, Depot]:
        """Each depot."""
        return {item.id: item for item in self.problem.depots}

    @cached_property
    def visits(self) -> dict[str, Visit]:
        """Each visit."""
        return {item.id: item for item in self.problem.visits}

    @cached_property
    def shipments(self) -> dict[str, Shipment]:
        """Each shipment."""
        return {item.id: item for item in self.problem.shipments}

    @cached_property
    def vehicle_types(self) -> dict[str, VehicleType]:
        """Each vehicle type."""
        return {item.id: item for item in self.problem.vehicle_types}

    def knows(self, stop: Stop) -> bool:
        """Return whether the problem has what the stop names."""
        if stop.kind is StopKind.VISIT:
            return stop.id in self.visits
        return stop.id in (self.depots if stop.kind is StopKind.RELOAD else self.shipments)

    def work(self, stop: Stop) -> Visit | ShipmentStop:
        """Return the visit, or the end of the shipment, that the stop serves."""
        if stop.kind is StopKind.VISIT:
            return self.visits[stop.id]
        shipment = self.shipments[stop.id]
        return shipment.pickup if stop.kind is StopKind.PICKUP else shipment.delivery

    def leg(self, profile: str, origin: int, destination: int) -> tuple[int, int] | None:
        """Return distance and duration of a leg, or ``None`` without a way."""
        travel = self.problem.travel[profile]
        distance = travel.distance(origin, destination)
        same = isinstance(travel, Euclidean)
        duration = distance if same else travel.duration(origin, destination)
        return None if max(distance, duration) >= UNREACHABLE else (distance, duration)
