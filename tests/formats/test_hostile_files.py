"""Files with faults of every kind: a problem or violations, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.errors import InvalidInput
from router.formats.instance import read_instance
from router.formats.rounding import Rounding
from router.formats.solution import read_solution
from tests.formats.test_solution import ALIKE
from tests.formats.test_text_formats import LI_LIM, SOLOMON
from tests.formats.test_vrplib import EXPLICIT, HEAD, TAIL

FULL = (
    HEAD
    + "TIME_WINDOW_SECTION\n1 0 90\n2 5 10\n3 6 20\n4 0 90\n"
    + "RELEASE_TIME_SECTION\n1 0\n2 3\n3 0\n4 0\nPRIZE_SECTION\n1 0\n2 0\n3 50\n4 0\n"
    + "VEHICLES_DEPOT_SECTION\n1 1\n2 1\nVEHICLES_RELOAD_DEPOT_SECTION\n1 1\n2\n"
    + "VEHICLES_MAX_RELOADS_SECTION\n1 3\n2 0\nVEHICLES_MAX_DISTANCE_SECTION\n1 50\n2 60\n"
    + "MUTUALLY_EXCLUSIVE_GROUP_SECTION\n1 2 4\nVEHICLES_ALLOWED_CLIENTS_SECTION\n1 2 3\n2 3 4\n"
    + TAIL
)
PAIRS = """TYPE : PDPTW
DIMENSION : 5
VEHICLES : 1
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 1 0
3 2 0
4 3 0
5 4 0
PICKUP_AND_DELIVERY_SECTION
1 0 0 90 0 0 0
2 3 1 20 4 0 4
3 5 2 30 4 0 5
4 -3 3 40 5 2 0
5 -5 4 50 5 3 0
"""
FILES = [FULL, PAIRS + TAIL, EXPLICIT.format("LOWER_ROW", "1 2\n3") + TAIL, SOLOMON, LI_LIM]
WORDS = [
    "-1", "0", "1", "2", "5", "1.5", "1e308", "-1e308", "1e400", "1e-320", "9" * 30, "nan", "inf",
    "x", "", "-", "0x10", "1_000", "٣", "½", "1,5", "EOF", ":", "_SECTION", "#", "\t", "VEHICLE",
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, files: list[str]) -> str:
    """Draw a file with up to four words, lines or ends changed."""
    lines = draw(st.sampled_from(files)).split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        words = lines[at].split(" ")
        match draw(st.sampled_from(["word", "word", "word", "drop", "double", "cut", "end"])):
            case "word":
                words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(WORDS))
                lines[at] = " ".join(words)
            case "drop":
                lines = [*lines[:at], *lines[at + 1 :]] or [""]
            case "double":
                lines.insert(at, draw(st.sampled_from(lines)))
            case "cut":
                lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
            case _:
                lines = lines[: at + 1]
    return "\n".join(lines)


def judged(refused: InvalidInput, path: Path) -> None:
    """Every violation names the file and is a sentence."""
    for violation in refused.violations:
        assert violation.path.startswith(str(path))
        assert violation.message.endswith(".")


@pytest.mark.filterwarnings("error")
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=300)
@given(text=damaged(FILES), rounding=st.sampled_from([None, *Rounding]))
def test_damaged_instances(tmp_path: Path, text: str, rounding: Rounding | None) -> None:
    """Read or refused; no warning of NumPy's either."""
    path = tmp_path / "damaged.vrp"
    path.write_text(text)
    try:
        read_instance(path, rounding)
    except InvalidInput as refused:
        judged(refused, path)


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=100)
@given(text=damaged(["Route #1: 1 0 2\nRoute #2: 3\nCost 12\n"]))
def test_damaged_solutions(tmp_path: Path, text: str) -> None:
    """Read or refused."""
    instance_path, path = tmp_path / "tiny.vrp", tmp_path / "damaged.sol"
    instance_path.write_text(ALIKE)
    path.write_text(text)
    try:
        read_solution(path, read_instance(instance_path))
    except InvalidInput as refused:
        judged(refused, path)


@pytest.mark.parametrize("raw", [b"", b"\0" * 99, b"\xff\xfe\x00", bytes(range(256)) * 9])
def test_files_that_are_no_text(tmp_path: Path, raw: bytes) -> None:
    """Refused with a sentence."""
    path = tmp_path / "raw.vrp"
    path.write_bytes(raw)
    with pytest.raises(InvalidInput):
        read_instance(path)
