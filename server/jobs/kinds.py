"""The kinds of jobs: each is the twin of one Solve… call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from alatau.jobs.v1 import jobs_service_pb2


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job.

    Attributes
    ----------
    name
        Of the :class:`server.part.Part` that solves it, e.g. ``routes``; its job
        ``<name>.job`` does the work.
    noun
        What it makes, e.g. ``RoutePlan``: the middle of the names of its calls.
    """

    name: str
    noun: str

    @property
    def create_response(self) -> Any:
        """Message class of the answer to Create<noun>Job."""
        return getattr(jobs_service_pb2, f"Create{self.noun}JobResponse")

    @property
    def result_response(self) -> Any:
        """Message class of the answer to Get<noun>Result."""
        return getattr(jobs_service_pb2, f"Get{self.noun}ResultResponse")


ROUTES = Kind("routes", "RoutePlan")
KINDS = (
    ROUTES,
    Kind("docks", "DockPlan"),
    Kind("flows", "FlowPlan"),
    Kind("airtaxi", "FlightPlan"),
    Kind("fleet_size", "FleetSize"),
)
"""Every kind. A new one is a line here, besides its calls and messages in the proto."""
