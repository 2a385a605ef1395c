"""Who is calling: known from the credentials of the call, never from the request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from router.errors import InvalidInput
from server.errors import Reason, ServiceError
from server.keys import KeyFile

LOCAL = "local"
"""Workspace of those who call without a key, where that is allowed."""
OPEN_METHODS = frozenset({"/grpc.health.v1.Health/Check"})
"""What anybody may call: probes have no key."""


class Doorkeeper(Protocol):
    """Tells the workspace of a caller."""

    def workspace(self, method: str, metadata: Mapping[str, str | bytes]) -> str:
        """Return the caller's workspace.

        Raises
        ------
        ServiceError
            UNAUTHENTICATED, if the caller may not make this call.
        """
        ...


class OpenDoor:
    """Lets everybody in; for a server that only this machine can reach."""

    def workspace(self, method: str, metadata: Mapping[str, str | bytes]) -> str:
        """Return :data:`LOCAL`."""
        return LOCAL


class KeyDoor:
    """Lets those in who have a key.

    Parameters
    ----------
    keys
        The keys that count.
    """

    def __init__(self, keys: KeyFile) -> None:
        self._keys = keys

    def workspace(self, method: str, metadata: Mapping[str, str | bytes]) -> str:
        """Return the workspace of the key that was sent as a bearer token."""
        if method in OPEN_METHODS:
            return LOCAL
        sent = metadata.get("authorization", "")
        scheme, _, token = sent.partition(" ") if isinstance(sent, str) else ("", "", "")
        if scheme.lower() != "bearer" or not token:
            text = "The call has no API key; send `authorization: Bearer <key>`."
            raise ServiceError(Reason.UNAUTHENTICATED, text)
        try:
            key = self._keys.find(token.strip())
        except InvalidInput as fault:
            raise RuntimeError(f"the file of keys cannot be read: {fault}") from fault
        if key is None:
            text = "The API key is not known, or was revoked."
            raise ServiceError(Reason.UNAUTHENTICATED, text)
        return key.workspace
