"""Tokens: which count, which do not and why, and how keys are kept fresh."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from router.errors import InvalidInput
from server.access import keyset
from server.access.tokens import Tokens
from server.errors import Reason, ServiceError

ISSUER, AUDIENCE = "https://id.example", "alatau"
PRIVATE: dict[str, Any] = {
    "RS256": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}


def document(*algorithms: str) -> dict[str, Any]:
    """Return a JWKS document with the public keys of some algorithms, each its own id."""
    entries = []
    for name in algorithms:
        made = jwt.get_algorithm_by_name(name).to_jwk(PRIVATE[name].public_key(), as_dict=True)
        entries.append({**made, "kid": name, "alg": name, "use": "sig"})
    return {"keys": entries}


def token(
    algorithm: str = "ES256", *, key: Any = None, kid: str | None = None, **claims: Any
) -> str:
    """Return a token that counts but for what is said; ``None`` drops a claim."""
    now = int(time.time())
    all_claims = {"iss": ISSUER, "aud": AUDIENCE, "exp": now + 60, "sub": "planner"}
    all_claims |= {"workspace": "city", **claims}
    body = {name: value for name, value in all_claims.items() if value is not None}
    head = {"kid": kid or algorithm}
    return jwt.encode(body, key or PRIVATE[algorithm], algorithm, headers=head)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Write the keys of all algorithms to a file."""
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(document(*PRIVATE)))
    return file


def tokens(keys: keyset.KeySet) -> Tokens:
    """Return a judge of tokens."""
    return Tokens(keys, issuer=ISSUER, audience=AUDIENCE, claim="workspace", leeway=5)


@pytest.fixture
def judge(path: Path) -> Tokens:
    """Return a judge that knows the keys in the file."""
    return tokens(keyset.of(str(path)))


async def refusal(judge: Tokens, sent: str) -> ServiceError:
    """Return why a token is refused; it never says the token itself."""
    with pytest.raises(ServiceError) as refused:
        await judge.caller(sent)
    assert sent not in str(refused.value)
    return refused.value


@pytest.mark.parametrize("algorithm", PRIVATE)
async def test_each_signature_counts(judge: Tokens, algorithm: str) -> None:
    """The workspace and the name are those of the claims."""
    caller = await judge.caller(token(algorithm, sub="a\nb"))
    assert (caller.workspace, caller.name) == ("city", "token ab")


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"exp": 1}, "has expired"),
        ({"exp": int(time.time()) - 20}, "has expired"),
        ({"nbf": int(time.time()) + 3600}, "does not count yet"),
        ({"aud": "other"}, "another audience"),
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"exp": None}, "lacks one of"),
        ({"aud": None}, "lacks one of"),
        ({"iss": None}, "lacks one of"),
    ],
)
async def test_claims_that_do_not_hold(judge: Tokens, claims: Any, sentence: str) -> None:
    """Each has its sentence."""
    refused = await refusal(judge, token(**claims))
    assert refused.reason is Reason.UNAUTHENTICATED
    assert sentence in refused.message


async def test_clocks_may_differ_a_little(judge: Tokens) -> None:
    """Three seconds late of five allowed."""
    assert (await judge.caller(token(exp=int(time.time()) - 3))).workspace == "city"


def unsigned() -> str:
    """Return a token that says it needs no signature."""
    return jwt.encode(jwt.decode(token(), options={"verify_signature": False}), None, "none")


