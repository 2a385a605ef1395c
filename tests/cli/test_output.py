"""Tables, progress and JSON read as promised."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from router.cli import output
from router.solving import Progress, Silent


def rendered(what: object) -> str:
    """Return a rich object as plain text, 80 columns wide."""
    console = Console(file=io.StringIO(), width=80, force_terminal=False)
    console.print(what)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (True, "yes"), (False, "no"), (12500, "12 500"), (0.03125, "0.031"), ("a", "a")],
)
def test_values_read_as_people_write_them(value: object, text: str) -> None:
    """Thousands are separated by a space that does not break the line."""
    assert output.text_of(value).replace("\u202f", " ") == text


def test_numbers_stand_to_the_right() -> None:
    """In a column with 7 and 1 000 the seven ends where the thousand ends."""
    lines = rendered(output.table("Costs", ["part", "cost"], [["fixed", 7], ["all", 1000]]))
    seven = next(line for line in lines.splitlines() if "fixed" in line)
    thousand = next(line for line in lines.splitlines() if "all" in line)
    assert seven.rindex("7") == thousand.rindex("0")


def test_figures_show_each_value() -> None:
    """Two values give two rows under the title."""
    text = rendered(output.figures("Plan", {"served": 12, "gap": None}))
    assert "Plan" in text
    assert "12" in text
    assert "–" in text


def test_json_is_one_line_and_refuses_nan(capsys: pytest.CaptureFixture[str]) -> None:
    """One object a call; NaN is no JSON and would break the reader."""
    output.print_json({"gap": None, "routes": [1, 2]})
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert json.loads(out) == {"gap": None, "routes": [1, 2]}
    with pytest.raises(ValueError, match="JSON"):
        output.print_json({"gap": float("nan")})
    assert capsys.readouterr().out == ""


def test_progress_in_words() -> None:
    """Objective 200 over bound 190: the gap is 10 / 200 = 5 %."""
    words = output.describe(Progress(seconds=1, objective=200.0, bound=190.0, served=3, total=4))
    assert words == "best 200, bound 190, gap 5.00%, served 3/4"
    assert output.describe(Progress(seconds=1)) == ""


def test_no_bar_where_nobody_looks() -> None:
    """Standard error is no terminal under the test: the monitor is silent."""
    with output.progress_bar("Search", 1.0) as monitor:
        assert isinstance(monitor, Silent)


def test_bar_follows_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the bar stands at the seconds passed and shows the figures."""
    terminal = Console(file=io.StringIO(), force_terminal=True, width=100)
    monkeypatch.setattr(output, "error_console", lambda: terminal)
    with output.progress_bar("Search", 10.0) as monitor:
        assert isinstance(monitor, output.BarMonitor)
        monitor.report(Progress(seconds=4.0, objective=7.0))
        task = monitor._bar.tasks[0]
        assert task.completed == 4.0
        assert task.fields["detail"] == "best 7"
        assert monitor.stopped() is False
