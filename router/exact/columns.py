"""Linear programmes over paths that grow by what their prices ask for.

Paths use groups and limits. What they use of a group earns its rewards, each up to
its size; what they use of a limit stays between two values. Prices of the
programme over the paths in hand lead to better paths (column generation: Ford and
Fulkerson, Management Science 5, 1958) until no path can add much. As prices jump
about, paths are also looked for between them and the best prices known, those that
prove most (in-out separation: Ben-Ameur and Neto, Networks 49, 2007).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt
from ortools.math_opt.python import mathopt

from router.exact.glop import solved
from router.exact.mip import Listener, Mip, minimise
from router.exact.outcome import Limits

T = TypeVar("T")
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SHARES = (1.0, 0.5, 0.2)
"""Steps, as shares, from the best prices known to those of the programme."""
USE_COST = 1e-5
"""Cost of each use of a group, so that none is used for nothing."""
MOST_USES = 10_000.0
"""Of one column that is used whole times."""
KEPT_SHARE = 2 / 3
"""Share of the columns that stay when there are too many, the best by their prices."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column(Generic[T]):
    """A path, or anything else that may be used in fractions."""

    item: T | None
    """``None`` for what is never taken out."""
    groups: Ints
    """Groups that it uses, once or more often each."""
    limits: Ints
    """Limits that it uses."""
    amounts: Doubles
    """How much of each of :attr:`limits`."""
    cost: float = 0.0
    """Of using it."""


def _key(column: Column[T]) -> bytes:
    """Return what tells columns apart: what they use and cost."""
    cost = np.array(column.cost)
    return b"".join(a.tobytes() for a in (column.groups, column.limits, column.amounts, cost))


Pricing = Callable[[Doubles], tuple[float, Sequence[Column[T]]]]
"""From prices of groups and limits to the most that any paths can earn, and good paths."""


class PathProgramme(Generic[T]):
    """A linear programme over columns.

    Parameters
    ----------
    groups
        Number of groups.
    reward_group, reward_size, reward
        A reward for each of the first ``size`` uses of a group, not yet
        rewarded otherwise; int, int and float (rewards,).
    low, high
        Least and most use of each limit, float (limits,).
    most
        Columns from which the worst are taken out.
    """

    def __init__(
        self,
        groups: int,
        rewards: tuple[Ints, Ints, Doubles],
        low: Doubles,
        high: Doubles,
        most: int,
    ) -> None:
        self._model = mathopt.Model()
        self._model.objective.is_maximize = True
        self._groups = [self._model.add_linear_constraint(ub=0.0) for _ in range(groups)]
        self._limits = [
            self._model.add_linear_constraint(lb=least, ub=most_)
            for least, most_ in zip(low.tolist(), high.tolist(), strict=True)
        ]
        self._earned: list[tuple[mathopt.Variable, int]] = []
        for group, size, reward in zip(*rewards, strict=True):
            earned = self._model.add_variable(lb=0.0, ub=float(size))
            self._earned.append((earned, int(group)))
            self._groups[group].set_coefficient(earned, 1.0)
            self._model.objective.set_linear_coefficient(earned, float(reward))
        self._columns: list[tuple[Column[T], mathopt.Variable, bytes]] = []
        self._known: set[bytes] = set()
        self._most = most
        self._solver = mathopt.IncrementalSolver(self._model, mathopt.SolverType.GLOP)
        self.reward = 0.0
        """Of the last solution."""

    @property
    def items(self) -> list[T]:
        """Items of the columns in hand."""
        return [column.item for column, _, _ in self._columns if column.item is not None]

    def add(self, column: Column[T]) -> bool:
        """Add a column and return whether it is new: none of the same uses and cost was there."""
        key = _key(column)
        if key in self._known:
            return False
        used = self._model.add_variable(lb=0.0)
        groups, times = np.unique(column.groups, return_counts=True)
        for group, count in zip(groups.tolist(), times.tolist(), strict=True):
            self._groups[group].set_coefficient(used, -float(count))
        for limit, amount in zip(column.limits.tolist(), column.amounts.tolist(), strict=True):
            self._limits[limit].set_coefficient(used, amount)
        self._model.objective.set_linear_coefficient(
            used, -column.cost - USE_COST * len(column.groups)
        )
        self._columns.append((column, used, key))
        self._known.add(key)
        return True

    def solve(self, seconds: float) -> Doubles | None:
        """Return the price of each group, >= 0, and of each limit; ``None`` if not in time."""
        full = len(self._columns) > self._most
        result = solved(self._solver, seconds, duals=True, values=full, costs=full)
        if result is None:
            return None
        self.reward = result.objective_value()
        if full:
            self._shrink(result)
        prices = np.zeros(len(self._groups) + len(self._limits))
        for row, price in result.dual_values().items():
            prices[row.id] = price
        prices[: len(self._groups)] = prices[: len(self._groups)].clip(0)
        return prices

    def whole(
        self,
        limits: Limits,
        known: Sequence[Column[T]] = (),
        listen: Listener = lambda news: True,
    ) -> list[T] | None:
        """Return items of the columns in hand that earn most, none used in fractions.

        ``known`` are columns that may be used together, to begin with; ``listen`` as
        for :func:`router.exact.mip.minimise`. An item is there as often as it is used;
        ``None`` if nothing was found in time.
        """
        columns = [column for column, _, _ in self._columns]
        if not columns:
            return []
        first = len(self._earned)
        hint = self._hint(known) if known else None
        found = minimise(self._mip(columns), limits, listen, hint)
        if found.solution is None:
            return None
        times = found.solution[first:].round().astype(int).tolist()
        pairs = zip(columns, times, strict=True)
        return [c.item for c, n in pairs for _ in range(n) if c.item is not None]

    def _mip(self, columns: Sequence[Column[T]]) -> Mip:
        """Return the programme with whole uses: first the rewards, then the columns."""
        earned, first = self._earned, len(self._earned)
        reward = [-self._model.objective.get_linear_coefficient(v) for v, _ in earned]
        entries = [(group, k, 1.0) for k, (_, group) in enumerate(earned)]
        for k, column in enumerate(columns, first):
            groups, times = np.unique(column.groups, return_counts=True)
            entries += [(g, k, -float(n)) for g, n in zip(groups.tolist(), times, strict=True)]
            rows = (column.limits + len(self._groups)).tolist()
            entries += [(r, k, float(n)) for r, n in zip(rows, column.amounts, strict=True)]
        at, of, values = zip(*entries, strict=True)
        bounds = (*self._groups, *self._limits)
        return Mip(
            cost=np.array([*reward, *(column.cost for column in columns)]),
            lower=np.zeros(first + len(columns)),
            upper=np.array([*(v.upper_bound for v, _ in earned), *[MOST_USES] * len(columns)]),
            integer=np.arange(first + len(columns)) >= first,
            row_lower=np.array([row.lower_bound for row in bounds]),
            row_upper=np.array([row.upper_bound for row in bounds]),
            rows=np.array(at),
            columns=np.array(of),
            values=np.array(values),
        )

    def _hint(self, known: Sequence[Column[T]]) -> Doubles:
        """Return the solution that uses each of some columns once."""
        uses = Counter(_key(column) for column in known)
        times = [float(uses[key]) for _, _, key in self._columns]
        used = np.zeros(len(self._groups))
        for (column, _, _), n in zip(self._columns, times, strict=True):
            if n:
                np.add.at(used, column.groups, n)
        left = []
        for variable, group in self._earned:
            left.append(min(variable.upper_bound, float(used[group])))
            used[group] -= left[-1]
        return np.array(left + times)

    def _shrink(self, result: mathopt.SolveResult) -> None:
        """Take out the columns that prices speak most against, none that is used."""
        values, costs = result.variable_values(), result.reduced_costs()
        against = np.array(
            [
                -1.0
                if column.item is None or variable in values
                else max(0.0, -costs.get(variable, 0.0))
                for column, variable, _ in self._columns
            ]
        )
        number = max(int((against < 0).sum()), int(KEPT_SHARE * self._most))
        stay = set(np.argsort(against, kind="stable")[:number].tolist())
        columns = self._columns
        self._columns = [columns[k] for k in sorted(stay)]
        for k, (_, variable, key) in enumerate(columns):
            if k not in stay:
                self._model.delete_variable(variable)
                self._known.discard(key)


