"""The plans that the pictures are tested with are true plans."""

from __future__ import annotations

from router.airtaxi.check import check as check_flights
from router.freight.docks.check import check as check_docks
from router.freight.flows.check import check as check_flows
from router.freight.routes.check import check as check_routes
from tests.plots import tiny


def test_every_tiny_plan_passes_its_checker() -> None:
    """The checkers of the four parts find nothing to object to."""
    assert check_flights(*tiny.air_day()).violations == ()
    assert check_docks(*tiny.dock_day()).violations == ()
    assert check_flows(*tiny.flow_day()).violations == ()
    assert check_routes(*tiny.route_day()).violations == ()
