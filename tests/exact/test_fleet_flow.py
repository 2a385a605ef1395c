"""Dives through whole flows, against every whole flow there is."""

import itertools

import numpy as np
import pytest

from router.exact.fleet_flow import FleetFlow, dive


def forever() -> float:
    """Return plenty of time."""
    return 60.0


def random_flow(rng: np.random.Generator) -> FleetFlow:
    """Return two units on a day of three steps and three places, arcs in shared groups."""
    tail, head = np.array(
        [(3 * t + a, 3 * t + 3 + b) for t in range(2) for a in range(3) for b in range(3)]
        + [(6 + a, a) for a in range(3)]
    ).T
    return FleetFlow(
        supply=np.zeros(9, np.int64),
        tail=tail,
        head=head,
        group=np.concatenate((rng.integers(-1, 5, 18), [-1, -1, -1])),
        counted=np.arange(21) >= 18,
        fleet=2,
        reward_group=np.arange(5),
        reward_size=rng.integers(1, 3, 5),
        reward=rng.integers(1, 5, 5).astype(float),
    )


def best(flow: FleetFlow) -> float:
    """Return the most reward of two units: each chooses a place a step and returns to one.

    Units exchange places overnight, so that mornings and evenings need agree only as sets.
    """
    walks = list(itertools.product(range(3), repeat=3))
    most = 0.0
    for one, other in itertools.combinations_with_replacement(walks, 2):
        for pair in ([one], [one, other]):
            if sorted(w[0] for w in pair) != sorted(w[2] for w in pair):
                continue
            found = np.zeros(21, np.int64)
            for a, b, c in pair:
                found[[3 * a + b, 9 + 3 * b + c, 18 + c]] += 1
            most = max(most, flow.earned(found))
    return most


@pytest.mark.parametrize("careful", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_a_dive_conserves_and_never_beats_the_optimum(seed: int, careful: bool) -> None:
    """It comes within one reward of it, and says no to what nobody could earn."""
    flow = random_flow(np.random.default_rng(seed))
    optimum = best(flow)
    found = dive(flow, forever, careful=careful)
    assert found is not None
    out = np.bincount(flow.tail, found, 9) - np.bincount(flow.head, found, 9)
    assert (out == 0).all()
    assert found[flow.counted].sum() <= flow.fleet
    assert optimum - 4 <= flow.earned(found) <= optimum
    assert dive(flow, forever, optimum + 1, careful=careful) is None
