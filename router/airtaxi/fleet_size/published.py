"""The published Los Angeles days: their schedules, and the network of their model.

Model of the reference (arXiv 2407.00947): two vertiports, steps of five
minutes, a flight lasts two steps and burns four of the 33 charge levels
between 20 % and 100 %. ``parity`` repeats the reference code's rule that a
charge ends no earlier in the day than its minutes counted as steps; ``clean``
drops it. A departure at minute 1440 lies outside the day and is not flown in
either.
"""

from __future__ import annotations

import csv
import gzip
import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from router.airtaxi.fleet_size.network import ChargeArc, Ints, Leg, Network, charge_arcs
from router.errors import InvalidInput, Violation

STEP_MINUTES = 5
LAST_STEP = 290
FLIGHT_STEPS, FLIGHT_LEVELS = 2, 4
SEATS = 4
LEVEL_HOURS = (
    *(0.0129, 0.0133, 0.0137, 0.0142, 0.0147, 0.0153, 0.0158, 0.0166, 0.0172, 0.018, 0.0188),
    *(0.0197, 0.0207, 0.0219, 0.0231, 0.0245, 0.026, 0.0278, 0.03, 0.0323, 0.0351, 0.0384),
    *(0.0423, 0.0472, 0.0536, 0.0617, 0.0726, 0.0887, 0.1136, 0.1582, 0.2622, 0.9278),
)
DIRECTIONS = ("LAX_DTLA", "DTLA_LAX")
Day = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Schedule:
    """One published day: flights and passengers by (direction, step of departure)."""

    flights: Ints
    passengers: Ints


def published_network(mode: str) -> Network:
    """Return the reference's network; ``mode`` is ``clean`` or ``parity``."""
    minutes = [hours * 60 for hours in LEVEL_HOURS]
    arcs = charge_arcs(minutes, STEP_MINUTES) if mode == "clean" else _parity_arcs(minutes)
    steps = np.full(LAST_STEP + 1, FLIGHT_STEPS, np.int32)
    steps[0] = 0
    burn = np.full(LAST_STEP + 1, FLIGHT_LEVELS, np.int32)
    legs = [Leg(0, 1, steps, burn), Leg(1, 0, steps, burn)]
    return Network(last_step=LAST_STEP, levels=len(minutes) + 1, legs=legs, charges=(arcs, arcs))


def _parity_arcs(minutes: list[float]) -> tuple[ChargeArc, ...]:
    total = np.concatenate(([0.0], np.cumsum(minutes)))
    return tuple(
        ChargeArc(x, math.ceil(needed / STEP_MINUTES - 1e-9), y, math.ceil(needed - 1e-9))
        for x in range(len(total))
        for y in range(x + 1, len(total))
        for needed in [float(total[y] - total[x])]
    )


def read_schedules(path: Path) -> dict[Day, Schedule]:
    """Read ``schedule_alpha_A_demand_D.csv[.gz]``: one schedule a (month, day)."""
    flights: dict[Day, Ints] = defaultdict(_empty)
    passengers: dict[Day, Ints] = defaultdict(_empty)
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as rows:
        for row in csv.DictReader(rows):
            if not row["depart_min"] or not float(row["depart_min"]) < 24 * 60:
                continue
            day = int(row["month"]), int(row["day"])
            at = DIRECTIONS.index(row["od"]), int(float(row["depart_min"]) // STEP_MINUTES) + 1
            flights[day][at] += 1
            passengers[day][at] += int(float(row["num_pax"]))
    return {day: Schedule(flights[day], passengers[day]) for day in flights}


def _empty() -> Ints:
    return np.zeros((len(DIRECTIONS), LAST_STEP + 1), np.int32)


def chosen_days(days: str, found: Iterable[Day]) -> list[Day]:
    """Return the days named ``month-day,…``, or all."""
    if not days:
        return sorted(found)
    known = set(found)
    chosen, faults = [], []
    for word in days.split(","):
        match = re.fullmatch(r"\s*(\d+)-(\d+)\s*", word)
        day = (int(match[1]), int(match[2])) if match else None
        if day is None or day not in known:
            sentence = f"{word!r} is no month-day of the schedule; give e.g. 1-4."
            faults.append(Violation("DAY", "days", sentence))
        else:
            chosen.append(day)
    if faults:
        raise InvalidInput(faults)
    return chosen
