"""The client for asyncio: the twin of :mod:`alatau_client.blocking`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Generic, Self, Unpack

import grpc
from alatau.airtaxi.v1 import planning_pb2, planning_service_pb2, sizing_pb2

from alatau_client import options
from alatau_client.blocking import EVALUATE_TIMEOUT, finished
from alatau_client.connection import DEFAULT_TARGET, Connection
from alatau_client.errors import Cancelled, DeadlineExceeded, of_rpc
from alatau_client.jobs.concurrent import AsyncJobs
from alatau_client.options import SearchOptions
from alatau_client.parts import (
    AIRTAXI,
    DOCKS,
    FLOWS,
    ROUTING,
    AirTaxiService,
    size_fleet_request,
)
from alatau_client.service import Evaluated, Method, Plan, Problem, Service, Solved, Streamed


class AsyncClient:
    """Speaks to one server from one event loop.

    Parameters
    ----------
    target, api_key, tls, retry
        See :class:`alatau_client.Connection`.

    Examples
    --------
    >>> async with AsyncClient("localhost:50051") as client:  # doctest: +SKIP
    ...     answer = await client.routing.solve(problem, time_limit=10)
    """

    def __init__(
        self,
        target: str = DEFAULT_TARGET,
        *,
        api_key: str | Callable[[], str] | None = None,
        tls: bool | grpc.ChannelCredentials = False,
        retry: bool = True,
    ) -> None:
        self._connection = Connection(target=target, api_key=api_key, tls=tls, retry=retry)
        self._channel = self._connection.open_async()
        self.airtaxi = AsyncAirTaxiPart(self._channel, self._connection, AIRTAXI)
        self.docks = AsyncPart(self._channel, self._connection, DOCKS)
        self.flows = AsyncPart(self._channel, self._connection, FLOWS)
        self.routing = AsyncPart(self._channel, self._connection, ROUTING)
        self.jobs = AsyncJobs(self._channel, self._connection)

    async def wait_until_ready(self, timeout: float = 30.0) -> None:  # noqa: ASYNC109 - as the twin
        """Wait until the server can be reached.

        Raises
        ------
        DeadlineExceeded
            If it cannot within ``timeout`` seconds.
        """
        try:
            await asyncio.wait_for(self._channel.channel_ready(), timeout)
        except TimeoutError:
            text = f"{self._connection.target} cannot be reached within {timeout:g} s."
            raise DeadlineExceeded(grpc.StatusCode.DEADLINE_EXCEEDED, text) from None

    async def close(self) -> None:
        """Close the connection; running calls are cancelled."""
        await self._channel.close(None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


class AsyncPart(Generic[Problem, Plan, Solved, Streamed, Evaluated]):
    """One part of the API: solve, stream and evaluate."""

    def __init__(
        self,
        channel: grpc.aio.Channel,
        connection: Connection,
        service: Service[Problem, Plan, Solved, Streamed, Evaluated],
    ) -> None:
        self._connection = connection
        self._methods = service.methods
        self._solve = _unary(channel, self._methods["solve"])
        self._evaluate = _unary(channel, self._methods["evaluate"])
        stream = self._methods["stream"]
        self._stream: Any = channel.unary_stream(stream.path, _serialize, stream.response)

    async def solve(
        self,
        problem: Problem,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - the deadline of the call
        **search: Unpack[SearchOptions],
    ) -> Solved:
        """Return the response with the best plan found; see :meth:`Part.solve`."""
        request = self._methods["solve"].request(problem=problem, options=options.message(search))
        answer: Solved = await self._call(self._solve, request, options.deadline(search, timeout))
        return answer

    def stream(
        self,
        problem: Problem,
        *,
        incumbents: bool = False,
        timeout: float | None = None,
        **search: Unpack[SearchOptions],
    ) -> AsyncSolveStream[Streamed]:
        """Start a solve and return its reports; see :meth:`Part.stream`."""
        request = self._methods["stream"].request(
            problem=problem, options=options.message(search), include_incumbents=incumbents
        )
        call = self._stream(
            request,
            timeout=options.deadline(search, timeout),
            metadata=self._connection.metadata(),
        )
        return AsyncSolveStream(call)

    async def evaluate(
        self,
        problem: Problem,
        plan: Plan,
        *,
        timeout: float = EVALUATE_TIMEOUT,  # noqa: ASYNC109 - the deadline of the call
    ) -> Evaluated:
        """Return what the independent checker finds; see :meth:`Part.evaluate`."""
        request = self._methods["evaluate"].request(problem=problem, plan=plan)
        answer: Evaluated = await self._call(self._evaluate, request, timeout)
        return answer

    async def _call(self, method: Any, request: Any, seconds: float) -> Any:
        call = method(request, timeout=seconds, metadata=self._connection.metadata())
        try:
            return await call
        except grpc.aio.AioRpcError as failure:
            raise of_rpc(failure) from None


class AsyncAirTaxiPart(
    AsyncPart[
        planning_pb2.AirTaxiProblem,
        planning_pb2.FlightPlan,
        planning_service_pb2.SolveFlightPlanResponse,
        planning_service_pb2.StreamFlightPlanResponse,
        planning_service_pb2.EvaluateFlightPlanResponse,
    ]
):
    """Day plans of air taxis, and the size of their fleet."""

    def __init__(
        self, channel: grpc.aio.Channel, connection: Connection, service: AirTaxiService
    ) -> None:
        super().__init__(channel, connection, service)
        self._size_fleet = _unary(channel, service.method("SizeFleet"))

    async def size_fleet(
        self,
        problem: planning_pb2.AirTaxiProblem,
        sizing: sizing_pb2.FleetSizing | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - the deadline of the call
        **search: Unpack[SearchOptions],
    ) -> planning_service_pb2.SizeFleetResponse:
        """Return the least fleet for a day; see :meth:`AirTaxiPart.size_fleet`."""
        request = size_fleet_request(problem, sizing, search)
        deadline = options.deadline(search, timeout)
        answer: planning_service_pb2.SizeFleetResponse = await self._call(
            self._size_fleet, request, deadline
        )
        return answer


class AsyncSolveStream(Generic[Streamed]):
    """The reports of a running solve; the twin of :class:`SolveStream`."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self._last: Streamed | None = None
        self._cancelled = False

    async def __aiter__(self) -> AsyncIterator[Streamed]:
        try:
            async for report in self._call:
                self._last = report
                yield report
        except grpc.aio.AioRpcError as failure:
            raise of_rpc(failure) from None
        except asyncio.CancelledError:
            if not self._cancelled:
                raise
            raise Cancelled(grpc.StatusCode.CANCELLED, "the solve was cancelled.") from None

    async def result(self) -> Streamed:
        """Return the last report, with the plan.

        Raises
        ------
        ApiError
            Of the class that fits.
        """
        async for _ in self:
            pass
        return finished(self._last)

    def cancel(self) -> None:
        """End the solve; its worker is free within a second."""
        self._cancelled = True
        self._call.cancel()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cancel()


def _unary(channel: grpc.aio.Channel, method: Method) -> Any:
    return channel.unary_unary(method.path, _serialize, method.response)


def _serialize(message: Any) -> bytes:
    data: bytes = message.SerializeToString()
    return data
