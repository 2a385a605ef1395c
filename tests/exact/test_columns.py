"""Programmes that grow by their prices, against the whole programme at once."""

import itertools
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from router.exact.columns import Column, Doubles, PathProgramme, grow
from router.exact.outcome import Limits

GROUPS, LIMITS = 6, 2
REWARDS = (np.array([0, 0, 1, 2, 3, 4, 5]), np.array([1, 2, 1, 3, 1, 2, 1]))
Uses = tuple[int, ...]


def all_uses() -> list[Uses]:
    """Return every way to use up to three groups, of two kinds by the number of groups."""
    return [u for n in (1, 2, 3) for u in itertools.combinations(range(GROUPS), n)]


def limit_of(uses: Uses) -> int:
    """Return the limit that a way uses: 0 for up to two groups, 1 for three."""
    return 0 if len(uses) <= 2 else 1


def column(uses: Uses) -> Column[Uses]:
    """Return the column of a way to use groups."""
    return Column(
        item=uses,
        groups=np.array(uses),
        limits=np.array([limit_of(uses)]),
        amounts=np.ones(1),
    )


def whole(reward: Doubles, low: Doubles, high: Doubles) -> float:
    """Return the reward of the programme over all columns."""
    ways = all_uses()
    group, size = REWARDS
    above = np.zeros((GROUPS + 2 * LIMITS, len(ways) + len(reward)))
    for k, uses in enumerate(ways):
        above[list(uses), k] = -1.0
        above[GROUPS + limit_of(uses), k] = 1.0
        above[GROUPS + LIMITS + limit_of(uses), k] = -1.0
    above[group, len(ways) + np.arange(len(reward))] = 1.0
    found = linprog(
        np.concatenate((np.zeros(len(ways)), -reward)),
        A_ub=above,
        b_ub=np.concatenate((np.zeros(GROUPS), high, -low)),
        bounds=[(0, None)] * len(ways) + [(0, s) for s in size],
    )
    assert found.fun is not None
    return -float(found.fun)


@pytest.mark.parametrize("most", [12, 1000])
@pytest.mark.parametrize("seed", range(8))
def test_growing_ends_at_the_reward_of_the_whole_programme(seed: int, most: int) -> None:
    """Also where hardly a column may stay; what prices prove is never below it."""
    rng = np.random.default_rng(seed)
    group, size = REWARDS
    reward = rng.integers(1, 9, len(group)).astype(float)
    reward[1] = min(reward[0], reward[1])
    low, high = np.zeros(LIMITS), rng.uniform(0.3, 2.0, LIMITS)
    best = whole(reward, low, high)
    programme: PathProgramme[Uses] = PathProgramme(GROUPS, (group, size, reward), low, high, most)
    proven = []

    def pricing(prices: Doubles) -> tuple[float, list[Column[Uses]]]:
        assert (prices[:GROUPS] >= 0).all()
        kept = (size * (reward - prices[group]).clip(0)).sum()
        gains = {u: prices[list(u)].sum() - prices[GROUPS + limit_of(u)] for u in all_uses()}
        top = [max((g, u) for u, g in gains.items() if limit_of(u) == k) for k in range(LIMITS)]
        bound = kept + sum(
            high[k] * max(0.0, top[k][0] + prices[GROUPS + k]) for k in range(LIMITS)
        )
        proven.append(bound)
        return float(bound), [column(u) for _, u in top]

    found = grow(programme, pricing, lambda earned, bound: bound - earned < 1e-3, lambda: 60.0)
    assert found is not None
    assert min(proven) >= best - 1e-6
    assert found[0] == pytest.approx(best, abs=2e-3)
    assert programme.reward == pytest.approx(best, abs=2e-3)


def test_a_programme_that_its_limits_forbid_grows_nowhere() -> None:
    """A limit that must be used has no column at first, and no time brings one."""
    rewards = (np.array([0]), np.array([1]), np.array([1.0]))
    programme: PathProgramme[Uses] = PathProgramme(1, rewards, np.ones(1), np.ones(1), 10)
    assert grow(programme, lambda _: (0.0, []), lambda *_: True, lambda: 1.0) is None


def test_what_may_not_be_taken_out_stays() -> None:
    """Ten useless columns and one without an item, of which two are kept at most."""
    rewards = (np.array([0, 1]), np.ones(2, np.int64), np.array([1.0, 1.0]))
    programme: PathProgramme[Uses] = PathProgramme(2, rewards, np.zeros(2), np.ones(2), 3)
    none = np.empty(0, np.int64)
    programme.add(Column(item=None, groups=none, limits=np.array([1]), amounts=np.ones(1)))
    for amount in range(1, 11):
        programme.add(
            Column(
                item=(0,), groups=np.array([0]), limits=np.array([0]), amounts=np.array([amount])
            )
        )
    assert programme.solve(10.0) is not None
    assert programme.reward == pytest.approx(1.0, abs=1e-3)
    assert len(programme.items) == 1
    assert programme.solve(10.0) is not None
    assert programme.reward == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("seed", range(20))
def test_whole_uses_are_the_best_ones(seed: int) -> None:
    """No way to use columns whole times earns more, with and without a solution to begin with."""
    lot = np.random.default_rng(seed)
    reward = lot.uniform(1, 9, len(REWARDS[0])).round(2)
    programme: PathProgramme[Uses] = PathProgramme(
        GROUPS, (*REWARDS, reward), np.zeros(LIMITS), np.array([2.0, 1.0]), 100
    )
    some = lot.permutation(len(all_uses()))[:9]
    costs = lot.uniform(0, 6, len(some)).round(2)
    columns = [
        replace(column(all_uses()[k]), cost=float(cost))
        for k, cost in zip(some, costs, strict=True)
    ]
    for each in columns:
        assert programme.add(each)
        assert not programme.add(each)
    known = [c for c in columns if limit_of(c.item or ()) == 0][:2]
    limits = Limits(deadline=time.monotonic() + 60)
    for hint in ((), known):
        found = programme.whole(limits, hint)
        assert found is not None
        chosen = [next(c for c in columns if c.item == uses) for uses in found]
        assert earned(chosen, reward) == pytest.approx(most_earned(columns, reward), abs=1)


def earned(columns: Sequence[Column[Uses]], reward: Doubles) -> float:
    """Return what columns earn together after their costs."""
    uses = Counter(g for c in columns for g in c.groups.tolist())
    total = -sum(c.cost for c in columns)
    for group in range(GROUPS):
        own = [(r, n) for g, n, r in zip(*REWARDS, reward, strict=True) if g == group]
        left = uses[group]
        for worth, size in sorted(own, reverse=True):
            total += worth * min(left, int(size))
            left -= min(left, int(size))
    return float(total)


def most_earned(columns: Sequence[Column[Uses]], reward: Doubles) -> float:
    """Return the most that two columns of the first limit and one of the second earn."""
    one = [c for c in columns if limit_of(c.item or ()) == 0]
    two = [[c] for c in columns if limit_of(c.item or ()) == 1]
    pairs = [list(p) for n in (0, 1, 2) for p in itertools.combinations_with_replacement(one, n)]
    return max(earned(p + t, reward) for p in pairs for t in [[], *two])


def test_nothing_in_hand_is_nothing_used() -> None:
    """A programme without columns has an empty best."""
    programme: PathProgramme[Uses] = PathProgramme(
        GROUPS, (*REWARDS, np.ones(len(REWARDS[0]))), np.zeros(LIMITS), np.ones(LIMITS), 100
    )
    assert programme.whole(Limits(deadline=time.monotonic() + 60)) == []
