"""PlanningService: each method hands its request to a worker and parses the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

from alatau.airtaxi.v1 import planning_service_pb2 as pb
from alatau.airtaxi.v1.planning_service_pb2_grpc import PlanningServiceServicer

from server.calls import Calls
from server.rpc.context import Context


class PlanningServicer(PlanningServiceServicer):
    """Day plans of air taxis."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def SolveFlightPlan(  # noqa: N802 - the proto's name
        self, request: pb.SolveFlightPlanRequest, context: Context
    ) -> pb.SolveFlightPlanResponse:
        """Solve within the deadline of the call."""
        answer = await self._calls.solve("airtaxi.solve", request, context)
        return pb.SolveFlightPlanResponse.FromString(answer)

    async def StreamFlightPlan(  # noqa: N802 - the proto's name
        self, request: pb.StreamFlightPlanRequest, context: Context
    ) -> AsyncIterator[pb.StreamFlightPlanResponse]:
        """Solve and report on the way."""
        async for answer in self._calls.stream("airtaxi.stream", request, context):
            yield pb.StreamFlightPlanResponse.FromString(answer)

    async def EvaluateFlightPlan(  # noqa: N802 - the proto's name
        self, request: pb.EvaluateFlightPlanRequest, context: Context
    ) -> pb.EvaluateFlightPlanResponse:
        """Judge a plan."""
        answer = await self._calls.check("airtaxi.evaluate", request, context)
        return pb.EvaluateFlightPlanResponse.FromString(answer)

    async def SizeFleet(  # noqa: N802 - the proto's name
        self, request: pb.SizeFleetRequest, context: Context
    ) -> pb.SizeFleetResponse:
        """Size a fleet within the deadline of the call."""
        answer = await self._calls.solve("airtaxi.size_fleet", request, context)
        return pb.SizeFleetResponse.FromString(answer)
