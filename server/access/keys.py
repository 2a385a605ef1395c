"""API keys: made here, kept as hashes in a file, known again in constant time.

A key is ``alatau_<id>_<secret>``: the id is public and names the key in logs and
lists, the secret has 256 random bits and is shown once, so that a plain SHA-256
of it cannot be turned back. Each key belongs to one workspace.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from router.errors import InvalidInput, Violations
from router.formats.files import replacing

PREFIX = "alatau_"
"""What every key begins with."""
WORKSPACE = re.compile(r"[a-z][a-z0-9-]{0,62}")
"""What the name of a workspace looks like."""
_log = structlog.get_logger("alatau.keys")
_FORM = re.compile(r"alatau_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is kept of a key; times are ISO 8601 in UTC."""

    id: str
    workspace: str
    sha256: str
    created: str
    revoked: str | None = None


class KeyFile:
    """The keys in one file; a change is seen with the next call.

    Parameters
    ----------
    path
        JSON file; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._keys: Mapping[str, Key] = {}

    def keys(self) -> Mapping[str, Key]:
        """Return all keys by id, in the order they were made.

        Raises
        ------
        InvalidInput
            If the file is no list of keys.
        """
        try:
            about = self._path.stat()
        except FileNotFoundError:
            return {}
        stamp = (about.st_mtime_ns, about.st_size)
        if stamp != self._stamp:
            self._keys = _parsed(self._path.read_bytes(), self._path)
            self._stamp = stamp
        return self._keys

    def find(self, text: str) -> Key | None:
        """Return the key that a caller has shown, ``None`` if it is none or revoked.

        A file that cannot be read any more leaves the keys as they were.
        """
        form = _FORM.fullmatch(text)
        key = self._last_good().get(form[1]) if form else None
        known = key.sha256 if key is not None else "0" * 64
        same = hmac.compare_digest(_hashed(text), known)
        return key if key is not None and same and key.revoked is None else None

    def _last_good(self) -> Mapping[str, Key]:
        """Return all keys; a file that went bad leaves them as they were."""
        try:
            return self.keys()
        except (InvalidInput, OSError) as fault:
            _log.error("keys not renewed", cause=str(fault))
            return self._keys

    def create(self, workspace: str) -> str:
        """Add a key for a workspace and return it; it cannot be shown again.

        Raises
        ------
        InvalidInput
            If the workspace's name is not of the form ``a-z``, digits and ``-``.
        """
        found = Violations()
        if not WORKSPACE.fullmatch(workspace):
            text = f"is '{workspace}'; give a letter, then at most 62 of a-z, 0-9 and -."
            found.add("WORKSPACE", "workspace", text)
        found.raise_if_any()
        name = secrets.token_hex(4)
        secret = f"alatau_{name}_{secrets.token_urlsafe(32)}"
        key = Key(id=name, workspace=workspace, sha256=_hashed(secret), created=_now())
        self._write({**self.keys(), name: key})
        return secret

    def revoke(self, name: str) -> None:
        """Refuse a key from now on.

        Raises
        ------
        InvalidInput
            If there is no such key.
        """
        keys = dict(self.keys())
        if name not in keys:
            found = Violations()
            found.add("UNKNOWN_KEY", "id", f"'{name}' is no key of {self._path}.")
            found.raise_if_any()
        if keys[name].revoked is None:
            keys[name] = replace(keys[name], revoked=_now())
            self._write(keys)

    def _write(self, keys: Mapping[str, Key]) -> None:
        content = {"keys": [asdict(key) for key in keys.values()]}
        with replacing(self._path) as temporary:
            temporary.chmod(0o600)
            temporary.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def _parsed(text: bytes, path: Path) -> Mapping[str, Key]:
    try:
        keys = [Key(**entry) for entry in json.loads(text)["keys"]]
    except (ValueError, TypeError, KeyError):
        found = Violations()
        found.add("SYNTAX", str(path), "is no file of API keys; make one with `alatau keys`.")
        raise InvalidInput(found) from None
    return {key.id: key for key in keys}


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
