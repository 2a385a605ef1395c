"""Dock doors as a constraint program: optional intervals, one door each.

Trucks are rows ``0..n-1``, doors ``0..m-1``, transfers ``0..k-1``. A literal
says that truck ``t`` stands at door ``d``; its interval (with the changeover
after it) is one of a no-overlap per door, crews are a cumulative, a transfer is
a precedence whose lag grows with the distance between the two doors. See
Van Belle, Valckenaers and Cattrysse, "Cross-docking: State of the art",
doi:10.1016/j.omega.2012.01.005, for the problem.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from router.exact.cpsat import Values, run
from router.exact.outcome import Limits, Outcome, Snapshot

Ints = npt.NDArray[np.int64]

MOST_GROUPS = 40
"""Largest number of groups of doors that are counted together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DockArrays:
    """A dock problem as arrays: int64, seconds and minor currency units."""

    ready: Ints
    """(n,) earliest start."""
    handling: Ints
    """(n,) time at the door."""
    due: Ints
    """(n,) end from which tardiness counts."""
    waiting_cost: Ints
    """(n,) cost an hour from ``ready`` to the start."""
    tardiness_cost: Ints
    """(n,) cost an hour from ``due`` to the end."""
    crews: Ints
    """(n,) crews at work during the handling."""
    penalty: Ints
    """(n,) cost of no appointment; -1: it must have one."""
    starts: Mapping[tuple[int, int], Sequence[tuple[int, int]]]
    """Allowed starts of truck t at door d: disjoint closed intervals,
    ascending. Pairs without any are absent."""
    x: Ints
    """(m,) metres."""
    y: Ints
    """(m,) metres."""
    changeover: Ints
    """(m,) time between two trucks."""
    inbound: Ints
    """(k,) truck that brings the goods."""
    outbound: Ints
    """(k,) truck that takes the goods."""
    lag: Ints
    """(k,) time from inbound end to outbound start besides the way."""
    quantity: Ints
    """(k,) units moved."""
    loss: Ints
    """(k,) cost of not making the transfer; -1: it must be made."""
    crew_levels: Sequence[tuple[int, int, int]]
    """(from, until, present), without gaps over the horizon; empty: no limit."""
    seconds_per_100_metres: int
    movement_cost: int
    """Cost of 1,000 unit-metres."""
    horizon: int
    """A moment by which every plan that wastes no time is done."""


@dataclass(frozen=True, slots=True)
class DockSolution:
    """Door (-1: none) and start of each truck, and which transfers are made."""

    door: Ints
    start: Ints
    made: npt.NDArray[np.bool_]


def solve_docks(
    arrays: DockArrays,
    limits: Limits,
    *,
    relaxed: bool = False,
    hint: DockSolution | None = None,
    listen: Callable[[Snapshot[DockSolution]], bool] = lambda news: True,
) -> Outcome[DockSolution]:
    """Return the best appointments found, with a proven bound on their cost.

    Parameters
    ----------
    relaxed
        Leave out even what is required: first as little as possible, then at
        the least cost. The objective and the bound then carry a weight and
        are no amounts of money.
    hint
        A solution to start from; need not be feasible.
    listen
        Called about ten times a second; ``False`` ends the solve.
    """
    model = _Model(arrays, relaxed)
    if hint is not None:
        model.hint(hint)

    def heard(news: Snapshot[Values]) -> bool:
        return listen(news.map(model.solution))

    return run(model.cp, model.watched(), limits, heard).map(model.solution)


