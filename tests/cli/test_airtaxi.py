"""``alatau airtaxi``: what it prints, writes and answers to bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from router.airtaxi.plan_file import load_plan
from router.cli.main import main
from tests.airtaxi.test_scenario import TINY
from tests.plots.png import size_of

PROMISED_KEYS = {
    "value",
    "bound",
    "gap",
    "served_trips",
    "served_passengers",
    "flights",
    "empty_flights",
    "violations",
    "seconds",
}


def run(*arguments: object) -> int:
    """Run the command and return its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(["airtaxi", *map(str, arguments)])
    return int(ended.value.code or 0)


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the one JSON object on standard output."""
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Return the path of the tiny scenario."""
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY, encoding="utf-8")
    return path


def test_plan_and_check_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The demand is drawn again from what the plan file says; nothing is broken."""
    out = tmp_path / "new" / "plan.json"
    given = ("--passengers", 120, "--seconds", 1, "--seed", 7, "--out", out, "--json")
    assert run("plan", "alatau-almaty", *given) == 0
    planned = answer(capsys)
    assert planned.keys() >= PROMISED_KEYS
    assert planned["violations"] == []
    assert planned["bound"] is None or planned["bound"] >= planned["value"]
    assert 0 < planned["served_passengers"] <= 120
    assert run("check", "alatau-almaty", out, "--json") == 0
    checked = answer(capsys)
    assert checked == planned


def test_the_tiny_day(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One trip worth 100, one flight, no cost; charge is left for the end of the day."""
    assert run("plan", tiny, "--seconds", 1, "--json") == 0
    found = answer(capsys)
    assert (found["value"], found["served_trips"], found["flights"]) == (100, 1, 1)


