"""Dock and flow problems that are encoded and decoded are the same problems."""

from __future__ import annotations

import pytest

from router.errors import Violations
from router.freight.scenario import load_freight_scenario
from server.codecs import docks, docks_problem, flows
from server.codecs.clock import Clock
from tests.freight.docks.problems import random_problem as random_docks
from tests.freight.flows.problems import random_problem as random_flows

NOON = Clock(1_764_000_000)


@pytest.mark.parametrize("seed", range(20))
def test_docks_survive(seed: int) -> None:
    """Windows, releases, crews, transfers, capabilities and penalties come back."""
    problem = random_docks(seed, trucks=6, doors=3)
    found = Violations()
    decoded, clock = docks.decode_problem(docks_problem.encode_problem(problem, NOON), found)
    assert list(found) == []
    assert (decoded, clock) == (problem, NOON)


@pytest.mark.parametrize("seed", range(20))
def test_flows_survive(seed: int) -> None:
    """Modes, limits, costs, durations and penalties come back."""
    problem = random_flows(seed, nodes=5, lanes=9, commodities=4)
    found = Violations()
    decoded, _ = flows.decode_problem(flows.encode_problem(problem), found)
    assert list(found) == []
    assert decoded == problem


def test_the_hub_survives() -> None:
    """So does the embedded freight day."""
    hub = load_freight_scenario()
    found = Violations()
    message = docks_problem.encode_problem(hub.docks(), NOON)
    assert docks.decode_problem(message, found)[0] == hub.docks()
    assert flows.decode_problem(flows.encode_problem(hub.flows()), found)[0] == hub.flows()


def test_without_a_horizon_the_earliest_moment_counts() -> None:
    """A problem whose earliest moment is 2026-03-02T08:00 starts there."""
    problem = random_docks(3, trucks=2, doors=1)
    message = docks_problem.encode_problem(problem, NOON)
    message.ClearField("horizon_start")
    found = Violations()
    _, clock = docks.decode_problem(message, found)
    assert clock.start >= NOON.start
    message.Clear()
    assert docks.decode_problem(message, found)[1] == Clock()
