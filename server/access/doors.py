"""Who is calling: known from the credentials of the call, never from the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from server.access.caller import ANYBODY, Caller
from server.access.keys import PREFIX, KeyFile
from server.errors import Reason, ServiceError

OPEN_METHODS = frozenset({"/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"})
"""What anybody may call: probes have no key."""


class Doorkeeper(Protocol):
    """Tells who the caller is."""

    async def caller(self, method: str, metadata: Mapping[str, str | bytes]) -> Caller:
        """Return the caller.

        Raises
        ------
        ServiceError
            UNAUTHENTICATED or NO_WORKSPACE, if the caller may not make this call.
        """
        ...

    def holds(self, metadata: Mapping[str, str | bytes]) -> bool:
        """Return whether credentials that were let in have not been revoked since."""
        ...


class OpenDoor:
    """Lets everybody in; for a server that only this machine can reach."""

    async def caller(self, method: str, metadata: Mapping[str, str | bytes]) -> Caller:
        """Return :data:`ANYBODY`."""
        return ANYBODY

    def holds(self, metadata: Mapping[str, str | bytes]) -> bool:
        """Return ``True``."""
        return True


class Credentials(Protocol):
    """One kind of bearer token."""

    def takes(self, token: str) -> bool:
        """Return whether a token has the form of this kind."""
        ...

    async def caller(self, token: str) -> Caller:
        """Return whose token it is.

        Raises
        ------
        ServiceError
            UNAUTHENTICATED or NO_WORKSPACE.
        """
        ...

    def holds(self, token: str) -> bool:
        """Return whether a token that counted has not been revoked since."""
        ...


class GuardedDoor:
    """Lets those in who send a bearer token that counts.

    Parameters
    ----------
    kinds
        Kinds of tokens; the first that takes a token judges it.
    """

    def __init__(self, kinds: Sequence[Credentials]) -> None:
        self._kinds = kinds

    async def caller(self, method: str, metadata: Mapping[str, str | bytes]) -> Caller:
        """Return whose bearer token was sent."""
        if method in OPEN_METHODS:
            return ANYBODY
        token = _bearer(metadata)
        if not token:
            text = "The call has no credentials; send `authorization: Bearer <key>`."
            raise ServiceError(Reason.UNAUTHENTICATED, text)
        for kind in self._kinds:
            if kind.takes(token):
                return await kind.caller(token)
        text = "The bearer token is of no kind that this server takes."
        raise ServiceError(Reason.UNAUTHENTICATED, text)

    def holds(self, metadata: Mapping[str, str | bytes]) -> bool:
        """Return whether the bearer token has not been revoked."""
        token = _bearer(metadata)
        return all(kind.holds(token) for kind in self._kinds if kind.takes(token))


def _bearer(metadata: Mapping[str, str | bytes]) -> str:
    """Return the bearer token, empty where there is none."""
    sent = metadata.get("authorization", "")
    scheme, _, token = sent.partition(" ") if isinstance(sent, str) else ("", "", "")
    return token.strip() if scheme.lower() == "bearer" else ""


class ApiKeys:
    """API keys as credentials.

    Parameters
    ----------
    keys
        The keys that count.
    """

    def __init__(self, keys: KeyFile) -> None:
        self._keys = keys

    def takes(self, token: str) -> bool:
        """Return whether the token begins as keys do."""
        return token.startswith(PREFIX)

    async def caller(self, token: str) -> Caller:
        """Return the workspace of a key."""
        key = self._keys.find(token)
        if key is None:
            text = "The API key is not known, or was revoked."
            raise ServiceError(Reason.UNAUTHENTICATED, text)
        return Caller(key.workspace, f"key {key.id}")

    def holds(self, token: str) -> bool:
        """Return whether the key is there and not revoked."""
        return self._keys.find(token) is not None
