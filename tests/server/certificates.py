"""Certificates for tests: authorities, servers, clients, expired ones."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import trustme

AN_HOUR = dt.timedelta(hours=1)


def write(leaf: trustme.LeafCert, folder: Path, name: str) -> tuple[Path, Path]:
    """Write ``name.pem`` and ``name.key``, each in one step; return their paths."""
    chain, key = folder / f"{name}.pem", folder / f"{name}.key"
    for path, blobs in ((key, [leaf.private_key_pem]), (chain, leaf.cert_chain_pems)):
        fresh = path.with_suffix(".new")
        fresh.write_bytes(b"".join(blob.bytes() for blob in blobs))
        fresh.chmod(0o600)
        fresh.replace(path)
    return chain, key


def authority(ca: trustme.CA, folder: Path, name: str) -> Path:
    """Write the authority's own certificate; return its path."""
    path = folder / f"{name}.pem"
    ca.cert_pem.write_to_path(path)
    return path


def expired(ca: trustme.CA, host: str) -> trustme.LeafCert:
    """Return a certificate that ended an hour ago."""
    return ca.issue_cert(host, not_after=dt.datetime.now(dt.UTC) - AN_HOUR)
