"""Tiny fleet networks and an oracle: the whole integer flow at once."""

from __future__ import annotations

import itertools

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array

from router.airtaxi.fleet_size.network import Ints, Leg, Network, charge_arcs


def shuttle(last_step: int = 12, minutes: tuple[float, ...] = (5, 5, 10, 20)) -> Network:
    """Return two sites, flights of two steps and two levels, five-minute steps."""
    steps = np.full(last_step + 1, 2, np.int32)
    burn = np.full(last_step + 1, 2, np.int32)
    arcs = charge_arcs(minutes, 5)
    return Network(
        last_step=last_step,
        levels=len(minutes) + 1,
        legs=(Leg(0, 1, steps, burn), Leg(1, 0, steps, burn)),
        charges=(arcs, arcs),
    )


def flow_oracle(
    network: Network,
    wanted: Ints,
    seats: int | None = None,
    fleet: int | None = None,
    *,
    whole: bool = True,
) -> float:
    """Return the least fleet, or with ``fleet`` the least loss, by one integer programme.

    Variables are aggregated arc flows of the cyclic day; all charges are
    offered, as one-step-at-a-time arcs from the network's own list. Not
    ``whole``: the least of its linear relaxation.
    """
    nodes = {
        node: k
        for k, node in enumerate(
            itertools.product(
                range(network.last_step + 1), range(network.sites), range(network.levels)
            )
        )
    }
    arcs: list[tuple[int, int, tuple[int, int] | None]] = []
    for (t, s, level), k in nodes.items():
        if t < network.last_step:
            arcs.append((k, nodes[t + 1, s, level], None))
        if level > 0:
            arcs.append((k, nodes[t, s, level - 1], None))
        arcs.extend(
            (k, nodes[t + arc.steps, s, arc.to], None)
            for arc in network.charges[s]
            if arc.level == level and t + arc.steps <= network.last_step
        )
        for number, leg in enumerate(network.legs):
            end = t + int(leg.steps[t])
            if leg.origin == s and end > t and end <= network.last_step and level >= leg.burn[t]:
                head = nodes[end, leg.destination, level - int(leg.burn[t])]
                arcs.append((k, head, (number, t)))
    wants = [tuple(map(int, w)) for w in np.argwhere(wanted > 0)]
    per_day = network.sites * network.levels
    overnight = [(len(nodes) - per_day + k, k, None) for k in range(per_day)]
    columns = arcs + overnight
    rows = lil_array((len(nodes) + len(wants) + 1, len(columns) + len(wants)))
    for c, (tail, head, covers) in enumerate(columns):
        rows[tail, c] += 1
        rows[head, c] -= 1
        if covers in wants:
            rows[len(nodes) + wants.index(covers), c] = seats or 1
    for w in range(len(wants)):
        rows[len(nodes) + w, len(columns) + w] = 1
    cost = np.zeros(len(columns) + len(wants))
    night = slice(len(arcs), len(columns))
    rows[len(nodes) + len(wants), night] = 1
    cost[len(columns) :] = 1.0 if fleet is not None else 1000.0
    if fleet is None:
        cost[night] = 1.0
    needed = [wanted[w] for w in wants]
    low = np.concatenate((np.zeros(len(nodes)), needed, [0]))
    high = np.concatenate(
        (np.zeros(len(nodes)), np.full(len(wants), np.inf), [np.inf if fleet is None else fleet])
    )
    found = milp(
        cost,
        integrality=np.full(len(cost), int(whole)),
        bounds=Bounds(0, np.inf),
        constraints=LinearConstraint(rows.tocsr(), low, high),
    )
    assert found.fun is not None
    return float(np.rint(found.fun)) if whole else float(found.fun)