def test_tables_for_people(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json: figures and a line for each aircraft."""
    assert run("plan", tiny, "--seconds", 1) == 0
    out = capsys.readouterr().out
    assert "passengers served" in out
    assert "1 of 1" in out


def test_check_names_every_broken_rule(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plan that never flies breaks nothing but its silence about the trip; exit code 1."""
    plan = tmp_path / "plan.json"
    plan.write_text('{"format": "alatau.airtaxi.plan/1", "flights": [], "charges": []}')
    assert run("check", tiny, plan, "--json") == 1
    found = answer(capsys)
    assert [v["code"] for v in found["violations"]] == ["UNSERVED_LIST"]
    assert run("check", tiny, plan) == 1
    assert "UNSERVED_LIST" in capsys.readouterr().err


def test_a_promise_that_cannot_be_kept_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The promised trip leaves before its vertiport opens: exit code 1 and the reason."""
    text = TINY.replace("value: 100", "value: 100, promised: true")
    text = text.replace('["07:00", "07:10"]', '["03:00", "03:10"]')
    path = tmp_path / "closed.yaml"
    path.write_text(text, encoding="utf-8")
    assert run("plan", path, "--seconds", 1, "--json") == 1
    assert answer(capsys)["infeasible"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("plan", "nowhere"), "FILE_NOT_FOUND"),
        (("plan", "nowhere.yaml"), "FILE_NOT_FOUND"),
        (("plan", "alatau-almaty", "--passengers", "-1"), "OUT_OF_RANGE"),
        (("plan", "alatau-almaty", "--seconds", "0"), "TIME_LIMIT"),
        (("plan", "alatau-almaty", "--seconds", "nan"), "TIME_LIMIT"),
        (("plan", "alatau-almaty", "--seed", "-1"), "SEED"),
        (("check", "alatau-almaty", "nowhere.json"), "FILE_NOT_FOUND"),
    ],
)
def test_bad_input_is_told_on_standard_error(
    arguments: tuple[str, ...], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, nothing on standard output."""
    assert run(*arguments, "--json") == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert f"[{code}]" in told.err


def test_every_fault_of_a_scenario_is_a_line(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three faults, three lines with file and line; no plan file is written."""
    text = TINY.replace(
        "pads: 1, stands: 2, chargers", "pads: .nan, stands: -2, speed: 1, chargers"
    )
    tiny.write_text(text, encoding="utf-8")
    out = tmp_path / "plan.json"
    assert run("plan", tiny, "--out", out) == 2
    assert not out.exists()
    assert "tiny.yaml:4: vertiports[0].pads" in capsys.readouterr().err
    tiny.write_text(text.replace(".nan", "0"), encoding="utf-8")
    assert run("plan", tiny, "--out", out) == 2
    assert capsys.readouterr().err.count("\n") == 3


def test_a_plan_file_is_validated(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two faults of the schema, then a cost that does not sum up."""
    plan = tmp_path / "plan.json"
    plan.write_text('{"format": "x", "flights": 3, "charges": []}')
    assert run("check", tiny, plan) == 2
    assert capsys.readouterr().err.count("\n") == 2
    plan.write_text(
        '{"format": "alatau.airtaxi.plan/1", "flights": [], "charges": [], '
        '"cost": {"total": 3, "components": {"flying": 2}}}'
    )
    assert run("check", tiny, plan) == 2
    assert "[COST]" in capsys.readouterr().err


def test_a_plan_file_reads_back_as_it_was(tiny: Path, tmp_path: Path) -> None:
    """Flights, charges, reasons, money, bound."""
    out = tmp_path / "plan.json"
    assert run("plan", tiny, "--seconds", 1, "--seed", 5, "--out", out, "--json") == 0
    plan, source = load_plan(out)
    assert plan.flights[0].trips == ("one",)
    assert source.seed == 5
    assert plan.revenue == 100


def test_compare_puts_two_days_side_by_side(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The fare of 100 against half of it; nothing else differs."""
    picture = tmp_path / "both.png"
    given = ("--change", "fares=x0.5", "--seconds", 1, "--picture", picture)
    assert run("compare", tiny, *given, "--json") == 0
    found = answer(capsys)
    assert (found["a"]["value"], found["b"]["value"]) == (100, 50)
    assert found["value_difference"] == -50
    assert found["b"]["name"] == "fares=x0.5"
    assert found["a"]["violations"] == found["b"]["violations"] == []
    assert size_of(picture)[0] > 1000
    assert run("compare", tiny, tiny, "--seconds", 1) == 0
    out = capsys.readouterr().out
    assert "load factor" in out
    assert "The best plan of B is worth between" in out or "by proof" in out


def test_compare_needs_something_to_compare(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No second day; two bad changes, two lines; no picture is left behind."""
    assert run("compare", tiny) == 2
    capsys.readouterr()
    picture = tmp_path / "no.png"
    bad = ("--change", "wings=2", "--change", "fleet=some", "--picture", picture)
    assert run("compare", tiny, *bad, "--json") == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("[CHANGE]") == 2
    assert not picture.exists()


def test_plan_reports_seats_waiting_energy_and_power(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One passenger on four seats who leaves when asked for; 500 of 1,000 Wh are flown."""
    assert run("plan", tiny, "--seconds", 1, "--json") == 0
    found = answer(capsys)
    assert (found["load_factor"], found["empty_share"]) == (0.25, 0.0)
    assert found["waiting_s"]["max"] <= 600
    assert found["peak_power_w"] == {"A": found["peak_power_w"]["A"]}


def test_simulate_flies_a_plan_on_random_days(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same days twice; without chance each is worth what is planned."""
    plan, out, picture = tmp_path / "plan.json", tmp_path / "days.json", tmp_path / "days.png"
    assert run("plan", tiny, "--seconds", 1, "--out", plan, "--json") == 0
    capsys.readouterr()
    given = ("--days", 5, "--level", "hard", "--out", out, "--picture", picture, "--json")
    assert run("simulate", tiny, plan, *given) == 0
    first = answer(capsys)
    assert run("simulate", tiny, plan, *given) == 0
    assert {**answer(capsys), "seconds": 0} == {**first, "seconds": 0}
    assert (first["days"], first["flights_a_day"], first["planned_value"]) == (5, 1, 100)
    assert len(json.loads(out.read_text())["by_day"]) == 5
    assert size_of(picture)[0] > 1000
    assert run("simulate", tiny, "--seconds", 1, "--days", 2, "--level", "none", "--json") == 0
    calm = answer(capsys)["spreads"]
    assert (calm["value"]["min"], calm["on_time_share"]["min"]) == (100, 1.0)
    assert run("simulate", tiny, plan, "--days", 2) == 0
    assert "on time share" in capsys.readouterr().out


def test_simulate_tells_bad_input(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A level and a number that are none; no day."""
    assert run("simulate", tiny, "--level", "mild", "--draw", "luck=1", "--json") == 2
    assert capsys.readouterr().err.count("[UNCERTAINTY]") == 2
    assert run("simulate", tiny, "--seconds", 1, "--days", 0, "--json") == 2
    assert "[DAYS]" in capsys.readouterr().err


def test_size_tells_the_fleet_its_proof_and_what_fewer_lose(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One party of one: one aircraft, proven; none loses it."""
    scenario, picture = tmp_path / "tiny.yaml", tmp_path / "size.png"
    scenario.write_text(TINY)
    words = ("--fleets", "0,1", "--change", "chargers=+1", "--seconds", "2", "--json")
    assert run("size", scenario, *words, "--picture", picture) == 0
    given, changed = answer(capsys)["cases"]
    assert (given["fleet"], given["bound"], given["proven"]) == (1, 1, True)
    assert [(p["fleet"], p["lost"], p["bound"]) for p in given["fleets"]] == [(0, 1, 1), (1, 0, 0)]
    assert (given["name"], changed["name"]) == ("as given", "chargers=+1")
    assert size_of(picture)[0] > 500


def test_size_reads_published_schedules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two departures in a step need two aircraft; a day that is not there is told."""
    schedule = tmp_path / "schedule.csv"
    rows = ("1,1,481,LAX_DTLA,4", "1,1,483,LAX_DTLA,2")
    schedule.write_text("month,day,depart_min,od,num_pax\n" + "\n".join(rows) + "\n")
    assert run("size", schedule, "--fleets", "1", "--seconds", "5", "--json") == 0
    (found,) = answer(capsys)["cases"]
    assert (found["name"], found["fleet"], found["proven"]) == ("1-1", 2, True)
    assert [p["lost"] for p in found["fleets"]] == [2]
    assert run("size", schedule, "--days", "2-1") == 2
    assert "DAY" in capsys.readouterr().err


def test_size_tells_all_faults_of_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    """Fleets that are none; a policy that is none."""
    assert run("size", "alatau-almaty", "--fleets", "9-3,x") == 2
    assert capsys.readouterr().err.count("[FLEETS]") == 2
    assert run("size", "alatau-almaty", "--policies", "often") == 2
    assert "[POLICY]" in capsys.readouterr().err
