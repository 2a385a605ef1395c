"""Settings that are wrong are refused with a sentence each."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.errors import InvalidInput
from server.command import read_settings
from server.settings import CONFIG_VARIABLE


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name a TOML file in the environment."""
    path = tmp_path / "alatau.toml"
    monkeypatch.setenv(CONFIG_VARIABLE, str(path))
    return path


def test_flags_beat_environment_beats_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file says 1, 2 and 3 workers, queue and seconds; two are said again elsewhere."""
    file.write_text("workers = 1\nqueue_limit = 2\ndefault_seconds = 3\n")
    monkeypatch.setenv("ALATAU_QUEUE_LIMIT", "20")
    monkeypatch.setenv("ALATAU_WORKERS", "10")
    settings = read_settings(workers=5)
    assert (settings.workers, settings.queue_limit, settings.default_seconds) == (5, 20, 3.0)


def test_every_wrong_setting_is_named(file: Path) -> None:
    """A port out of range and a name that is none: two violations."""
    file.write_text("prt = 3\n")
    with pytest.raises(InvalidInput) as refused:
        read_settings(port=99_999)
    found = {(v.code, v.path) for v in refused.value.violations}
    assert found == {("SETTING", "settings.port"), ("SETTING", "settings.prt")}


def test_a_file_that_is_no_toml_is_refused(file: Path) -> None:
    """The sentence names the file."""
    file.write_text("port = [\n")
    with pytest.raises(InvalidInput) as refused:
        read_settings()
    (violation,) = refused.value.violations
    assert violation.code == "SYNTAX"
    assert violation.path == str(file)
