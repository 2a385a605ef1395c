"""DockService: each method hands its request to a worker and parses the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

from alatau.freight.v1 import docks_service_pb2 as pb
from alatau.freight.v1.docks_service_pb2_grpc import DockServiceServicer

from server.calls import Calls
from server.rpc.context import Context


class DockServicer(DockServiceServicer):
    """Dock days."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def SolveDockPlan(  # noqa: N802 - the proto's name
        self, request: pb.SolveDockPlanRequest, context: Context
    ) -> pb.SolveDockPlanResponse:
        """Solve within the deadline of the call."""
        answer = await self._calls.solve("docks.solve", request, context)
        return pb.SolveDockPlanResponse.FromString(answer)

    async def StreamDockPlan(  # noqa: N802 - the proto's name
        self, request: pb.StreamDockPlanRequest, context: Context
    ) -> AsyncIterator[pb.StreamDockPlanResponse]:
        """Solve and report on the way."""
        async for answer in self._calls.stream("docks.stream", request, context):
            yield pb.StreamDockPlanResponse.FromString(answer)

    async def EvaluateDockPlan(  # noqa: N802 - the proto's name
        self, request: pb.EvaluateDockPlanRequest, context: Context
    ) -> pb.EvaluateDockPlanResponse:
        """Judge a plan."""
        answer = await self._calls.check("docks.evaluate", request, context)
        return pb.EvaluateDockPlanResponse.FromString(answer)
