"""Doors and limits as the settings say."""

from __future__ import annotations

from server.access import keyset
from server.access.doors import ApiKeys, Credentials, Doorkeeper, GuardedDoor, OpenDoor
from server.access.keys import KeyFile
from server.access.limits import Allowance, Limits
from server.access.tokens import Tokens
from server.settings import Settings


def door(settings: Settings) -> Doorkeeper:
    """Return who lets callers in.

    Raises
    ------
    InvalidInput
        If a file of keys is none.
    """
    kinds: list[Credentials] = []
    if settings.keys_file is not None:
        keys = KeyFile(settings.keys_file)
        keys.keys()
        kinds.append(ApiKeys(keys))
    if settings.jwt_keys is not None:
        tokens = Tokens(
            keyset.of(settings.jwt_keys),
            issuer=settings.jwt_issuer or "",
            audience=settings.jwt_audience or "",
            claim=settings.jwt_workspace_claim,
            leeway=settings.jwt_leeway_seconds,
        )
        kinds.append(tokens)
    return GuardedDoor(kinds) if kinds else OpenDoor()


def limits(settings: Settings) -> Limits:
    """Return what each workspace may do."""
    usual = Allowance(
        settings.rate_per_second,
        settings.rate_burst,
        settings.workspace_solves,
        settings.workspace_jobs,
    )
    named = {
        name: Allowance(
            own.rate_per_second or usual.rate,
            own.rate_burst or usual.burst,
            own.workspace_solves or usual.solves,
            own.workspace_jobs or usual.jobs,
        )
        for name, own in settings.workspaces.items()
    }
    return Limits(usual, named)
