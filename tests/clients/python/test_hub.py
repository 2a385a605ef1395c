"""Docks and flows through the Python client, blocking and asyncio."""

from __future__ import annotations

import pytest
from alatau_client import AsyncClient, Client, InvalidProblem

from tests.api.test_docks import crossdock, crossdock_plan
from tests.api.test_flows import network, network_plan
from tests.serving import ServerProcess


def test_docks(server: ServerProcess) -> None:
    """Solve, stream and evaluate agree on the cost of 1,200."""
    with Client(server.address) as client:
        client.wait_until_ready(5)
        assert client.docks.solve(crossdock(), time_limit=20).plan.cost.total == 1200
        with client.docks.stream(crossdock(), time_limit=20) as stream:
            assert stream.result().plan.cost.total == 1200
        assert client.docks.evaluate(crossdock(), crossdock_plan()).cost.total == 1200


def test_flows(server: ServerProcess) -> None:
    """Solve, stream and evaluate agree on the cost of 50."""
    with Client(server.address) as client:
        client.wait_until_ready(5)
        assert client.flows.solve(network(), time_limit=20).plan.cost.total == 50
        with client.flows.stream(network(), time_limit=20) as stream:
            assert stream.result().plan.cost.total == 50
        assert client.flows.evaluate(network(), network_plan()).cost.total == 50


def test_bad_input_is_typed(server: ServerProcess) -> None:
    """A door without a way and goods of nothing: violations with their paths."""
    docks, flows = crossdock(), network()
    docks.ClearField("doors")
    flows.commodities[0].amount = 0
    with Client(server.address) as client:
        client.wait_until_ready(5)
        with pytest.raises(InvalidProblem) as caught:
            client.docks.solve(docks, time_limit=5)
        assert [v.code for v in caught.value.violations] == ["NO_DOORS"]
        with pytest.raises(InvalidProblem) as caught:
            client.flows.solve(flows, time_limit=5)
        assert [v.path for v in caught.value.violations] == ["problem.commodities[0].amount"]


async def test_asyncio(server: ServerProcess) -> None:
    """The twin for asyncio has both parts too."""
    async with AsyncClient(server.address) as client:
        await client.wait_until_ready(5)
        assert (await client.docks.solve(crossdock(), time_limit=20)).plan.cost.total == 1200
        assert (await client.flows.solve(network(), time_limit=20)).plan.cost.total == 50
