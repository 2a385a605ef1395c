"""The quality benchmark on two tiny instances, with a peer of our own making."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.quality.routes.cases import Case, select
from benchmarks.quality.routes.clock import Clock, environment
from benchmarks.quality.routes.exchange import as_data
from benchmarks.quality.routes.report import write_report
from benchmarks.quality.routes.runs import Result, Run, run_all
from benchmarks.quality.routes.solvers import SOLVERS, Solver
from benchmarks.quality.routes.vrplib_text import vrplib_copy
from router.formats.instance import read_instance

CVRP = """NAME : tiny
TYPE : CVRP
DIMENSION : 5
CAPACITY : 5
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 0 10
3 0 11
4 10 0
5 11 0
DEMAND_SECTION
1 0
2 2
3 3
4 2
5 3
DEPOT_SECTION
1
"""
"""Best: up 11 and back, right 11 and back: 44."""
LI_LIM = (
    "2\t9\t1\n0\t0\t0\t0\t0\t99\t0\t0\t0\n1\t0\t3\t4\t0\t99\t1\t0\t2\n2\t0\t5\t-4\t0\t99\t1\t1\t0\n"
)
"""There and back: 10."""
PEER = """
import json, pathlib, sys
request = json.load(sys.stdin)
assert pathlib.Path(request["problem"]).exists()
pathlib.Path(request["out"]).write_text({text!r})
print(json.dumps({{"version": "7", "seconds": 0.1, "iterations": 3, "curve": [[0.05, 60]]}}))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of two classes with their best known values."""
    for kind, name, text, best in (
        ("CVRP", "tiny.vrp", CVRP, "instance,bks,bks_tight\ntiny,44,40\n"),
        ("PDPTW", "Li1/pair.txt", LI_LIM, "instance,bks\nLi1/pair,10000\nLi1/other,5\n"),
    ):
        path = tmp_path / "sets" / kind / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
        (tmp_path / "sets" / kind / "bks.csv").write_text(best)
    return tmp_path / "sets"


def peer(tmp_path: Path, text: str) -> Solver:
    """Return a peer that always answers with these routes."""
    script = tmp_path / "peer.py"
    script.write_text(PEER.format(text=text))

    def start(python: Path) -> Sequence[str]:
        return [str(python), str(script)]

    return Solver(name="peer", kinds=frozenset({"CVRP"}), start=start)


def results(case: Case, solver: Solver, out: Path) -> Result:
    """Return the one result of a run."""
    (found,) = run_all([Run(case, solver, 0.3, 1, 1)], Path(sys.executable), out)
    return found


def test_cases_are_those_with_file_and_value(folder: Path) -> None:
    """``Li1/other`` has no file; the tighter value is the published one where none is given."""
    one, other = select(folder, (), per_class=8)
    assert (one.kind, one.name, one.best, one.tight) == ("CVRP", "tiny", 44, 40)
    assert (other.kind, other.best, other.tight) == ("PDPTW", 10_000, 10_000)
    assert select(folder, ["PDPTW"], 8) == [other]
    assert select(folder, (), 8, only="^t") == [one]


def test_ours_and_the_report(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command runs ours in a process and writes table, CSV and curves."""
    out = tmp_path / "out"
    with pytest.raises(SystemExit) as ended:
        main(
            ["quality", "routes", "--instances", str(folder), "--seconds", "0.3", "--out", str(out)]
        )
    assert not ended.value.code
    with (out / "results.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["instance"], row["cost"], row["gap"]) for row in rows] == [
        ("tiny", "44", "0.0"),
        ("Li1/pair", "10000", "0.0"),
    ]
    assert rows[0]["gap_tight"] == "10.0"
    assert "| CVRP | 0.3 | alatau" in (out / "table.md").read_text()
    assert (out / "curves" / "PDPTW-Li1_pair.png").stat().st_size > 1000
    assert "results.csv" in capsys.readouterr().out


def test_a_peer_is_judged_by_our_checker(folder: Path, tmp_path: Path) -> None:
    """Four routes out and back are 20 + 22 + 20 + 22 = 84 long: 90.9 % above 44."""
    case = select(folder, ["CVRP"], 1)[0]
    text = "".join(f"Route #{k}: {k}\n" for k in range(1, 5))
    found = results(case, peer(tmp_path, text), tmp_path / "out")
    assert (found.cost, found.gap, found.version, found.iterations) == (84, 90.9091, "7", 3)
    write_report([found], tmp_path / "out")


