"""API keys: shown once, kept as hashes, refused once revoked."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from router.errors import InvalidInput
from server.access.keys import KeyFile
from server.access.keys_command import app


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a file that is not there yet."""
    return tmp_path / "keys.json"


def test_a_key_is_known_until_it_is_revoked(path: Path) -> None:
    """Another reader of the same file sees both changes."""
    keys, reader = KeyFile(path), KeyFile(path)
    secret = keys.create("city")
    found = reader.find(secret)
    assert found is not None
    assert found.workspace == "city"
    time.sleep(0.01)
    keys.revoke(found.id)
    assert reader.find(secret) is None
    assert keys.find(secret) is None


def test_the_file_holds_no_secret_and_is_for_its_owner(path: Path) -> None:
    """The secret part stands nowhere in the file, whose mode is 0600."""
    secret = KeyFile(path).create("city")
    assert secret.split("_", 2)[2] not in path.read_text()
    assert len(json.loads(path.read_text())["keys"][0]["sha256"]) == 64
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "alatau", "alatau_00000000_" + "x" * 43, "\0", "ключ"])
def test_what_is_no_key_is_not_found(path: Path, text: str) -> None:
    """Nothing of another form is, nor a key of the right form that was never made."""
    keys = KeyFile(path)
    secret = keys.create("city")
    assert keys.find(text) is None
    assert keys.find(secret + "x") is None
    assert keys.find(secret[:-1] + ("A" if secret[-1] != "A" else "B")) is None


def test_workspaces_and_ids_are_checked(path: Path) -> None:
    """A sentence each, and nothing is written."""
    with pytest.raises(InvalidInput, match="WORKSPACE"):
        KeyFile(path).create("../etc")
    with pytest.raises(InvalidInput, match="UNKNOWN_KEY"):
        KeyFile(path).revoke("00000000")
    assert not path.exists()


@pytest.mark.parametrize("text", [b"", b"[]", b'{"keys": [{"id": 1}]}', b'{"keys": 7}', b"\xff"])
def test_a_file_that_is_none_is_refused(path: Path, text: bytes) -> None:
    """Whatever it holds, one sentence says so."""
    path.write_bytes(text)
    with pytest.raises(InvalidInput, match="no file of API keys"):
        KeyFile(path).keys()


def test_a_file_that_went_bad_leaves_the_keys(path: Path) -> None:
    """Half written, the keys of before count; whole again, the new ones do."""
    keys = KeyFile(path)
    secret, whole = keys.create("city"), path.read_bytes()
    assert keys.find(secret) is not None
    path.write_bytes(whole[:-20])
    assert keys.find(secret) is not None
    assert keys.find("alatau_00000000_" + "x" * 43) is None
    path.write_bytes(b'{"keys": []}')
    assert keys.find(secret) is None


def test_the_command_makes_lists_and_revokes(path: Path) -> None:
    """The list shows id and workspace, never the secret."""
    run = CliRunner().invoke
    secret = run(app, ["create", "city", "--file", str(path)]).stdout.strip()
    key = KeyFile(path).find(secret)
    assert key is not None
    listed = run(app, ["list", "--file", str(path)]).stdout
    assert key.id in listed
    assert "city" in listed
    assert secret.split("_", 2)[2] not in listed
    assert run(app, ["revoke", key.id, "--file", str(path)]).exit_code == 0
    assert KeyFile(path).find(secret) is None
