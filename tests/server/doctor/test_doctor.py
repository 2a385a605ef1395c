"""``alatau doctor``: each thing that can be wrong is found and said in a sentence."""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
import trustme
from typer import Typer
from typer.testing import CliRunner

from server.access.keys import KeyFile
from server.doctor import entrance, machine, storage, workers
from server.doctor.command import doctor
from server.doctor.finding import Finding, Level
from server.settings import Settings
from server.store.engine import open_engine
from server.store.migrate import upgrade
from tests.server import certificates

Check = Callable[[Settings], Iterator[Finding]]
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of its own."""
    monkeypatch.chdir(tmp_path)


def level(check: Check, wanted: str, **settings: Any) -> Level:
    """Return the worst level that a check finds; one sentence has the words wanted."""
    found = list(check(Settings(**settings)))
    assert any(wanted in finding.sentence for finding in found), found
    assert all(finding.sentence.rstrip().endswith((".", "?", "]")) for finding in found), found
    order = [Level.OK, Level.WARN, Level.FAIL]
    return max((finding.level for finding in found), key=order.index)


def test_the_core_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that is none is said."""
    assert level(machine.core, f"{len(machine.CORES)} compiled modules") is Level.OK
    monkeypatch.setattr(machine, "CORES", ("_core", "_nothing"))
    assert level(machine.core, "router._nothing cannot be loaded") is Level.FAIL


def test_a_clock_that_is_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Earlier than the installation is impossible."""
    assert level(machine.clock, "It is ") is Level.OK
    monkeypatch.setattr("time.time", lambda: 1e9)
    assert level(machine.clock, "behind the installation") is Level.FAIL


class Usage(NamedTuple):
    """What the system says of a disk."""

    free: int


@pytest.mark.parametrize(
    ("free", "expected"), [(2**34, Level.OK), (2**29, Level.WARN), (2**20, Level.FAIL)]
)
def test_disks(monkeypatch: pytest.MonkeyPatch, free: int, expected: Level) -> None:
    """16 GiB are enough, 512 MiB little, 1 MiB too little; the server makes folders."""
    monkeypatch.setattr("shutil.disk_usage", lambda folder: Usage(free))
    assert level(machine.disk, f"{free // 2**20} MiB free") is expected
    assert level(machine.disk, "is no folder", store="sqlite:////etc/hosts/x.db") is Level.FAIL
    assert level(machine.disk, "/proc has", store="sqlite:////proc/none/x.db") is expected


def test_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred workers need more than 1 GiB."""
    monkeypatch.setattr(machine, "_available", lambda: 2**30)
    assert level(machine.memory, "3 workers", workers=1, job_workers=1) is Level.OK
    assert level(machine.memory, "or fewer workers", workers=98, job_workers=1) is Level.WARN


