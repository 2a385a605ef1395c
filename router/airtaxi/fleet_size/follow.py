"""Days from their departures: an aircraft that charges whenever it can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from router.airtaxi.fleet_size.network import Network, Path


@dataclass(frozen=True, slots=True)
class Day:
    """Where an aircraft starts, and its (leg, step) departures in order."""

    site: int
    level: int
    departures: Sequence[tuple[int, int]]


def follow(network: Network, day: Day) -> Path | None:
    """Return the path of a day, or ``None`` if it cannot be flown.

    More charge never hurts, so the aircraft charges as much as each stay allows.
    """
    now, site, level = 0, day.site, day.level
    moves: list[tuple[int, int, int, int]] = []
    for leg, step in day.departures:
        if step < now or network.legs[leg].origin != site:
            return None
        level = _stay(network, site, level, now, step, moves)
        burn, steps = int(network.legs[leg].burn[step]), int(network.legs[leg].steps[step])
        if burn > level or steps == 0 or step + steps > network.last_step:
            return None
        level, now, site = level - burn, step + steps, network.legs[leg].destination
        moves.append((step, leg, now, level))
    level = _stay(network, site, level, now, network.last_step, moves)
    rows = np.array(moves, np.int32).reshape(-1, 4)
    return Path(day.site, day.level, site, level, rows)


def _stay(
    network: Network,
    site: int,
    level: int,
    first: int,
    last: int,
    moves: list[tuple[int, int, int, int]],
) -> int:
    """Append the charges of a stay and return the highest level that they reach."""
    reached = [level] * (last - first + 1)
    came = list(range(-1, last - first))  # When what ends here began; waiting at first.
    for t in range(last - first):
        if reached[t] > reached[t + 1]:
            reached[t + 1], came[t + 1] = reached[t], t
        for arc in network.charges_from(site, reached[t]):
            end = t + arc.steps
            if end <= last - first and first + end >= arc.earliest_end and arc.to > reached[end]:
                reached[end], came[end] = arc.to, t
    charges = []
    end = last - first
    while end > 0:
        start = came[end]
        if reached[end] > reached[start]:
            charges.append((first + start, -1, first + end, reached[end]))
        end = start
    moves.extend(reversed(charges))
    return reached[-1]
