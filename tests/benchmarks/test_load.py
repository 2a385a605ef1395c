"""The load benchmarks, made small: they run, and what they report is right."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from benchmarks.load.overhead import arrivals, matrix_request, solves
from benchmarks.load.processes import usage
from benchmarks.load.report import Figure, Limit, finish


async def test_a_matrix_reaches_numpy_in_a_worker() -> None:
    """In both forms; the moment told by the worker lies after the request's arrival."""
    for packed in (False, True):
        seconds, _ = await arrivals(matrix_request(20, packed=packed), 3)
        assert len(seconds) == 3
        assert 0 < min(seconds) < 10


def test_library_and_service_do_the_same_work(tmp_path: Path) -> None:
    """The same seed and as many iterations give the same cost, by either way."""
    ((library, service),) = solves(tmp_path, visits=30, seed=1, seconds=0.2, repeats=1)
    assert library.cost == service.cost
    assert library.iterations == service.iterations > 0
    assert library.wall > 0
    assert service.wall > 0


def test_usage_is_that_of_this_process() -> None:
    """A running test has memory, descriptors and has used a core."""
    now = usage(os.getpid())
    assert now.memory_mib > 10
    assert now.cpu_seconds > 0
    assert now.descriptors > 2
    assert now.processes >= 1


def test_figures_are_held_against_their_limits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """21 ms are not at most 20, and three times an empty call of 7; the file has samples."""
    figures = [Figure("p99", 21.0, "ms", Limit(most=20), empty=7.0), Figure("share", 1.0, "%")]
    finish("some", figures, {"raw": [1]}, tmp_path, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["figures"][0] == {
        "name": "p99",
        "value": 21.0,
        "unit": "ms",
        "limit": "≤ 20",
        "kept": False,
        "empty_call": 7.0,
        "ratio_to_empty_call": 3.0,
    }
    assert told["figures"][1]["kept"] is None
    assert json.loads((tmp_path / "results.json").read_text())["samples"] == {"raw": [1]}
    assert Limit(least=90).kept(91)
    assert not Limit(least=90).kept(89)
    finish("some", figures, {}, tmp_path, as_json=False)
    assert "≤ 20" in capsys.readouterr().out
