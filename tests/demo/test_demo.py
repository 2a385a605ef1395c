"""The demo from end to end: a real server, all four parts, every file."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from router.airtaxi.check import check
from router.airtaxi.plan_file import load_plan
from router.airtaxi.scenario import load_scenario
from server.demo.service import READY, ServerFailed, own_server
from tests.plots.png import size_of

ROOT = Path(__file__).parents[2]
RUN = "import typer; from router.cli.output import faults_spoken\n\
from server.demo.command import demo\nwith faults_spoken(): typer.run(demo)"
PARTS = ("airtaxi", "routes", "docks", "flows")
PICTURES = (
    "airtaxi_map.png",
    "airtaxi_aircraft.png",
    "airtaxi_vertiports.png",
    "routes_map.png",
    "docks_doors.png",
    "flows_map.png",
)


def run(*arguments: str, seconds: float = 100) -> subprocess.CompletedProcess[str]:
    """Run the demo in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        capture_output=True,
        text=True,
        timeout=seconds,
        cwd=ROOT,
        check=False,
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """Run the demo once, with little time, 300 passengers and seed 5; return folder and JSON."""
    out = tmp_path_factory.mktemp("demo")
    ended = run("--out", str(out), "--seconds", "2", "--passengers", "300", "--seed", "5", "--json")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("\n") == 1
    return out, json.loads(ended.stdout)


def test_every_plan_is_judged_feasible(done: tuple[Path, dict[str, object]]) -> None:
    """All four parts report no violation, a cost, and figures."""
    _, summary = done
    assert summary["feasible"] is True
    parts = summary["parts"]
    assert isinstance(parts, dict)
    assert tuple(parts) == PARTS
    for part in parts.values():
        assert part["feasible"] is True
        assert part["violations"] == 0
        assert part["cost"] > 0
        assert part["figures"]


def test_docks_and_flows_prove_a_bound(done: tuple[Path, dict[str, object]]) -> None:
    """Their bounds are below their costs, and the gap is what lies between."""
    parts = done[1]["parts"]
    assert isinstance(parts, dict)
    for name in ("docks", "flows"):
        part = parts[name]
        assert part["bound"] <= part["cost"]
        assert part["gap"] == pytest.approx(1 - part["bound"] / part["cost"], abs=1e-6)


def test_every_file_is_there_and_nothing_else(done: tuple[Path, dict[str, object]]) -> None:
    """Plans, map data, pictures and the report; no temporary file stays."""
    out, _ = done
    plans = {f"{part}_plan.json" for part in PARTS}
    maps = {"airtaxi.geojson", "routes.geojson", "flows.geojson"}
    assert {path.name for path in out.iterdir()} == plans | maps | {*PICTURES, "report.html"}
    for name in plans | maps:
        assert isinstance(json.loads((out / name).read_text(encoding="utf-8")), dict)
    for name in PICTURES:
        assert size_of(out / name)[0] == 1690


def test_report_holds_all_parts_and_pictures(done: tuple[Path, dict[str, object]]) -> None:
    """One page with four parts, six pictures, and the assumptions of both scenarios."""
    html = (done[0] / "report.html").read_text(encoding="utf-8")
    assert html.count("data:image/png;base64,") == len(PICTURES)
    assert all(f'<section id="{part}"' in html for part in PARTS)
    assert "All 4 plans keep every rule" in html
    assert len(re.findall(r"<summary>.*?: [1-9]\d* assumptions", html)) == 2


def test_plan_file_is_judged_again_from_the_command_line(
    done: tuple[Path, dict[str, object]],
) -> None:
    """The air-taxi plan names its day; drawn anew, the checker finds nothing."""
    plan, source = load_plan(done[0] / "airtaxi_plan.json")
    problem = load_scenario(source.name).problem(passengers=source.passengers, seed=source.seed)
    assert (source.passengers, source.seed) == (300, 5)
    assert check(problem, plan).violations == ()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--seconds", "nan"), "TIME_LIMIT"),
        (("--seconds", "0"), "TIME_LIMIT"),
        (("--seed", "-1"), "SEED"),
        (("--passengers", "-1"), "OUT_OF_RANGE"),
        (("--out", "/dev/null"), "OUTPUT_UNWRITABLE"),
    ],
)
def test_bad_input_is_refused_before_anything_is_planned(
    arguments: tuple[str, ...], code: str
) -> None:
    """Exit code 2, the code on standard error, nothing on standard output."""
    ended = run(*arguments, seconds=30)
    assert ended.returncode == 2
    assert f"[{code}]" in ended.stderr
    assert ended.stdout == ""


def test_own_server_is_gone_afterwards() -> None:
    """The process listens inside the block and has ended after it."""
    import socket

    with own_server(workers=1, log_level="error") as address:
        host, port = address.rsplit(":", 1)
        socket.create_connection((host, int(port)), timeout=5).close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((host, int(port)), timeout=5)


def test_a_server_that_cannot_start_says_why() -> None:
    """A setting out of range ends the process; the error quotes its log."""
    with pytest.raises(ServerFailed, match="SETTING"), own_server(workers=0):
        raise AssertionError(READY)


def test_interrupt_ends_everything_soon(tmp_path: Path) -> None:
    """Ctrl-C in the middle of the solves: gone within seconds, server included."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            RUN,
            "--seconds",
            "60",
            "--passengers",
            "50",
            "--out",
            str(tmp_path),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    time.sleep(8)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    process.communicate(timeout=30)
    assert process.returncode in {130, 1, -signal.SIGINT}
    assert time.monotonic() - began < 20
    assert not (tmp_path / "report.html").exists()