class Growth(Generic[T]):
    """The growth of a programme, step by step.

    Parameters
    ----------
    programme
        It may have columns already.
    pricing
        Of prices of groups and limits.
    inside
        Prices to begin with, if any are known to prove something.
    """

    def __init__(
        self, programme: PathProgramme[T], pricing: Pricing[T], inside: Doubles | None = None
    ) -> None:
        self._programme, self._pricing = programme, pricing
        self.bound = math.inf
        """No paths can earn more."""
        self.prices: Doubles | None = None
        """Those that prove the bound."""
        if inside is not None:
            self._look(inside)

    def step(self, seconds_left: Callable[[], float]) -> bool:
        """Solve the programme once and look for more; return whether anything is new."""
        prices = self._programme.solve(seconds_left())
        if prices is None:
            return False
        inside, new = prices if self.prices is None else self.prices, False
        for share in SHARES:
            new |= self._look(share * prices + (1 - share) * inside)
        return new

    def _look(self, prices: Doubles) -> bool:
        proven, columns = self._pricing(prices)
        new = proven < self.bound
        if new:
            self.bound, self.prices = proven, prices
        for column in columns:
            new |= self._programme.add(column)
        return new


def grow(
    programme: PathProgramme[T],
    pricing: Pricing[T],
    enough: Callable[[float, float], bool],
    seconds_left: Callable[[], float],
) -> tuple[float, Doubles] | None:
    """Add columns until the programme's reward and its bound are ``enough``.

    Returns
    -------
    (the most that any paths can earn, the prices that prove it), also where the
    time is up before or no column is new; ``None`` if not one programme was
    solved in time.
    """
    growth = Growth(programme, pricing)
    while growth.step(seconds_left):
        if enough(programme.reward, growth.bound) or seconds_left() <= 0:
            break
    return None if growth.prices is None else (growth.bound, growth.prices)