def test_a_peer_that_breaks_a_rule_has_no_gap(folder: Path, tmp_path: Path) -> None:
    """One route carries 10 of 5; an unreadable answer and a crash are told too."""
    case = select(folder, ["CVRP"], 1)[0]
    found = results(case, peer(tmp_path, "Route #1: 1 2 3 4\n"), tmp_path / "out")
    assert (found.feasible, found.gap, found.note) == (False, None, "CAPACITY")
    found = results(case, peer(tmp_path, "Route #1: 99\n"), tmp_path / "out")
    assert "UNKNOWN_STOP" in found.note
    (tmp_path / "peer.py").write_text("raise SystemExit('no licence')")
    broken = Solver(
        name="peer",
        kinds=frozenset({"CVRP"}),
        start=lambda python: [str(python), str(tmp_path / "peer.py")],
    )
    assert results(case, broken, tmp_path / "out").note == "no licence"


def test_what_a_peer_is_given(folder: Path, tmp_path: Path) -> None:
    """Whole numbers by location, and text formats as VRPLIB."""
    pair = folder / "PDPTW" / "Li1" / "pair.txt"
    data = json.loads(json.dumps(as_data(read_instance(pair))))
    assert data["pairs"] == [[1, 2, 4000]]
    assert len(data["vehicles"]) == 2
    assert data["stops"][1]["window"] == [0, 99_000]
    copy = vrplib_copy(pair, tmp_path)
    assert read_instance(copy).problem.shipments == read_instance(pair).problem.shipments
    tiny = folder / "CVRP" / "tiny.vrp"
    assert vrplib_copy(tiny, tmp_path) == tiny
    assert len(as_data(read_instance(tiny))["vehicles"]) == 4  # type: ignore[arg-type]


def test_every_solver_says_what_it_can(folder: Path) -> None:
    """Ours takes all classes at any size."""
    case = select(folder, ["CVRP"], 1)[0]
    assert all(solver.can(case) for solver in SOLVERS.values())
    assert not SOLVERS["vroom"].can(Case("HFVRP", "x", case.path, 1, 1))


def test_an_unknown_peer_is_a_usage_error(folder: Path) -> None:
    """With the names that are known."""
    with pytest.raises(SystemExit) as ended:
        main(["quality", "routes", "--instances", str(folder), "--peers", "none"])
    assert ended.value.code == 2


def test_what_stands_in_the_folder_is_not_run_again(folder: Path, tmp_path: Path) -> None:
    """The second peer would cost 44; the first one's 84 stay, unless asked anew."""
    case, out = select(folder, ["CVRP"], 1)[0], tmp_path / "out"
    text = "".join(f"Route #{k}: {k}\n" for k in range(1, 5))
    first = results(case, peer(tmp_path, text), out)
    better = Run(case, peer(tmp_path, "Route #1: 1 2\nRoute #2: 3 4\n"), 0.3, 1, 1)
    assert run_all([better], Path(sys.executable), out, resume=True) == [first]
    assert run_all([better], Path(sys.executable), out)[0].cost == 44


@pytest.mark.skipif(sys.platform != "linux", reason="the clock is replaced on Linux only")
def test_threads_that_wait_sleep_under_the_processor_clock(tmp_path: Path) -> None:
    """Waits of Python's threads for each other take no processor time from the work."""
    text = (
        "import resource, threading, time\n"
        "def compute(): sum(range(20_000_000))\n"
        "threads = [threading.Thread(target=compute) for _ in range(4)]\n"
        "began = time.monotonic()\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join(60)\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(used.ru_stime < 0.1 + 0.2 * used.ru_utime)\n"
        "print(not threading.Event().wait(0.05))"
    )
    env = environment(Clock.CPU, tmp_path)
    ran = subprocess.run([sys.executable, "-c", text], env=env, capture_output=True, check=True)
    assert ran.stdout.split() == [b"True", b"True"]


@pytest.mark.skipif(sys.platform != "linux", reason="the clock is replaced on Linux only")
def test_the_processor_clock_does_not_count_waiting(tmp_path: Path) -> None:
    """A second asleep takes no processor time; work does."""
    text = (
        "import time; a = time.monotonic(); time.sleep(1); b = time.monotonic()\n"
        "while time.monotonic() < b + 0.2: pass\n"
        "print(b - a < 0.5, time.monotonic() - b >= 0.2)"
    )
    env = environment(Clock.CPU, tmp_path)
    ran = subprocess.run([sys.executable, "-c", text], env=env, capture_output=True, check=True)
    assert ran.stdout.split() == [b"True", b"True"]
    assert "LD_PRELOAD" not in environment(Clock.WALL, tmp_path)
