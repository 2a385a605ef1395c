"""TLS of the listener, with certificates that can be renewed while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import structlog

from server.settings import Settings

_log = structlog.get_logger("alatau.tls")


class Certificates:
    """Certificate, key and, for mutual TLS, the authority of the clients.

    Parameters
    ----------
    certificate, private_key
        PEM files; the certificate with its chain.
    authority
        PEM file with the certificates that sign clients'; ``None``: clients need
        none.
    """

    def __init__(self, certificate: Path, private_key: Path, authority: Path | None) -> None:
        self._certificate = certificate
        self._private_key = private_key
        self._authority = authority
        self._stamps = self._stamped()

    def credentials(self) -> grpc.ServerCredentials:
        """Return credentials that look at the files again with each connection.

        Raises
        ------
        OSError
            If a file cannot be read.
        """
        made: grpc.ServerCredentials = grpc.dynamic_ssl_server_credentials(
            self._configuration(), self._renewed, self._authority is not None
        )
        return made

    def _configuration(self) -> Any:
        pair = (self._private_key.read_bytes(), self._certificate.read_bytes())
        roots = self._authority.read_bytes() if self._authority is not None else None
        return grpc.ssl_server_certificate_configuration([pair], roots)

    def _renewed(self) -> Any:
        """Return a new configuration where a file has changed, else ``None``."""
        try:
            stamps = self._stamped()
            if stamps == self._stamps:
                return None
            configuration = self._configuration()
        except OSError as fault:
            _log.error("certificate not renewed", cause=str(fault))
            return None
        self._stamps = stamps
        _log.info("certificate renewed")
        return configuration

    def _stamped(self) -> list[int]:
        files = [self._certificate, self._private_key, self._authority]
        return [file.stat().st_mtime_ns for file in files if file is not None]


def credentials(settings: Settings) -> grpc.ServerCredentials | None:
    """Return the listener's credentials, ``None`` without TLS.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    if settings.tls_certificate is None or settings.tls_private_key is None:
        return None
    return Certificates(
        settings.tls_certificate, settings.tls_private_key, settings.tls_client_authority
    ).credentials()
