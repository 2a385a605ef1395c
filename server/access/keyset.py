"""The public keys of token issuers (JWKS), from a file or a URL, kept fresh."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import jwt
import structlog

from router.errors import InvalidInput, Violation

KINDS = frozenset({"RSA", "EC", "OKP"})
"""Kinds of keys that count: a shared secret is none, for who can check could forge."""
FRESH_SECONDS = 300.0
"""How long fetched keys are used before they are fetched again."""
PAUSE_SECONDS = 10.0
"""Least time between two fetches, so that invented key ids cause no storm."""
FETCH_SECONDS = 5.0
"""Time of one fetch."""

_log = structlog.get_logger("alatau.tokens")

Keys = Mapping[str, jwt.PyJWK]


class KeySet(Protocol):
    """Finds keys by their ids."""

    async def find(self, name: str | None) -> jwt.PyJWK | None:
        """Return the key of an id; without an id the only key there is."""
        ...

    @property
    def count(self) -> int:
        """Keys that are known now."""
        ...


def of(source: str) -> KeySet:
    """Return the keys that a URL or a path names."""
    return KeySetUrl(source) if "://" in source else KeySetFile(Path(source))


class KeySetFile:
    """Keys in a JWKS file; a change is seen with the next call.

    Raises
    ------
    InvalidInput
        If the file has no keys that count.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._keys: Keys = {}
        self._refresh()

    async def find(self, name: str | None) -> jwt.PyJWK | None:
        """Return the key of an id; a file that went bad leaves the keys as they were."""
        try:
            self._refresh()
        except (OSError, InvalidInput) as fault:
            _log.error("keys of tokens not renewed", cause=str(fault))
        return _pick(self._keys, name)

    @property
    def count(self) -> int:
        """Keys that are known now."""
        return len(self._keys)

    def _refresh(self) -> None:
        about = self._path.stat()
        stamp = (about.st_mtime_ns, about.st_size)
        if stamp != self._stamp:
            self._keys = parsed(self._path.read_bytes(), str(self._path))
            self._stamp = stamp


class KeySetUrl:
    """Keys behind a URL, fetched in a thread.

    They are fetched again when they are older than :data:`FRESH_SECONDS` or do not
    have the key asked for. While the issuer does not answer, the old ones count.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._fetch = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=FETCH_SECONDS).fetch_data
        self._keys: Keys = {}
        self._fetched = self._tried = -float("inf")
        self._fetching = asyncio.Lock()

    async def find(self, name: str | None) -> jwt.PyJWK | None:
        """Return the key of an id."""
        if self._wanting(name):
            async with self._fetching:
                if self._wanting(name):
                    await self._renew()
        return _pick(self._keys, name)

    @property
    def count(self) -> int:
        """Keys that are known now."""
        return len(self._keys)

    def _wanting(self, name: str | None) -> bool:
        now = self._clock()
        known = _pick(self._keys, name) is not None and now - self._fetched < FRESH_SECONDS
        return not known and now - self._tried >= PAUSE_SECONDS

    async def _renew(self) -> None:
        self._tried = self._clock()
        try:
            found = await asyncio.to_thread(self._fetch)
            self._keys = parsed(json.dumps(found).encode(), self._url)
            self._fetched = self._tried
        except (jwt.PyJWTError, InvalidInput) as fault:
            _log.error("keys of tokens not fetched", cause=str(fault))


def parsed(text: bytes, source: str) -> Keys:
    """Return the keys in a JWKS document by their ids.

    Raises
    ------
    InvalidInput
        If it has none that count.
    """
    try:
        entries = [entry for entry in json.loads(text)["keys"] if entry.get("kty") in KINDS]
        keys = jwt.PyJWKSet(entries).keys
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError):
        sentence = "has no public keys (RSA, EC or OKP) in the form of a JWKS document."
        raise InvalidInput([Violation("SYNTAX", source, sentence)]) from None
    return {str(key.key_id): key for key in keys}


def _pick(keys: Keys, name: str | None) -> jwt.PyJWK | None:
    if name is None:
        return next(iter(keys.values())) if len(keys) == 1 else None
    return keys.get(name)