def test_ports() -> None:
    """A taken port is said; HTTP may be off."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert level(entrance.ports, "is a server running", port=port) is Level.FAIL
        assert level(entrance.ports, "HTTP cannot listen", port=0, http_port=port) is Level.FAIL
    assert level(entrance.ports, "HTTP is off", port=0) is Level.OK
    away = {"host": "203.0.113.9", "keys_file": "k.json", "behind_proxy": True}
    text = "203.0.113.9:50051: Cannot assign requested address."
    assert level(entrance.ports, text, **away) is Level.FAIL


def test_keys(tmp_path: Path) -> None:
    """Missing, readable by others, broken, without a key that counts."""
    file = tmp_path / "keys.json"
    assert level(entrance.keys, "is not there", keys_file=file) is Level.FAIL
    keys = KeyFile(file)
    name = keys.create("city").split("_")[1]
    assert level(entrance.keys, "has 1 keys that count", keys_file=file) is Level.OK
    file.chmod(0o644)
    assert level(entrance.keys, "chmod 600", keys_file=file) is Level.WARN
    keys.revoke(name)
    assert level(entrance.keys, "no key that counts", keys_file=file) is Level.WARN
    file.write_text("broken")
    assert level(entrance.keys, "cannot be used", keys_file=file) is Level.FAIL


def test_token_keys(tmp_path: Path) -> None:
    """A file that is none fails; an issuer that is down is worth a look."""
    file = tmp_path / "jwks.json"
    file.write_text("{}")
    issuer = {"jwt_issuer": "i", "jwt_audience": "a"}
    assert level(entrance.tokens, "cannot be used", jwt_keys=str(file), **issuer) is Level.FAIL
    down = "http://127.0.0.1:9/keys"
    assert level(entrance.tokens, "gives no keys now", jwt_keys=down, **issuer) is Level.WARN
    assert list(entrance.tokens(Settings())) == []


@pytest.mark.parametrize(
    ("days", "wanted", "expected"),
    [
        (100, "is valid until", Level.OK),
        (5, "renew it soon", Level.WARN),
        (-1, "ended", Level.FAIL),
    ],
)
def test_certificates_end(tmp_path: Path, days: int, wanted: str, expected: Level) -> None:
    """In a hundred days, in five, yesterday."""
    leaf = trustme.CA().issue_cert("localhost", not_after=dt.datetime.now(dt.UTC) + days * DAY)
    chain, key = certificates.write(leaf, tmp_path, "server")
    settings = {"tls_certificate": chain, "tls_private_key": key}
    assert level(entrance.certificates, wanted, **settings) is expected


def test_certificates_that_cannot_be_used(tmp_path: Path) -> None:
    """A key of another certificate, a key for all to read, an authority that is none."""
    ca = trustme.CA()
    chain, key = certificates.write(ca.issue_cert("localhost"), tmp_path, "server")
    _, other = certificates.write(ca.issue_cert("localhost"), tmp_path, "other")
    found = {"tls_certificate": chain, "tls_private_key": other}
    assert level(entrance.certificates, "cannot be used together", **found) is Level.FAIL
    found["tls_private_key"] = key
    key.chmod(0o640)
    assert level(entrance.certificates, "can be read by others (640)", **found) is Level.WARN
    key.chmod(0o600)
    authority = certificates.authority(ca, tmp_path, "clients")
    ours = {**found, "tls_client_authority": authority}
    assert level(entrance.certificates, "has 1 certificates that sign", **ours) is Level.OK
    authority.write_text("none")
    assert level(entrance.certificates, "cannot be used", **ours) is Level.FAIL


def test_stores(tmp_path: Path) -> None:
    """Not there yet, empty, of this version, of a newer one, broken, out of reach."""
    file = tmp_path / "jobs.db"
    url = f"sqlite:///{file}"
    assert level(storage.store, "is not there yet", store=url) is Level.OK
    file.touch()
    assert level(storage.store, "brings its tables from None", store=url) is Level.OK
    engine = open_engine(url)
    upgrade(engine)
    assert level(storage.store, "of this version", store=url) is Level.OK
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert level(storage.store, "is of a newer version", store=url) is Level.FAIL
    file.write_bytes(b"no database" * 1000)
    assert level(storage.store, "cannot be used", store=url) is Level.FAIL
    away = "postgresql://alatau:hunter2@127.0.0.1:9/alatau"
    assert level(storage.store, "postgresql://alatau:***@", store=away) is Level.FAIL


def test_workers_solve(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real worker finds the only plan; one that cannot start is said."""
    assert level(workers.workers, "solved a problem", worker_memory_mib=512) is Level.OK
    monkeypatch.setenv("ALATAU_JOB_MODULES", "nothing.there")
    assert level(workers.workers, "cannot be started") is Level.FAIL


def test_the_command_sums_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """All is well: 0 and a line each. A port is taken: 1. JSON has the same."""
    monkeypatch.setattr("server.doctor.command.CHECKS", (machine.core, entrance.ports))
    monkeypatch.setenv("ALATAU_PORT", "0")
    app = Typer()
    app.command()(doctor)
    done = CliRunner().invoke(app, [])
    assert done.exit_code == 0, done.output
    assert [line.split()[:2] for line in done.output.splitlines()] == [
        ["ok", "core"],
        ["ok", "ports"],
        ["ok", "ports"],
    ]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("ALATAU_PORT", str(taken.getsockname()[1]))
        failed = CliRunner().invoke(app, ["--json"])
    assert failed.exit_code == 1
    levels = [finding["level"] for finding in json.loads(failed.output)["findings"]]
    assert levels == ["ok", "fail", "ok"]
    assert not (Path.cwd() / "alatau.db").exists()
    assert os.listdir() == []
