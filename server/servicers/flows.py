"""FlowService: each method hands its request to a worker and parses the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

from alatau.freight.v1 import flows_service_pb2 as pb
from alatau.freight.v1.flows_service_pb2_grpc import FlowServiceServicer

from server.calls import Calls
from server.rpc.context import Context


class FlowServicer(FlowServiceServicer):
    """Freight flows."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def SolveFlowPlan(  # noqa: N802 - the proto's name
        self, request: pb.SolveFlowPlanRequest, context: Context
    ) -> pb.SolveFlowPlanResponse:
        """Solve within the deadline of the call."""
        answer = await self._calls.solve("flows.solve", request, context)
        return pb.SolveFlowPlanResponse.FromString(answer)

    async def StreamFlowPlan(  # noqa: N802 - the proto's name
        self, request: pb.StreamFlowPlanRequest, context: Context
    ) -> AsyncIterator[pb.StreamFlowPlanResponse]:
        """Solve and report on the way."""
        async for answer in self._calls.stream("flows.stream", request, context):
            yield pb.StreamFlowPlanResponse.FromString(answer)

    async def EvaluateFlowPlan(  # noqa: N802 - the proto's name
        self, request: pb.EvaluateFlowPlanRequest, context: Context
    ) -> pb.EvaluateFlowPlanResponse:
        """Judge a plan."""
        answer = await self._calls.check("flows.evaluate", request, context)
        return pb.EvaluateFlowPlanResponse.FromString(answer)
