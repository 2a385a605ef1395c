"""The fuzz targets themselves: complete, right about good requests, and repeatable."""

from __future__ import annotations

import pytest

from server import registry
from tests.fuzz.rpcs import rpc_targets
from tests.fuzz.targets import Fuzzed, job_targets, mutated, targets

every_target = pytest.mark.parametrize("target", targets().values(), ids=lambda each: each.name)


def test_every_job_is_fuzzed() -> None:
    """Whatever is registered is a target."""
    names = {name for name in registry.names() if not name.startswith("toy.")}
    assert set(job_targets()) == names


@every_target
def test_the_seeds_are_an_empty_and_a_good_request(target: Fuzzed) -> None:
    """The first is refused with its violations, the second is answered.

    Calls about jobs may have nothing to refuse, or nothing that may be deleted.
    """
    answered = [target.run(seed) for seed in target.seeds()]
    if target.name in job_targets():
        assert answered == [False, True]
    elif "Delete" not in target.name:
        assert answered[1] or target.name.startswith("jobs.Create")


@every_target
def test_the_same_seed_breaks_a_request_in_the_same_way(target: Fuzzed) -> None:
    """Mutations differ by seed, and a mutation that would be too long is none."""
    _, good = target.seeds()
    broken = {seed: mutated(target, good, 8_000, seed) for seed in range(8)}
    assert broken == {seed: mutated(target, good, 8_000, seed) for seed in range(8)}
    assert len(set(broken.values())) > 2
    assert mutated(target, good, -1, 1) is None
    assert mutated(target, b"\xff\xff", 8_000, 1) is None


def test_every_call_about_jobs_is_fuzzed() -> None:
    """Creations, results, watches, uploads: none is left out."""
    assert {"jobs.CreateRoutePlanJob", "jobs.WatchJob", "jobs.UploadChunk"} <= set(rpc_targets())
