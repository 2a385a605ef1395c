"""The report is one page that needs nothing else, and says what was found."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from alatau.common.v1 import solving_pb2
from alatau.freight.v1 import routing_pb2, routing_service_pb2

from server.codecs.clock import Clock
from server.demo.part import Outcome, reasons_left
from server.demo.parts import routes
from server.demo.report import About, Assumption, assumptions_of, grouped, render
from tests.plots import tiny

ABOUT = About(
    title="One day <of> Alatau",
    version="0.1.0",
    command="alatau demo",
    seconds=20,
    seed=1,
    wall_seconds=61.2,
)


def outcome(folder: Path, *, feasible: bool = True) -> Outcome:
    """Return the tiny delivery day as if the service had planned it, its pictures drawn."""
    problem, plan = tiny.route_day()
    part = routes.part(problem, Clock(1_764_000_000))
    for picture in part.pictures:
        picture.draw(problem, plan, folder / picture.file)
    summary = solving_pb2.SolveSummary(objective=5, bound=4, gap=0.2, termination=2)
    for moment, value in ((1, 900), (2, 500)):
        summary.improvements.add(objective=value).elapsed.FromSeconds(moment)
    message = routing_pb2.RoutePlan(
        cost=solving_pb2.Cost(total=500, components={"prizes": 500}),
        unserved=[routing_pb2.UnservedTask(id="Shelek", reasons=[8, 1])],
        summary=summary,
    )
    verdict = routing_service_pb2.EvaluateRoutePlanResponse(feasible=feasible)
    if not feasible:
        verdict.violations.add(code="CAPACITY", path="routes[0]", message="carries <too> much.")
    return Outcome(
        part=part,
        message=message,
        plan=plan,
        verdict=verdict,
        seconds=3.2,
        figures=part.figures(problem, plan),
    )


def page(folder: Path, *, feasible: bool = True) -> str:
    """Return the page of one part."""
    assumed = {"Tiny": [Assumption("fleet", "two vans")]}
    return render([outcome(folder, feasible=feasible)], folder, assumed, ABOUT)


def test_page_fetches_nothing(tmp_path: Path) -> None:
    """Every source is a data URI, every link stays on the page, no script, no import."""
    html = page(tmp_path)
    assert re.findall(r'src="(?!data:image/png;base64,)', html) == []
    assert re.findall(r'href="(?!#)', html) == []
    assert not re.search(r"<script|@import|url\(", html)


def test_page_is_accessible(tmp_path: Path) -> None:
    """It has a language, a skip link, one h1, captions, and a text for each image."""
    html = page(tmp_path)
    assert '<html lang="en">' in html
    assert 'class="skip"' in html
    assert html.count("<h1") == 1
    assert html.count("<table") == html.count("<caption")
    assert re.findall(r"<img(?![^>]*alt=\"[^\"]{20,}\")", html) == []


def test_page_escapes_what_it_is_given(tmp_path: Path) -> None:
    """Names from scenarios cannot become markup."""
    html = page(tmp_path, feasible=False)
    assert "One day &lt;of&gt; Alatau" in html
    assert "carries &lt;too&gt; much." in html


@pytest.mark.parametrize("feasible", [True, False])
def test_page_tells_the_verdict(tmp_path: Path, *, feasible: bool) -> None:
    """A violation is named with its code, and the head says that a rule is broken."""
    html = page(tmp_path, feasible=feasible)
    assert ("keep every rule" in html) is feasible
    assert ("<code>CAPACITY</code>" in html and "Rules broken" in html) is not feasible


def test_page_shows_cost_bound_gap_and_reasons(tmp_path: Path) -> None:
    """5 tenge for the order left out, a gap of 20 per cent, and the reason that binds first."""
    html = page(tmp_path)
    assert "20.00\u00a0%" in html
    assert "not worth it <code>NOT_WORTH_IT</code>" in html
    assert "from 9\u00a0KZT to 5\u00a0KZT" in html
    assert "two vans" in html


def test_reasons_count_the_first_of_each_item(tmp_path: Path) -> None:
    """One order has two reasons; only the first counts."""
    assert reasons_left(outcome(tmp_path).message) == [("unserved", "NOT_WORTH_IT", 1)]


def test_assumptions_are_found_wherever_they_stand() -> None:
    """In a mapping, in a list by the item's id, and grouped where the text is the same."""
    data = {
        "vertiports": [{"id": "ALA", "assumption": "pads"}, {"id": "CTR", "assumption": "pads"}],
        "demand": {"assumption": "shape", "flows": [{"share": 1}]},
    }
    assert grouped(assumptions_of(data)) == [
        Assumption("vertiports ALA, vertiports CTR", "pads"),
        Assumption("demand", "shape"),
    ]


def test_part_names_lists_with_reasons_only() -> None:
    """A message without such lists has nothing left undone."""
    empty = SimpleNamespace(DESCRIPTOR=solving_pb2.Cost.DESCRIPTOR)
    assert reasons_left(empty) == []


def test_a_search_without_progress_gets_no_curve(tmp_path: Path) -> None:
    """From 500 to 499 is a fifth of a per cent: a flat line would tell nothing."""
    shown = outcome(tmp_path)
    shown.message.summary.improvements[0].objective = 500
    shown.message.summary.improvements[1].objective = 499
    html = render([shown], tmp_path, {}, ABOUT)
    assert "<polyline" not in html
    assert "<polyline" in page(tmp_path)