def confused() -> str:
    """Return a token signed with HMAC by the issuer's public key as the secret."""
    public = json.dumps(document("RS256")["keys"][0]).encode()
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"RS256"}').rstrip(b"=")
    text = head + b"." + token().split(".")[1].encode()
    mac = hmac.new(public, text, hashlib.sha256).digest()
    return (text + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


@pytest.mark.parametrize(
    "forge",
    [  # functions: a token of the time of collection would be refused for its age
        unsigned,
        confused,
        lambda: token(key=ec.generate_private_key(ec.SECP256R1())),
        lambda: token("RS256", kid="ES256"),
        lambda: token(kid="nobody"),
        lambda: token()[:-4] + "AAAA",
        lambda: "a.b.c",
        lambda: "..",
        lambda: "eyJ.eyJ.x" * 2000,
        lambda: "é.é.é",
    ],
    ids=["none", "confused", "stranger", "mixed", "unknown", "broken", "abc", "dots", "long", "é"],
)
async def test_forged_tokens_are_refused(judge: Tokens, forge: Callable[[], str]) -> None:
    """Nothing but a signature by a known key of its own kind counts."""
    assert (await refusal(judge, forge())).reason is Reason.UNAUTHENTICATED


@pytest.mark.parametrize("workspace", [None, "", "../etc", "City", 7, ["city"]])
async def test_a_token_without_workspace(judge: Tokens, workspace: Any) -> None:
    """Its bearer is known, and may do nothing."""
    refused = await refusal(judge, token(workspace=workspace))
    assert refused.reason is Reason.NO_WORKSPACE


@pytest.mark.parametrize(
    "text", ["", "{}", '{"keys": []}', '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', "[1]"]
)
def test_a_file_without_public_keys_is_refused(path: Path, text: str) -> None:
    """A shared secret is no public key."""
    path.write_text(text)
    with pytest.raises(InvalidInput, match="no public keys"):
        keyset.of(str(path))


def write(path: Path, text: str) -> None:
    """Write a file."""
    path.write_text(text)


async def test_a_changed_file_counts_and_a_broken_one_does_not(path: Path) -> None:
    """A new key is known with the next call; a file that goes bad leaves the old ones."""
    write(path, json.dumps(document("RS256")))
    judge = tokens(keyset.of(str(path)))
    assert (await refusal(judge, token("ES256"))).reason is Reason.UNAUTHENTICATED
    write(path, json.dumps(document("RS256", "ES256")))
    assert (await judge.caller(token("ES256"))).workspace == "city"
    write(path, "broken")
    assert (await judge.caller(token("RS256"))).workspace == "city"


class Issuer(http.server.BaseHTTPRequestHandler):
    """Serves a JWKS document and counts how often."""

    keys: tuple[str, ...] = ("RS256",)
    asked = 0
    broken = False

    def do_GET(self) -> None:
        """Answer."""
        Issuer.asked += 1
        self.send_response(500 if Issuer.broken else 200)
        self.end_headers()
        self.wfile.write(json.dumps(document(*Issuer.keys)).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def issuer() -> Iterator[str]:
    """Run an issuer; return the URL of its keys."""
    Issuer.keys, Issuer.asked, Issuer.broken = ("RS256",), 0, False
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Issuer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/keys"
        server.shutdown()


async def test_keys_are_fetched_rarely_and_rotate(issuer: str) -> None:
    """Once for many calls; again for a new key, at most every ten seconds; old ones last."""
    now = [0.0]
    judge = tokens(keyset.KeySetUrl(issuer, lambda: now[0]))
    for _ in range(5):
        await judge.caller(token("RS256"))
    assert Issuer.asked == 1
    Issuer.keys = ("ES256",)
    for _ in range(5):
        await refusal(judge, token("ES256"))
    assert Issuer.asked == 1  # ten seconds have not passed
    now[0] = 11
    assert (await judge.caller(token("ES256"))).workspace == "city"
    assert Issuer.asked == 2
    await refusal(judge, token("RS256"))  # the key was withdrawn
    Issuer.broken = True
    now[0] = 1000
    assert (await judge.caller(token("ES256"))).workspace == "city"
    assert Issuer.asked == 3


async def test_an_issuer_that_is_down_lets_nobody_in() -> None:
    """Without keys no token counts, and nothing fails."""
    judge = tokens(keyset.KeySetUrl("http://127.0.0.1:9/keys"))
    assert (await refusal(judge, token())).reason is Reason.UNAUTHENTICATED
