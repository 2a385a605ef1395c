"""Solomon's and Li and Lim's text files, and telling formats apart."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from router.errors import InvalidInput
from router.formats.instance import read_instance
from router.formats.rounding import Rounding
from router.timewindow import TimeWindow

SOLOMON = """C1

VEHICLE
NUMBER     CAPACITY
  3         200

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      40         50          0          0       1236          0
    1      45         68         10        912        967         90
    2      45         70         30        825        870         90
"""
LI_LIM = """25\t200\t1
0\t40\t50\t0\t0\t1236\t0\t0\t0
1\t45\t68\t-10\t912\t967\t90\t2\t0
2\t45\t70\t10\t825\t870\t90\t0\t1
"""


def faults(tmp_path: Path, text: str) -> list[tuple[str, str]]:
    """Return (code, line) of each fault of a file with this text."""
    path = tmp_path / "tiny.txt"
    path.write_text(text)
    with pytest.raises(InvalidInput) as caught:
        read_instance(path)
    return [(v.code, v.path.removeprefix(str(path))) for v in caught.value.violations]


def test_solomon(tmp_path: Path) -> None:
    """Ten units of the result are one of the file, as its best values are given."""
    path = tmp_path / "c1.txt"
    path.write_text(SOLOMON)
    instance = read_instance(path)
    problem = instance.problem
    assert (problem.name, instance.rounding) == ("C1", Rounding.DIMACS)
    assert problem.vehicle_types[0].count == 3
    assert problem.vehicle_types[0].capacity == (2000,)
    assert problem.vehicle_types[0].shift == TimeWindow(0, 12360)
    assert problem.visits[1].deliver == (300,)
    assert problem.visits[1].windows == (TimeWindow(8250, 8700),)
    assert problem.visits[1].service == 900
    assert problem.travel["default"].distance(1, 2) == 20


def test_solomon_with_carriage_returns(tmp_path: Path) -> None:
    """Lines may end as they do on other systems."""
    path = tmp_path / "c1.txt"
    path.write_bytes(SOLOMON.replace("\n", "\r\n").encode())
    assert len(read_instance(path).problem.visits) == 2


def test_li_lim(tmp_path: Path) -> None:
    """Row 2 is picked up and brought to row 1; a thousand units are one of the file."""
    path = tmp_path / "lc.txt"
    path.write_text(LI_LIM)
    instance = read_instance(path)
    (shipment,) = instance.problem.shipments
    assert (instance.problem.name, instance.rounding) == ("lc", Rounding.EXACT)
    assert (shipment.id, shipment.load) == ("2-1", (10_000,))
    assert shipment.pickup.windows == (TimeWindow(825_000, 870_000),)
    assert instance.problem.vehicle_types[0].count == 25


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  3         200", "", [("MISSING_ROW", ":3")]),
        ("  3         200", "0 200", [("EMPTY_FLEET", ":5")]),
        ("  3         200", "3", [("ROW_LENGTH", ":5")]),
        ("    1      45", "    2      45", [("INDEX", ":11")]),
        ("912        967", "967        912", [("WINDOW_REVERSED", ":11")]),
        ("912        967", "912", [("ROW_LENGTH", ":11")]),
        ("         10 ", "        -10 ", [("NEGATIVE", ":11")]),
        ("CUSTOMER", "CUSTOMERS", [("MISSING_FIELD", "")]),
    ],
)
def test_faults_of_solomon(
    tmp_path: Path, old: str, new: str, expected: list[tuple[str, str]]
) -> None:
    """Each fault at its line."""
    assert old in SOLOMON
    assert faults(tmp_path, SOLOMON.replace(old, new, 1)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("25\t200", "x5\t200", [("UNKNOWN_FORMAT", ":1")]),
        ("25\t200", "0\t200", [("EMPTY_FLEET", ":1")]),
        ("\t0\t1\n", "\t0\t9\n", [("PAIRING", ":3"), ("PAIRING", ":4")]),
        ("45\t70", "45\tnan", [("NOT_FINITE", ":4")]),
        ("1\t45", "7\t45", [("INDEX", ":3")]),
    ],
)
def test_faults_of_li_lim(
    tmp_path: Path, old: str, new: str, expected: list[tuple[str, str]]
) -> None:
    """Each fault at its line."""
    assert old in LI_LIM
    assert faults(tmp_path, LI_LIM.replace(old, new, 1)) == expected


@pytest.mark.parametrize("text", ["hello\n", "{}\n", "1 2 3 4 5\n", "a,b\n1,2\n", "Route #1: 2\n"])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    """With a sentence, never a traceback."""
    assert faults(tmp_path, text)


@pytest.mark.parametrize("cut", range(0, len(SOLOMON), 7))
def test_files_cut_short_are_read_or_refused(tmp_path: Path, cut: int) -> None:
    """A file may end anywhere; the reader answers with a problem or with faults."""
    path = tmp_path / "cut.txt"
    path.write_text(SOLOMON[:cut])
    with suppress(InvalidInput):
        assert read_instance(path).problem.locations
