"""``docs/serving.md`` has every setting and every figure, and none that is gone."""

from __future__ import annotations

import re
from pathlib import Path

from server.settings import Settings
from server.telemetry.metrics import Meters

PAGE = (Path(__file__).parents[2] / "docs" / "serving.md").read_text(encoding="utf-8")


def table(head: str) -> str:
    """Return the rows of the table that begins with a head."""
    return PAGE.partition(head)[2].partition("\n\n")[0]


def test_every_setting_is_told() -> None:
    """The first column of the table of settings."""
    told = set()
    for row in re.findall(
        r"^\| ([^|]+) \|", table("| Setting | Default | Meaning |"), re.MULTILINE
    ):
        told |= set(re.findall(r"`([a-z_]+)`", row))
    assert told == set(Settings.model_fields)


def test_every_figure_is_told() -> None:
    """Counters and histograms; gauges are made by the server as it starts."""
    told = set(re.findall(r"`(alatau_[a-z_]+)`", table("| Figure | Labels | What |")))
    families = re.findall(r"^# TYPE (alatau_\w+) ", Meters().text()[0].decode(), re.MULTILINE)
    assert set(families) - told == set()
    gauges = {"alatau_requests_in_progress", "alatau_queue_depth"}
    gauges |= {"alatau_workers", "alatau_workers_busy"}
    assert told - set(families) == gauges
