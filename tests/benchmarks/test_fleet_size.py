"""The command on published days, with a schedule of its own."""

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.__main__ import application
from router.airtaxi.fleet_size.published import published_network, read_schedules

ROWS = """month,day,depart_min,od,num_pax
1,1,481.0,LAX_DTLA,4
1,1,483.0,LAX_DTLA,2
1,1,487.5,LAX_DTLA,3
1,1,1440.0,DTLA_LAX,1
1,2,481.0,DTLA_LAX,1
1,2,,DTLA_LAX,1
"""


@pytest.fixture
def schedules(tmp_path: Path) -> Path:
    """Return a folder with a schedule of two days and one published value."""
    with gzip.open(tmp_path / "schedule_alpha_7_demand_500.csv.gz", "wt") as file:
        file.write(ROWS)
    (tmp_path / "fleetsize_results.csv").write_text(
        "dataset,month,day,fleet_size\nalpha_7_demand_500,1,1,3\n"
    )
    return tmp_path


def call(schedules: Path, *words: str) -> list[dict[str, object]]:
    """Return the JSON lines of one call."""
    arguments = ["quality", "fleet_size", "--schedules", str(schedules), "--json", *words]
    result = CliRunner().invoke(application(arguments), arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_minutes_become_steps_and_midnight_is_left_out(schedules: Path) -> None:
    """Minute 481 is bin 96, step 97; minute 1440 is no bin of the day."""
    day = read_schedules(schedules / "schedule_alpha_7_demand_500.csv.gz")[1, 1]
    assert day.flights[0, 97] == 2
    assert day.passengers[0, 97] == 6
    assert day.flights.sum() == 3


def test_the_clean_network_has_77_charges_of_528() -> None:
    """As counted for the reference's charging times."""
    assert [len(own) for own in published_network("clean").charges] == [77, 77]
    assert [len(own) for own in published_network("parity").charges] == [528, 528]


@pytest.mark.parametrize("mode", ["clean", "parity"])
def test_three_flights_in_two_steps_need_three_aircraft(schedules: Path, mode: str) -> None:
    """Two leave at step 97 and one at 98, all from the same side."""
    (row,) = call(schedules, "--days", "1-1", "--mode", mode)
    assert (row["fleet"], row["bound"], row["proven"]) == (3, 3, True)
    assert (row["month"], row["day"], row["mode"], row["published"]) == (1, 1, mode, 3)


def test_all_days_are_sized_where_none_is_named(schedules: Path) -> None:
    """The second day has one flight left: its row without a minute is no flight."""
    assert [(r["day"], r["fleet"]) for r in call(schedules)] == [(1, 3), (2, 1)]
