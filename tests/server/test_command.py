"""Settings that are wrong are refused with a sentence each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from router.errors import InvalidInput
from server.configuration import effective, read_settings
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


def test_what_is_meant_is_guessed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable and a key that are none, each with the name that is near."""
    file.write_text("worker = 3\n")
    monkeypatch.setenv("ALATAU_PRT", "4")
    with pytest.raises(InvalidInput) as refused:
        read_settings()
    assert {v.path: v.message for v in refused.value.violations} == {
        "ALATAU_PRT": "is no setting. Did you mean ALATAU_PORT?",
        "settings.worker": "is no setting. Did you mean workers?",
    }


def test_the_effective_configuration(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each setting with its source; no password; what is printed can be read again."""
    file.write_text("queue_limit = 2\n[workspaces.city]\nrate_per_second = 5\n")
    monkeypatch.setenv("ALATAU_STORE", "postgresql+psycopg://alatau:hunter2@db/alatau")
    settings = read_settings(workers=5)
    text = effective(settings, ["workers"])
    assert "workers = 5  # flag" in text
    assert f"queue_limit = 2  # {file}" in text
    assert 'store = "postgresql+psycopg://alatau:***@db/alatau"  # environment' in text
    assert "port = 50051  # default" in text
    assert "# http_port is not set  # default" in text
    monkeypatch.delenv("ALATAU_STORE")
    file.write_text(text)
    again = read_settings()
    assert again.model_dump(exclude={"store"}) == settings.model_dump(exclude={"store"})


def test_a_command_prints_it() -> None:
    """``alatau serve --print-config`` prints and ends."""
    done = subprocess.run(
        [sys.executable, "-m", "server", "--print-config", "--port", "7"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "port = 7  # flag" in done.stdout


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        ({"jwt_keys": "k.json"}, "jwt_issuer"),
        ({"jwt_keys": "http://id.example/k", "jwt_issuer": "i", "jwt_audience": "a"}, "https"),
        ({"jwt_keys": "ftp://id.example/k", "jwt_issuer": "i", "jwt_audience": "a"}, "https"),
        ({"rate_per_second": 0}, "rate_per_second"),
        ({"workspaces": {"city": {"rate": 1}}}, "workspaces.city.rate"),
    ],
)
def test_settings_of_access_are_checked(flags: dict[str, object], wanted: str) -> None:
    """What would let forged tokens count, and limits that are none."""
    with pytest.raises(InvalidInput, match=wanted):
        read_settings(**flags)


def test_reflection_is_for_this_machine_alone() -> None:
    """Where others can reach the server it is off unless said."""
    away = {"host": "0.0.0.0", "keys_file": "k.json", "behind_proxy": True}
    assert read_settings().reflects
    assert not read_settings(**away).reflects
    assert read_settings(**away, reflection=True).reflects


def test_rules_between_settings_are_told_beside_wrong_values() -> None:
    """A rate below 0, half of TLS, tokens of nobody, no keys, no TLS: five sentences at once."""
    with pytest.raises(InvalidInput) as refused:
        read_settings(
            rate_per_second=-1, host="0.0.0.0", tls_private_key="k.pem", jwt_keys="ftp://x/k"
        )
    told = [f"{v.path}: {v.message}" for v in refused.value.violations]
    wanted = ("rate_per_second", "belong together", "jwt_issuer", "https URL", "in the open")
    assert len(told) == len(wanted)
    for line, word in zip(told, wanted, strict=True):
        assert word in line
        assert line.endswith(".") and not line.endswith("..")


def test_a_wrong_guard_brings_no_other_fault() -> None:
    """Keys that are no path are no missing keys."""
    with pytest.raises(InvalidInput) as refused:
        read_settings(host="0.0.0.0", keys_file=["x"], behind_proxy=True)
    assert [v.path for v in refused.value.violations] == ["settings.keys_file"]


def test_a_store_that_is_none_is_one_sentence() -> None:
    """It ends with one full stop."""
    with pytest.raises(InvalidInput, match="HOST/NAME\\. ") as refused:
        read_settings(store="mysql://x")
    assert len(refused.value.violations) == 1


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_refused(file: Path, content: bytes | None) -> None:
    """Bytes that are no text, or no file of the name that the variable says."""
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InvalidInput) as refused:
        read_settings()
    assert str(file) in str(refused.value)


def test_the_null_device_names_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wants no file at all, not even the usual one, says so."""
    monkeypatch.setenv("ALATAU_CONFIG", os.devnull)
    assert read_settings(port=7).port == 7


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ({"HOST": "203.0.113.9"}, "203.0.113.9:0: Cannot assign requested address."),
        ({"STORE": "sqlite:////proc/x.db"}, "/proc/x.db.lock cannot be used: No such file"),
        ({"TLS_CERTIFICATE": "absent.pem"}, "absent.pem"),
        ({"TLS_CERTIFICATE": "README.md"}, "README.md and README.md cannot be used for TLS"),
        ({"JWT_KEYS": "absent.json"}, "absent.json cannot be used: No such file"),
    ],
)
def test_a_server_that_cannot_start_says_why(settings: dict[str, str], cause: str) -> None:
    """One line that names the file or the address; nothing of any library's."""
    common = {"PORT": "0", "KEYS_FILE": "k.json", "BEHIND_PROXY": "1"}
    common |= {"JWT_ISSUER": "i", "JWT_AUDIENCE": "a", "STORE": "sqlite:////tmp/never.db"}
    if "TLS_CERTIFICATE" in settings:
        common["TLS_PRIVATE_KEY"] = settings["TLS_CERTIFICATE"]
    given = {f"ALATAU_{name}": value for name, value in (common | settings).items()}
    done = subprocess.run(
        [sys.executable, "-m", "server"],
        env=os.environ | given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith("serve: ")
    assert cause in last
    assert "Traceback" not in done.stderr
