"""JSON web tokens as credentials: signed by an issuer that the operator named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt

from server.access.caller import Caller
from server.access.keys import WORKSPACE
from server.access.keyset import KeySet
from server.errors import Reason, ServiceError

ALGORITHMS = ("RS256", "ES256", "EdDSA")
"""Signatures that count."""
LONGEST = 8192
"""Most characters of a token."""
_SENTENCES: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "The token has expired."),
    (jwt.ImmatureSignatureError, "The token does not count yet."),
    (jwt.InvalidAudienceError, "The token is for another audience."),
    (jwt.InvalidIssuerError, "The token is of another issuer."),
    (jwt.MissingRequiredClaimError, "The token lacks one of exp, iss and aud."),
    (jwt.InvalidAlgorithmError, f"The token is not signed by one of {', '.join(ALGORITHMS)}."),
    (jwt.InvalidSignatureError, "The token's signature is wrong."),
)


class Tokens:
    """Judges tokens.

    Parameters
    ----------
    keys
        Public keys of the issuer.
    issuer, audience
        What the claims ``iss`` and ``aud`` have to say.
    claim
        The claim that names the caller's workspace.
    leeway
        Seconds by which clocks may differ.
    """

    def __init__(
        self, keys: KeySet, *, issuer: str, audience: str, claim: str, leeway: float
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._claim = claim
        self._leeway = leeway

    def takes(self, token: str) -> bool:
        """Return whether it has the three parts of a token."""
        return token.count(".") == 2

    def holds(self, token: str) -> bool:
        """Return ``True``: tokens end by themselves, and not the calls begun before."""
        return True

    async def caller(self, token: str) -> Caller:
        """Return whose token it is."""
        claims = await self._claims(token)
        workspace = claims.get(self._claim)
        if not (isinstance(workspace, str) and WORKSPACE.fullmatch(workspace)):
            text = f"The token's claim '{self._claim}' names no workspace."
            raise ServiceError(Reason.NO_WORKSPACE, text, {"claim": self._claim})
        subject = "".join(c for c in str(claims.get("sub", "?")) if c.isprintable())
        return Caller(workspace, f"token {subject[:64]}")

    async def _claims(self, token: str) -> Mapping[str, Any]:
        try:
            if len(token) > LONGEST:
                raise jwt.DecodeError
            head = jwt.get_unverified_header(token)
            if head.get("alg") not in ALGORITHMS:
                raise jwt.InvalidAlgorithmError
            key = await self._keys.find(head.get("kid"))
            if key is None:
                text = "The token is signed by a key that the issuer does not have."
                raise ServiceError(Reason.UNAUTHENTICATED, text)
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self._audience,
                issuer=self._issuer,
                leeway=self._leeway,
                options={"require": ["exp", "iss", "aud"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as fault:
            told = (text for kind, text in _SENTENCES if isinstance(fault, kind))
            text = next(told, "The bearer token is no JSON web token.")
            raise ServiceError(Reason.UNAUTHENTICATED, text) from fault
        return claims
