"""The fuzz targets themselves: complete, right about good requests, and repeatable."""

from __future__ import annotations

import pytest

from server import registry
from tests.fuzz.targets import Target, targets

every_target = pytest.mark.parametrize("target", targets().values(), ids=lambda each: each.name)


def test_every_job_of_a_part_is_fuzzed() -> None:
    """Whatever a part registers is a target."""
    names = {name for name in registry.names() if not name.startswith("toy.")}
    assert set(targets()) == names


@every_target
def test_the_seeds_are_an_empty_and_a_good_request(target: Target) -> None:
    """The first is refused with its violations, the second is answered."""
    assert [target.run(seed) for seed in target.seeds()] == [False, True]


@every_target
def test_the_same_seed_breaks_a_request_in_the_same_way(target: Target) -> None:
    """Mutations differ by seed, and a mutation that would be too long is none."""
    _, good = target.seeds()
    broken = {seed: target.mutated(good, 8_000, seed) for seed in range(8)}
    assert broken == {seed: target.mutated(good, 8_000, seed) for seed in range(8)}
    assert len(set(broken.values())) > 4
    assert target.mutated(good, 10, 1) is None
    assert target.mutated(b"\xff\xff", 8_000, 1) is None
