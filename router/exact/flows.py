"""Multicommodity flow with fixed charges as a mixed-integer program.

Places (a node in a mode) are rows ``0..v-1``, arcs ``0..a-1`` of which the first
``l`` are lanes, commodities ``0..k-1``. Variables are the amount of each
commodity on each arc that it may use, departures of each lane that has a price
beside its units, and amounts left. The formulation is the strong one: besides
the capacity of a lane, each commodity's amount on it is at most its demand
times the departures (Gendron, Crainic and Frangioni, "Multicommodity
capacitated network design", doi:10.1007/978-1-4615-5087-7_1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from router.exact.mip import Doubles, Mip, minimise
from router.exact.outcome import Limits, Outcome, Snapshot

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowArrays:
    """A flow problem as arrays: int64, units of goods and minor currency units."""

    tail: Ints
    """(a,) place where the arc begins."""
    head: Ints
    """(a,) place where the arc ends."""
    unit_cost: Ints
    """(k, a) cost of a unit, its time included."""
    allowed: Bools
    """(k, a) whether some sensible way of the commodity uses the arc."""
    capacity: Ints
    """(l,) units a departure, at most all there are."""
    departures: Ints
    """(l,) most departures; finite."""
    opening_cost: Ints
    """(l,) cost once."""
    departure_cost: Ints
    """(l,) cost of a departure."""
    hub: Ints
    """(a - l,) node of each interchange."""
    handling: Ints
    """(n,) units that may change mode at a node; -1: no limit."""
    node: Ints
    """(v,) node of a place."""
    origin: Ints
    """(k,) node."""
    destination: Ints
    """(k,) node."""
    amount: Ints
    """(k,) units."""
    penalty: Ints
    """(k,) cost of a unit left; -1: all must go."""

    @property
    def lanes(self) -> int:
        """Number of arcs that are lanes."""
        return len(self.capacity)


def solve_flows(
    arrays: FlowArrays,
    limits: Limits,
    *,
    spare: int | None = 0,
    hint: Ints | None = None,
    listen: Callable[[Snapshot[Ints]], bool] = lambda news: True,
) -> Outcome[Ints]:
    """Return the best flow found, (k, a) units, with a proven bound on its cost.

    Parameters
    ----------
    spare
        Most units of required commodities that may be left; ``None``: leave as
        few as possible, whatever the cost. The objective is then the number
        of units left.
    hint
        A feasible flow to start from.
    listen
        Called about ten times a second; ``False`` ends the solve.
    """
    model = _Model(arrays, spare)
    start = None if hint is None else model.values(hint)

    def heard(news: Snapshot[Doubles]) -> bool:
        return listen(news.map(model.flow))

    return minimise(model.program(), limits, heard, start).map(model.flow)


def size_of(arrays: FlowArrays) -> int:
    """Return the number of variables of the model."""
    return int(arrays.allowed.sum()) + 2 * arrays.lanes + len(arrays.amount)


class _Model:
    """The columns and rows over one :class:`FlowArrays`.

    Columns: amounts by (commodity, arc), departures by lane, openings by lane,
    amounts left by commodity.
    """

    def __init__(self, arrays: FlowArrays, spare: int | None) -> None:
        self.a, self.spare = arrays, spare
        self.k, self.arc = np.nonzero(arrays.allowed)
        flows, lanes, goods = len(self.k), arrays.lanes, len(arrays.amount)
        self.y, self.z, self.left = flows, flows + lanes, flows + 2 * lanes
        self.size = self.left + goods
        self.charged = (arrays.departure_cost > 0) & (arrays.departures > 0)
        self.opened = (arrays.opening_cost > 0) & (arrays.departures > 0)
        self.room = np.minimum(arrays.capacity * arrays.departures, arrays.amount.sum())
        self.blocks: list[tuple[Ints, Ints, Doubles]] = []
        self.low: list[Doubles] = []
        self.high: list[Doubles] = []
        self.count = 0

    def program(self) -> Mip:
        """Return the whole program."""
        self._origins()
        self._conservation()
        self._capacities()
        self._strong()
        self._openings()
        self._handling()
        self._spared()
        lower, upper = self._bounds()
        return Mip(
            cost=self._costs(),
            lower=lower,
            upper=upper,
            integer=np.ones(self.size, dtype=np.bool_),
            row_lower=np.concatenate(self.low),
            row_upper=np.concatenate(self.high),
            rows=np.concatenate([block[0] for block in self.blocks]),
            columns=np.concatenate([block[1] for block in self.blocks]),
            values=np.concatenate([block[2] for block in self.blocks]),
        )

    def flow(self, values: Doubles) -> Ints:
        """Return the amounts (k, a) of a solution."""
        flow = np.zeros(self.a.allowed.shape, dtype=np.int64)
        flow[self.k, self.arc] = np.rint(values[: len(self.k)]).astype(np.int64)
        return flow

    def values(self, flow: Ints) -> Doubles:
        """Return the solution of the amounts (k, a)."""
        a, values = self.a, np.zeros(self.size)
        values[: len(self.k)] = flow[self.k, self.arc]
        values[self.y : self.z] = np.where(self.charged, departures_of(a, flow), 0)
        values[self.z : self.left] = self.opened & (departures_of(a, flow) > 0)
        values[self.left :] = a.amount - shipped(a, flow)
        return values

    def _costs(self) -> Doubles:
        cost = np.zeros(self.size)
        if self.spare is None:
            cost[self.left :] = self.a.penalty < 0
            return cost
        cost[: len(self.k)] = self.a.unit_cost[self.k, self.arc]
        cost[self.y : self.z] = np.where(self.charged, self.a.departure_cost, 0)
        cost[self.z : self.left] = np.where(self.opened, self.a.opening_cost, 0)
        cost[self.left :] = self.a.penalty.clip(0)
        return cost

    def _bounds(self) -> tuple[Doubles, Doubles]:
        a, upper = self.a, np.zeros(self.size)
        upper[: len(self.k)] = a.amount[self.k]
        upper[self.y : self.z] = np.where(self.charged, a.departures, 0)
        upper[self.z : self.left] = self.opened
        optional = (a.penalty >= 0) | (self.spare != 0)
        upper[self.left :] = np.where(optional, a.amount, 0)
        return np.zeros(self.size), upper

    def _add(self, rows: Ints, columns: Ints, values: Doubles, low: Doubles, high: Doubles) -> None:
        """Add rows numbered from 0 here, one for each of ``low`` and ``high``."""
        self.blocks.append((rows + self.count, columns, values))
        self.low.append(low)
        self.high.append(high)
        self.count += len(low)

    def _origins(self) -> None:
        """Have what leaves the origin, with what is left, be the amount."""
        a, goods = self.a, np.arange(len(self.a.amount))
        leaves = np.flatnonzero(a.node[a.tail[self.arc]] == a.origin[self.k])
        rows = np.concatenate([self.k[leaves], goods])
        columns = np.concatenate([leaves, self.left + goods])
        amount = a.amount.astype(np.float64)
        self._add(rows, columns, np.ones(len(rows)), amount, amount)

    def _conservation(self) -> None:
        """Have what comes to a place between the ends leave it again."""
        a, columns = self.a, np.arange(len(self.k))
        places = np.concatenate([a.tail[self.arc], a.head[self.arc]])
        k = np.concatenate([self.k, self.k])
        signs = np.repeat([1.0, -1.0], len(columns))
        inner = (a.node[places] != a.origin[k]) & (a.node[places] != a.destination[k])
        keys, rows = np.unique(k[inner] * len(a.node) + places[inner], return_inverse=True)
        zero = np.zeros(len(keys))
        self._add(rows, np.concatenate([columns, columns])[inner], signs[inner], zero, zero)

    def _capacities(self) -> None:
        """Have departures, or where they are free the most of them, carry all."""
        a = self.a
        on_lane = np.flatnonzero(self.arc < a.lanes)
        charged = np.flatnonzero(self.charged)
        room = np.where(self.charged, 0, self.room).astype(np.float64)
        rows = np.concatenate([self.arc[on_lane], charged])
        columns = np.concatenate([on_lane, self.y + charged])
        values = np.concatenate([np.ones(len(on_lane)), -a.capacity[charged].astype(np.float64)])
        self._add(rows, columns, values, np.full(a.lanes, -np.inf), room)

    def _strong(self) -> None:
        """Have no commodity on a lane beyond its demand times departures, or opening.

        Where the demand is not below the capacity, the capacity says as much.
        """
        a = self.a
        on_lane = np.flatnonzero(self.arc < a.lanes)
        for switch, first, room in (
            (self.charged, self.y, a.capacity),
            (self.opened, self.z, self.room),
        ):
            lane, demand = self.arc[on_lane], a.amount[self.k[on_lane]]
            needed = switch[lane] & (demand < room[lane])
            flows, lane, demand = on_lane[needed], lane[needed], demand[needed]
            rows = np.arange(len(flows))
            self._add(
                np.concatenate([rows, rows]),
                np.concatenate([flows, first + lane]),
                np.concatenate([np.ones(len(flows)), -demand.astype(np.float64)]),
                np.full(len(flows), -np.inf),
                np.zeros(len(flows)),
            )

    def _openings(self) -> None:
        """Have nothing on a lane, and no departures, unless it is opened."""
        a, opened = self.a, np.flatnonzero(self.opened)
        on_lane = np.flatnonzero(
            (self.arc < a.lanes) & np.append(self.opened, False)[np.minimum(self.arc, a.lanes)]
        )
        row_of = np.full(a.lanes, -1)
        row_of[opened] = np.arange(len(opened))
        room = self.room[opened].astype(np.float64)
        self._add(
            np.concatenate([row_of[self.arc[on_lane]], np.arange(len(opened))]),
            np.concatenate([on_lane, self.z + opened]),
            np.concatenate([np.ones(len(on_lane)), -room]),
            np.full(len(opened), -np.inf),
            np.zeros(len(opened)),
        )

    def _handling(self) -> None:
        """Have no hub change the mode of more than it can handle."""
        a = self.a
        limited = np.flatnonzero(a.handling >= 0)
        row_of = np.full(len(a.handling), -1)
        row_of[limited] = np.arange(len(limited))
        changes = np.flatnonzero(self.arc >= a.lanes)
        rows = row_of[a.hub[self.arc[changes] - a.lanes]]
        kept = rows >= 0
        room = a.handling[limited].astype(np.float64)
        self._add(
            rows[kept],
            changes[kept],
            np.ones(int(kept.sum())),
            np.full(len(limited), -np.inf),
            room,
        )

    def _spared(self) -> None:
        """Have at most ``spare`` units of required commodities left."""
        if not self.spare:
            return
        required = np.flatnonzero(self.a.penalty < 0)
        self._add(
            np.zeros(len(required), dtype=np.int64),
            self.left + required,
            np.ones(len(required)),
            np.array([-np.inf]),
            np.array([float(self.spare)]),
        )


def shipped(arrays: FlowArrays, flow: Ints) -> Ints:
    """Return the units of each commodity that leave its origin, (k,)."""
    leaves = arrays.node[arrays.tail][None, :] == arrays.origin[:, None]
    sums: Ints = np.where(leaves, flow, 0).sum(axis=1, dtype=np.int64)
    return sums


def departures_of(arrays: FlowArrays, flow: Ints) -> Ints:
    """Return the fewest departures of each lane that carry ``flow``, (l,)."""
    load = flow[:, : arrays.lanes].sum(axis=0, dtype=np.int64)
    counts: Ints = -(-load // np.maximum(arrays.capacity, 1))
    return counts
