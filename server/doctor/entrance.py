"""The entrance: ports, keys, tokens, certificates."""

from __future__ import annotations

import asyncio
import datetime as dt
import errno
import os
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from router.errors import InvalidInput
from server.access import keyset
from server.access.keys import KeyFile
from server.doctor.finding import Finding, fail, ok, warn
from server.settings import Settings

SOON = dt.timedelta(days=21)
"""A certificate that ends sooner is worth a warning."""


def ports(settings: Settings) -> Iterator[Finding]:
    """Check that the listeners' ports are free."""
    host = settings.host.strip("[]")
    for name, port in (("gRPC", settings.port), ("HTTP", settings.http_port)):
        if port is None:
            yield ok("ports", "HTTP is off; set http_port for browsers, probes and metrics.")
            continue
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            socket.create_server((host, port), family=family).close()
        except OSError as fault:
            text = f"{name} cannot listen on {host}:{port}"
            if fault.errno == errno.EADDRINUSE:
                yield fail("ports", f"{text}; is a server running there already?")
            else:
                why = os.strerror(fault.errno or 0) if fault.errno in errno.errorcode else fault
                yield fail("ports", f"{text}: {why}.")
        else:
            yield ok("ports", f"{name} can listen on {host}:{port}.")


def keys(settings: Settings) -> Iterator[Finding]:
    """Check that the file of keys is one, and its owner's alone."""
    if settings.keys_file is None:
        return
    path = settings.keys_file
    try:
        known = KeyFile(path).keys().values()
    except (InvalidInput, OSError) as fault:
        yield fail("keys", f"{path} cannot be used: {fault}")
        return
    if not path.exists():
        yield fail("keys", f"{path} is not there; make a key with `alatau keys create`.")
        return
    yield from _private(path, "keys")
    good = sum(key.revoked is None for key in known)
    if good:
        yield ok("keys", f"{path} has {good} keys that count and {len(known) - good} revoked.")
    else:
        yield warn("keys", f"{path} has no key that counts; nobody can call with one.")


def tokens(settings: Settings) -> Iterator[Finding]:
    """Check that the issuer's keys can be read."""
    if settings.jwt_keys is None:
        return
    try:
        found = asyncio.run(_token_keys(settings.jwt_keys))
    except (InvalidInput, OSError) as fault:
        yield fail("tokens", f"{settings.jwt_keys} cannot be used: {fault}")
        return
    if found:
        yield ok("tokens", f"{settings.jwt_keys} has {found} public keys.")
    else:
        text = f"{settings.jwt_keys} gives no keys now; no token counts until it does."
        yield warn("tokens", text)


async def _token_keys(source: str) -> int:
    found = keyset.of(source)
    await found.find("")
    return found.count


def certificates(settings: Settings) -> Iterator[Finding]:
    """Check that certificate and key belong together and are valid for long enough."""
    chain, private = settings.tls_certificate, settings.tls_private_key
    if chain is None or private is None:
        if settings.behind_proxy:
            yield ok("tls", "A proxy before the server ends TLS, says behind_proxy.")
        else:
            yield ok("tls", f"TLS is off; {settings.host} is this machine alone.")
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, private)
        first, *_ = x509.load_pem_x509_certificates(chain.read_bytes())
    except (OSError, ValueError) as fault:
        why = fault.strerror if isinstance(fault, FileNotFoundError) else fault
        yield fail("tls", f"{chain} and {private} cannot be used together: {why}.")
        return
    yield from _private(private, "tls")
    yield _validity(chain, first)
    authority = settings.tls_client_authority
    if authority is not None:
        try:
            count = len(x509.load_pem_x509_certificates(authority.read_bytes()))
            yield ok("tls", f"{authority} has {count} certificates that sign those of clients.")
        except (OSError, ValueError) as fault:
            yield fail("tls", f"{authority} cannot be used: {fault}.")


def _validity(path: Path, certificate: x509.Certificate) -> Finding:
    now, end = dt.datetime.now(dt.UTC), certificate.not_valid_after_utc
    if end < now:
        return fail("tls", f"{path} ended on {end:%Y-%m-%d}; renew it.")
    if certificate.not_valid_before_utc > now:
        return fail("tls", f"{path} begins on {certificate.not_valid_before_utc:%Y-%m-%d}.")
    text = f"{path} is valid until {end:%Y-%m-%d}"
    return warn("tls", f"{text}; renew it soon.") if end - now < SOON else ok("tls", f"{text}.")


def _private(path: Path, about: str) -> Iterator[Finding]:
    if path.stat().st_mode & 0o077:
        text = f"{path} can be read by others ({path.stat().st_mode & 0o777:o}); "
        yield warn(about, f"{text}run `chmod 600 {path}`.")
