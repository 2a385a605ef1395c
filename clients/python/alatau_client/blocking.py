"""The client for ordinary code: each call blocks until its answer is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, Unpack

import grpc
from alatau.airtaxi.v1 import planning_pb2, planning_service_pb2, sizing_pb2

from alatau_client import options
from alatau_client.connection import DEFAULT_TARGET, Connection
from alatau_client.errors import ApiError, DeadlineExceeded, of_rpc
from alatau_client.jobs.blocking import Jobs
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

T = TypeVar("T")
EVALUATE_TIMEOUT = 60.0
"""Seconds that an evaluation may take if nothing else is said."""


class Client:
    """Speaks to one server.

    Safe to share between threads; not across a fork. Close it, or use it in a
    ``with`` statement.

    Parameters
    ----------
    target, api_key, tls, retry
        See :class:`alatau_client.Connection`.

    Examples
    --------
    >>> with Client("localhost:50051") as client:  # doctest: +SKIP
    ...     answer = client.routing.solve(problem, time_limit=10)
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
        self._channel = self._connection.open()
        self.airtaxi = AirTaxiPart(self._channel, self._connection, AIRTAXI)
        self.docks = Part(self._channel, self._connection, DOCKS)
        self.flows = Part(self._channel, self._connection, FLOWS)
        self.routing = Part(self._channel, self._connection, ROUTING)
        self.jobs = Jobs(self._channel, self._connection)

    def wait_until_ready(self, timeout: float = 30.0) -> None:
        """Wait until the server can be reached.

        Raises
        ------
        DeadlineExceeded
            If it cannot within ``timeout`` seconds.
        """
        try:
            grpc.channel_ready_future(self._channel).result(timeout)
        except grpc.FutureTimeoutError:
            text = f"{self._connection.target} cannot be reached within {timeout:g} s."
            raise DeadlineExceeded(grpc.StatusCode.DEADLINE_EXCEEDED, text) from None

    def close(self) -> None:
        """Close the connection; running calls are cancelled."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Part(Generic[Problem, Plan, Solved, Streamed, Evaluated]):
    """One part of the API: solve, stream and evaluate."""

    def __init__(
        self,
        channel: grpc.Channel,
        connection: Connection,
        service: Service[Problem, Plan, Solved, Streamed, Evaluated],
    ) -> None:
        self._connection = connection
        self._methods = service.methods
        self._solve = _unary(channel, self._methods["solve"])
        self._evaluate = _unary(channel, self._methods["evaluate"])
        stream = self._methods["stream"]
        self._stream: Any = channel.unary_stream(stream.path, _serialize, stream.response)

    def solve(
        self, problem: Problem, *, timeout: float | None = None, **search: Unpack[SearchOptions]
    ) -> Solved:
        """Return the response with the best plan found.

        Parameters
        ----------
        problem
            What to plan.
        timeout
            Deadline in seconds; ``None``: the time limit and five seconds.
        **search
            See :class:`SearchOptions`.

        Raises
        ------
        ApiError
            Of the class that fits.
        """
        request = self._methods["solve"].request(problem=problem, options=options.message(search))
        answer: Solved = self._call(self._solve, request, options.deadline(search, timeout))
        return answer

    def stream(
        self,
        problem: Problem,
        *,
        incumbents: bool = False,
        timeout: float | None = None,
        **search: Unpack[SearchOptions],
    ) -> SolveStream[Streamed]:
        """Start a solve and return its reports, to iterate over.

        With ``incumbents``, reports carry improved plans. The rest is as in
        :meth:`solve`.
        """
        request = self._methods["stream"].request(
            problem=problem, options=options.message(search), include_incumbents=incumbents
        )
        return SolveStream(
            self._stream(
                request,
                timeout=options.deadline(search, timeout),
                metadata=self._connection.metadata(),
            )
        )

    def evaluate(
        self, problem: Problem, plan: Plan, *, timeout: float = EVALUATE_TIMEOUT
    ) -> Evaluated:
        """Return what the independent checker finds about a plan.

        Raises
        ------
        ApiError
            Of the class that fits.
        """
        request = self._methods["evaluate"].request(problem=problem, plan=plan)
        answer: Evaluated = self._call(self._evaluate, request, timeout)
        return answer

    def _call(self, method: Any, request: Any, timeout: float) -> Any:
        try:
            return method(request, timeout=timeout, metadata=self._connection.metadata())
        except grpc.RpcError as failure:
            raise of_rpc(failure) from None


class AirTaxiPart(
    Part[
        planning_pb2.AirTaxiProblem,
        planning_pb2.FlightPlan,
        planning_service_pb2.SolveFlightPlanResponse,
        planning_service_pb2.StreamFlightPlanResponse,
        planning_service_pb2.EvaluateFlightPlanResponse,
    ]
):
    """Day plans of air taxis, and the size of their fleet."""

    def __init__(
        self, channel: grpc.Channel, connection: Connection, service: AirTaxiService
    ) -> None:
        super().__init__(channel, connection, service)
        self._size_fleet = _unary(channel, service.method("SizeFleet"))

    def size_fleet(
        self,
        problem: planning_pb2.AirTaxiProblem,
        sizing: sizing_pb2.FleetSizing | None = None,
        *,
        timeout: float | None = None,
        **search: Unpack[SearchOptions],
    ) -> planning_service_pb2.SizeFleetResponse:
        """Return the least fleet for a day, and what other fleets lose.

        Parameters
        ----------
        problem
            The day.
        sizing
            Charging policy, step, and fleets to count losses for.
        timeout, **search
            As in :meth:`solve`; the time limit holds for everything together.

        Raises
        ------
        ApiError
            Of the class that fits.
        """
        request = size_fleet_request(problem, sizing, search)
        deadline = options.deadline(search, timeout)
        answer: planning_service_pb2.SizeFleetResponse = self._call(
            self._size_fleet, request, deadline
        )
        return answer


class SolveStream(Generic[Streamed]):
    """The reports of a running solve.

    Iterate for progress; :meth:`result` waits for the last report, which has the
    plan. Leaving a ``with`` statement, or :meth:`cancel`, ends the solve.
    """

    def __init__(self, call: Any) -> None:
        self._call = call
        self._last: Streamed | None = None

    def __iter__(self) -> Iterator[Streamed]:
        try:
            for report in self._call:
                self._last = report
                yield report
        except grpc.RpcError as failure:
            raise of_rpc(failure) from None

    def result(self) -> Streamed:
        """Return the last report, with the plan.

        Raises
        ------
        ApiError
            Of the class that fits.
        """
        for _ in self:
            pass
        return finished(self._last)

    def cancel(self) -> None:
        """End the solve; its worker is free within a second."""
        self._call.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cancel()


def finished(last: T | None) -> T:
    """Return the last report of a stream.

    Raises
    ------
    ApiError
        If it has no plan.
    """
    report: Any = last
    if report is None or not report.HasField("plan"):
        raise ApiError(grpc.StatusCode.UNKNOWN, "the stream ended without a plan.")
    return report  # type: ignore[no-any-return]


def _unary(channel: grpc.Channel, method: Method) -> Any:
    return channel.unary_unary(method.path, _serialize, method.response)


def _serialize(message: Any) -> bytes:
    data: bytes = message.SerializeToString()
    return data
