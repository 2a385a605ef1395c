"""TLS of the listeners, with certificates that can be renewed while they run."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import grpc
import structlog

from server.settings import Settings

Made = TypeVar("Made")

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
            If a file cannot be read, or is no PEM file of its kind.
        """
        made: grpc.ServerCredentials = grpc.dynamic_ssl_server_credentials(
            self._configuration(), self._renewed, self._authority is not None
        )
        return made

    def context(self) -> ssl.SSLContext:
        """Return a context for HTTP that looks at the files again with each connection.

        Raises
        ------
        OSError
            If a file cannot be read, or is no PEM file of its kind.
        """
        first = self._context()
        newest = [first]

        def renew(connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
            renewed = self._newer(self._context)
            if renewed is not None:
                newest[0] = renewed
            connection.context = newest[0]

        first.sni_callback = renew
        return first

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        with _named(f"{self._certificate} and {self._private_key}"):
            context.load_cert_chain(self._certificate, self._private_key)
        if self._authority is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            with _named(str(self._authority)):
                context.load_verify_locations(self._authority)
        return context

    def _configuration(self) -> Any:
        self._context()  # gRPC itself takes what does not fit, and then refuses everybody
        pair = (self._private_key.read_bytes(), self._certificate.read_bytes())
        roots = self._authority.read_bytes() if self._authority is not None else None
        return grpc.ssl_server_certificate_configuration([pair], roots)

    def _renewed(self) -> Any:
        """Return a new configuration where a file has changed, else ``None``."""
        return self._newer(self._configuration)

    def _newer(self, make: Callable[[], Made]) -> Made | None:
        """Return what is made of the files where one has changed, else ``None``."""
        try:
            stamps = self._stamped()
            if stamps == self._stamps:
                return None
            made = make()
        except OSError as fault:
            _log.error("certificate not renewed", cause=str(fault))
            return None
        self._stamps = stamps
        _log.info("certificate renewed")
        return made

    def _stamped(self) -> list[int]:
        files = [self._certificate, self._private_key, self._authority]
        return [file.stat().st_mtime_ns for file in files if file is not None]


@contextmanager
def _named(files: str) -> Iterator[None]:
    """Say which files TLS cannot use."""
    try:
        yield
    except OSError as fault:  # an SSLError is one
        why = fault.strerror if fault.errno and not isinstance(fault, ssl.SSLError) else fault
        raise OSError(f"{files} cannot be used for TLS: {why}.") from fault


def certificates(settings: Settings) -> Certificates | None:
    """Return the certificates of the settings, ``None`` without TLS.

    Each listener has its own, since each notes what it has seen of the files.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    if settings.tls_certificate is None or settings.tls_private_key is None:
        return None
    return Certificates(
        settings.tls_certificate, settings.tls_private_key, settings.tls_client_authority
    )
