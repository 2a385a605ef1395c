"""The names that users of the library rely on."""

from __future__ import annotations

import subprocess
import sys

from router.freight import routes


def test_public_names() -> None:
    """The nouns of problem and plan, and what judges, prices and schedules a plan."""
    assert routes.__all__ == sorted(routes.__all__, key=lambda name: (name[0].islower(), name))
    assert set(routes.__all__) == {
        *("BackhaulRule", "Depot", "Group", "Location", "RoutingProblem", "Shipment"),
        *("ShipmentStop", "VehicleType", "Visit"),
        *("Route", "RoutePlan", "RouteSchedule", "Stop", "StopKind", "Unserved", "UnservedReason"),
        *("check_plan", "price", "schedule_plan"),
    }
    assert all(hasattr(routes, name) for name in routes.__all__)


def test_the_nouns_load_no_solver() -> None:
    """A process that only states or checks problems needs no compiled search."""
    code = "import sys, router.freight.routes; print('router._core' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
