"""The four parts of the demo, one a module, and the scenarios that they plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from router.airtaxi.plan_file import Source
from router.airtaxi.scenario import load_scenario
from router.freight.scenario import load_freight_scenario
from server.codecs.clock import Clock
from server.demo.part import DemoPart
from server.demo.parts import airtaxi, docks, flows, routes
from server.demo.report import Assumption, assumptions_of, grouped


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What the demo plans.

    Attributes
    ----------
    parts
        In the order of the report.
    assumptions
        What the scenarios assume, by their names.
    """

    parts: Sequence[DemoPart]
    assumptions: Mapping[str, Sequence[Assumption]]


DAY_START = 1_780_254_000
"""1 June 2026 at midnight in Almaty (UTC+5), in seconds since 1970."""
AIRTAXI_SCENARIO = "alatau-almaty"
FREIGHT_SCENARIO = "alatau-hub"


def load(*, passengers: int | None, seed: int) -> Day:
    """Return the embedded scenarios as the four parts of a day.

    Raises
    ------
    InvalidInput
        If the number of passengers is out of range.
    """
    air, hub = load_scenario(AIRTAXI_SCENARIO), load_freight_scenario(FREIGHT_SCENARIO)
    clock = Clock(DAY_START)
    source = Source(AIRTAXI_SCENARIO, passengers, seed)
    return Day(
        parts=(
            airtaxi.part(air.problem(passengers=passengers, seed=seed), clock, source),
            routes.part(hub.deliveries(seed=seed), clock),
            docks.part(hub.docks(seed=seed), clock),
            flows.part(hub.flows(), clock),
        ),
        assumptions={
            scenario.name: grouped(assumptions_of(scenario.document.data))
            for scenario in (air, hub)
        },
    )