class _Model:
    """The variables and constraints over one :class:`DockArrays`."""

    def __init__(self, arrays: DockArrays, relaxed: bool) -> None:
        self.a = arrays
        self.cp = cp_model.CpModel()
        self.weight = _weight(arrays) if relaxed else 0
        self.cost: list[cp_model.LinearExpr] = []
        self.spans = self._spans_by_truck()
        self.start = [self._start(sorted(set(chain(*spans)))) for spans in self.spans]
        self.present = [self._optional(int(loss)) for loss in arrays.penalty]
        self.made = [self._optional(int(loss)) for loss in arrays.loss]
        self.at = {pair: self.cp.new_bool_var("") for pair in arrays.starts}
        self.choices: list[list[tuple[int, cp_model.IntVar]]] = [[] for _ in self.start]
        for (t, d), literal in self.at.items():
            self.choices[t].append((d, literal))
        self._doors()
        self._door_groups()
        self._crews()
        self._delays()
        for i in range(len(self.made)):
            self._transfer(i)
        self.cp.minimize(cp_model.LinearExpr.sum(self.cost))

    def watched(self) -> list[cp_model.IntVar]:
        """Return the variables whose values make a solution."""
        return [*self.start, *self.made, *self.at.values()]

    def solution(self, values: Sequence[int]) -> DockSolution:
        """Return the solution that the values of :meth:`watched` stand for."""
        n, k = len(self.start), len(self.made)
        door = np.full(n, -1, dtype=np.int64)
        for (t, d), chosen in zip(self.at, values[n + k :], strict=True):
            if chosen:
                door[t] = d
        start = np.array(values[:n], dtype=np.int64)
        return DockSolution(door, start, np.array(values[n : n + k], dtype=np.bool_))

    def hint(self, solution: DockSolution) -> None:
        """Let the search start from ``solution``."""
        for t, present in enumerate(self.present):
            self.cp.add_hint(present, int(solution.door[t] >= 0))
            if solution.door[t] >= 0:
                self.cp.add_hint(self.start[t], int(solution.start[t]))
        for (t, d), literal in self.at.items():
            self.cp.add_hint(literal, int(solution.door[t] == d))
        for literal, made in zip(self.made, solution.made, strict=True):
            self.cp.add_hint(literal, int(made))

    def _spans_by_truck(self) -> list[set[tuple[tuple[int, int], ...]]]:
        """Return the different lists of allowed starts of each truck."""
        spans: list[set[tuple[tuple[int, int], ...]]] = [set() for _ in self.a.ready]
        for (t, _), some in self.a.starts.items():
            spans[t].add(tuple(some))
        return spans

    def _start(self, spans: Sequence[tuple[int, int]]) -> cp_model.IntVar:
        domain = cp_model.Domain.from_intervals([list(span) for span in spans] or [[0, 0]])
        return self.cp.new_int_var_from_domain(domain, "")

    def _optional(self, loss: int) -> cp_model.IntVar:
        """Return a literal that costs ``loss`` where false, or (-1) must be true."""
        literal = self.cp.new_bool_var("")
        if loss >= 0:
            self.cost.append(loss * (1 - literal))
        elif self.weight:
            self.cost.append(self.weight * (1 - literal))
        else:
            self.cp.add(literal == 1)
        return literal

    def _doors(self) -> None:
        """One door a truck, one truck at a door, inside the allowed starts."""
        visits: list[list[cp_model.IntervalVar]] = [[] for _ in self.a.x]
        for (t, d), literal in self.at.items():
            size = int(self.a.handling[t] + self.a.changeover[d])
            interval = self.cp.new_optional_fixed_size_interval_var(
                self.start[t], size, literal, ""
            )
            visits[d].append(interval)
            if len(self.spans[t]) > 1:
                domain = cp_model.Domain.from_intervals([list(s) for s in self.a.starts[t, d]])
                inside = self.cp.add_linear_expression_in_domain(self.start[t], domain)
                inside.only_enforce_if(literal)
        for choices, present in zip(self.choices, self.present, strict=True):
            self.cp.add(cp_model.LinearExpr.sum([one for _, one in choices]) == present)
        for intervals in visits:
            self.cp.add_no_overlap(intervals)

    def _door_groups(self) -> None:
        """Say again, for the bound, that a group of doors holds so many trucks at once.

        On the embedded day this lifts the bound found in 10 s on one thread from
        17 % to 88 % of the cost.
        """
        eligible = [frozenset(d for d, _ in some) for some in self.choices]
        for doors in _unions(eligible):
            trucks = [t for t, own in enumerate(eligible) if own and own <= doors]
            if len(trucks) <= len(doors):
                continue
            gap = min(int(self.a.changeover[d]) for d in doors)
            intervals = [
                self.cp.new_optional_fixed_size_interval_var(
                    self.start[t], int(self.a.handling[t]) + gap, self.present[t], ""
                )
                for t in trucks
            ]
            self.cp.add_cumulative(intervals, [1] * len(trucks), len(doors))

    def _crews(self) -> None:
        """Crews at work never outnumber those present; absences are fixed work."""
        if not self.a.crew_levels:
            return
        most = max(level for _, _, level in self.a.crew_levels)
        intervals, demands = [], []
        for t, present in enumerate(self.present):
            if self.a.crews[t]:
                size = int(self.a.handling[t])
                intervals.append(
                    self.cp.new_optional_fixed_size_interval_var(self.start[t], size, present, "")
                )
                demands.append(int(self.a.crews[t]))
        for begin, end, level in self.a.crew_levels:
            if level < most:
                intervals.append(self.cp.new_fixed_size_interval_var(begin, end - begin, ""))
                demands.append(most - level)
        self.cp.add_cumulative(intervals, demands, most)

    def _delays(self) -> None:
        """Charge waiting and tardiness, each rounded up by truck."""
        a = self.a
        for t, present in enumerate(self.present):
            if a.waiting_cost[t]:
                self._charge(int(a.waiting_cost[t]), self.start[t] - int(a.ready[t]), present)
            if a.tardiness_cost[t] and a.due[t] < a.horizon:
                late = self.start[t] + int(a.handling[t] - a.due[t])
                self._charge(int(a.tardiness_cost[t]), late, present)

    def _charge(self, hourly: int, time: cp_model.LinearExpr, present: cp_model.IntVar) -> None:
        most = -(-hourly * self.a.horizon // 3600)
        amount = self.cp.new_int_var(0, most, "")
        self.cp.add(3600 * amount >= hourly * time).only_enforce_if(present)
        self.cost.append(amount)

    def _transfer(self, i: int) -> None:
        """Have the goods at the outbound door before its truck is loaded."""
        t, u, made = int(self.a.inbound[i]), int(self.a.outbound[i]), self.made[i]
        self.cp.add_implication(made, self.present[t])
        self.cp.add_implication(made, self.present[u])
        there = self.start[t] + int(self.a.handling[t] + self.a.lag[i])
        rate, price = self.a.seconds_per_100_metres, int(self.a.quantity[i]) * self.a.movement_cost
        span = int(np.ptp(self.a.x) + np.ptp(self.a.y))
        if not span or not (rate or price):
            self.cp.add(self.start[u] >= there).only_enforce_if(made)
            return
        metres = self._distance(t, u, made, span)
        walk = self.cp.new_int_var(0, -(-rate * span // 100), "")
        self.cp.add(100 * walk >= rate * metres)
        self.cp.add(self.start[u] >= there + walk).only_enforce_if(made)
        if price:
            amount = self.cp.new_int_var(0, -(-price * span // 1000), "")
            self.cp.add(1000 * amount >= price * metres)
            self.cost.append(amount)

    def _distance(self, t: int, u: int, made: cp_model.IntVar, span: int) -> cp_model.IntVar:
        """At least |dx| + |dy| between the two trucks' doors where made."""
        metres = self.cp.new_int_var(0, span, "")
        dx = self._place(t, self.a.x) - self._place(u, self.a.x)
        dy = self._place(t, self.a.y) - self._place(u, self.a.y)
        for across in (dx, -dx):
            for along in (dy, -dy):
                self.cp.add(metres >= across + along).only_enforce_if(made)
        return metres

    def _place(self, t: int, coordinates: Ints) -> cp_model.LinearExpr:
        choices = self.choices[t]
        return cp_model.LinearExpr.weighted_sum(
            [literal for _, literal in choices], [int(coordinates[d]) for d, _ in choices]
        )


def _unions(sets: Sequence[frozenset[int]]) -> list[frozenset[int]]:
    """Return the sets, the union of each two, and of all; at most :data:`MOST_GROUPS`."""
    own = sorted({one for one in sets if one}, key=sorted)[:MOST_GROUPS]
    both = {one | other for one in own for other in own}
    wanted = dict.fromkeys([*own, frozenset().union(*own), *sorted(both, key=sorted)])
    return [one for one in wanted if one][:MOST_GROUPS]


def _weight(arrays: DockArrays) -> int:
    """Return a cost above that of any plan, so that counts come first."""
    hours = arrays.horizon // 3600 + 1
    most = hours * int(arrays.waiting_cost.sum() + arrays.tardiness_cost.sum())
    most += len(arrays.ready) * 2 + len(arrays.lag)
    most += int(arrays.penalty.clip(0).sum() + arrays.loss.clip(0).sum())
    span = int(np.ptp(arrays.x) + np.ptp(arrays.y))
    return most + span * int(arrays.quantity.sum()) * arrays.movement_cost // 1000 + 1
