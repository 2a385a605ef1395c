"""Judges a fleet's days against the network, move by move."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from router.airtaxi.fleet_size.limits import Limits
from router.airtaxi.fleet_size.network import Ints, Network, Path
from router.errors import Violation, Violations


def check_fleet(
    network: Network,
    paths: Sequence[Path],
    wanted: Ints | None = None,
    limits: Limits | None = None,
) -> tuple[Violation, ...]:
    """Return everything wrong with ``paths``.

    With ``wanted``, also what is not flown; with ``limits``, also where more
    aircraft stand, charge or move than can.
    """
    found = Violations()
    flown = np.zeros((network.leg_count, network.last_step + 1), np.int64)
    for i, path in enumerate(paths):
        _check_day(network, path, found.at(f"paths[{i}]"))
        for leg, step in _departures(path):
            flown[leg, step] += 1
    _check_night(paths, found)
    if limits is not None:
        _check_limits(network, paths, limits, found)
    if wanted is not None:
        for leg, step in np.argwhere(flown < wanted):
            found.add(
                "NOT_FLOWN",
                f"wanted[{leg}][{step}]",
                f"{wanted[leg, step]} departures are wanted, {flown[leg, step]} are flown.",
            )
    return tuple(found)


def _check_limits(
    network: Network, paths: Sequence[Path], limits: Limits, found: Violations
) -> None:
    """Count what each site holds in each step, aircraft by aircraft."""
    used: Counter[tuple[str, int, int]] = Counter()
    for path in paths:
        site, lands = path.site, 0
        for first, leg, last, _ in path.moves.tolist():
            if leg < 0:
                used.update(("CHARGERS_EXCEEDED", site, t) for t in range(first, last))
                continue
            used.update(("STANDS_EXCEEDED", site, t) for t in range(lands, first))
            used["PADS_EXCEEDED", site, first] += 1
            site, lands = network.legs[leg].destination, first + int(limits.touch_down[leg][first])
            used["PADS_EXCEEDED", site, lands] += 1
        used.update(("STANDS_EXCEEDED", site, t) for t in range(lands, network.last_step))
    most = {
        "CHARGERS_EXCEEDED": limits.chargers,
        "STANDS_EXCEEDED": limits.stands,
        "PADS_EXCEEDED": limits.movements,
    }
    for (what, site, step), count in sorted(used.items()):
        if count > most[what][site]:
            sentence = f"{count} aircraft at once, {most[what][site]} are possible."
            found.add(what, f"sites[{site}].steps[{step}]", sentence)


def _check_night(paths: Sequence[Path], found: Violations) -> None:
    """Let each aircraft of the next morning be one of the evening with as much charge."""
    evening: dict[int, list[int]] = defaultdict(list)
    for path in sorted(paths, key=lambda p: p.end_level):
        evening[path.end_site].append(path.end_level)
    for i in sorted(range(len(paths)), key=lambda i: -paths[i].level):
        stays = evening[paths[i].site]
        if not stays or stays.pop() < paths[i].level:
            found.add(
                "NOT_CYCLIC",
                f"paths[{i}]",
                f"starts at site {paths[i].site} with level {paths[i].level}, which no aircraft "
                "has in the evening.",
            )


def _check_day(network: Network, path: Path, found: Violations) -> None:
    now, site, level = 0, path.site, path.level
    for k, (first, leg, last, after) in enumerate(path.moves.tolist()):
        below = found.at(f"moves[{k}]")
        if first < now:
            below.add("OVERLAP", "first", f"starts at step {first}, before step {now} is over.")
        if leg >= 0:
            best = _landing(network, leg, first, last, site, level, below)
            site = network.legs[leg].destination
        else:
            best = _charged(network, site, level, first, last)
        if not 0 <= after <= best:
            below.add("CHARGE_LEVEL", "level", f"is {after}; at most {best} is possible.")
        now, level = last, after
    if now > network.last_step:
        found.add("OVERLAP", "moves", f"end at step {now}, after the last step.")
    if (site, level) != (path.end_site, path.end_level):
        found.add("END_STATE", "end", f"is not where the moves lead: site {site}, level {level}.")


def _landing(
    network: Network, leg: int, first: int, last: int, site: int, level: int, found: Violations
) -> int:
    """Return the level on landing; note a departure that is not possible."""
    way = network.legs[leg]
    if way.origin != site:
        found.add("WRONG_SITE", "leg", f"starts at site {way.origin}, the aircraft is at {site}.")
    if way.steps[first] == 0 or first + way.steps[first] != last:
        found.add("DURATION", "last", f"is {last}; the leg does not take that long.")
    if way.burn[first] > level:
        found.add("NO_ENERGY", "level", f"needs {way.burn[first]} levels, {level} are left.")
    return level - int(way.burn[first])


def _charged(network: Network, site: int, level: int, first: int, last: int) -> int:
    """Return the highest level that one charge reaches from ``first`` to ``last``."""
    reached = (
        arc.to
        for arc in network.charges[site]
        if arc.level == level and arc.steps <= last - first and arc.earliest_end <= last
    )
    return max(reached, default=level)


def _departures(path: Path) -> Iterator[tuple[int, int]]:
    return ((leg, first) for first, leg, _, _ in path.moves.tolist() if leg >= 0)
