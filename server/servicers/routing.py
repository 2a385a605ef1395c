"""RoutingService: each method hands its request to a worker and parses the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

from alatau.freight.v1 import routing_service_pb2 as pb
from alatau.freight.v1.routing_service_pb2_grpc import RoutingServiceServicer

from server.calls import Calls
from server.rpc.context import Context


class RoutingServicer(RoutingServiceServicer):
    """Vehicle routes."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def SolveRoutePlan(  # noqa: N802 - the proto's name
        self, request: pb.SolveRoutePlanRequest, context: Context
    ) -> pb.SolveRoutePlanResponse:
        """Solve within the deadline of the call."""
        answer = await self._calls.solve("routes.solve", request, context)
        return pb.SolveRoutePlanResponse.FromString(answer)

    async def StreamRoutePlan(  # noqa: N802 - the proto's name
        self, request: pb.StreamRoutePlanRequest, context: Context
    ) -> AsyncIterator[pb.StreamRoutePlanResponse]:
        """Solve and report on the way."""
        async for answer in self._calls.stream("routes.stream", request, context):
            yield pb.StreamRoutePlanResponse.FromString(answer)

    async def EvaluateRoutePlan(  # noqa: N802 - the proto's name
        self, request: pb.EvaluateRoutePlanRequest, context: Context
    ) -> pb.EvaluateRoutePlanResponse:
        """Judge a plan."""
        answer = await self._calls.check("routes.evaluate", request, context)
        return pb.EvaluateRoutePlanResponse.FromString(answer)
