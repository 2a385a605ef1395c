"""How a client reaches the server: channel options, retries, identity."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import grpc

DEFAULT_TARGET = "localhost:50051"
MESSAGE_BYTES = 64 * 2**20
"""Largest message that is sent or taken, as on the server."""
DETAIL_BYTES = 1_000_000
"""Room for the violations of a request; the server sends as much on request."""
_METADATA_BYTES = 2 * DETAIL_BYTES
_LOOPBACK = ("localhost", "127.", "[::1]", "unix:", "ipv4:127.", "ipv6:[::1]")

_METHODS = [
    {
        "name": [{}],
        "retryPolicy": {
            "maxAttempts": 4,
            "initialBackoff": "0.2s",
            "maxBackoff": "5s",
            "backoffMultiplier": 2,
            "retryableStatusCodes": ["UNAVAILABLE"],
        },
    }
]
_SERVERS = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "healthCheckConfig": {"serviceName": ""},
}
"""Where a target names several servers, calls go to those in turn that say they serve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where the server is and who is calling.

    Parameters
    ----------
    target
        ``host:port``, or any target that gRPC knows. Where it names several servers
        (``dns:///name`` with several addresses, ``ipv4:10.0.0.1:50051,10.0.0.2:50051``),
        calls go to those in turn that say that they serve: not to one that is stopping.
    api_key
        Sent with each call as a bearer token; a function is asked each time, so
        that a token can be renewed. Without TLS only to this machine.
    tls
        ``True``: TLS with the system's certificates; or credentials of one's own,
        for a private authority or mutual TLS.
    retry
        Whether calls that found no server are repeated, four times in all.

    Raises
    ------
    ValueError
        If a key would travel unencrypted to another machine.
    """

    target: str = DEFAULT_TARGET
    api_key: str | Callable[[], str] | None = field(default=None, repr=False)
    tls: bool | grpc.ChannelCredentials = False
    retry: bool = True

    def __post_init__(self) -> None:
        if self.api_key is not None and not self.tls and not self.target.startswith(_LOOPBACK):
            raise ValueError(f"an API key for {self.target} needs TLS; set tls.")

    @property
    def options(self) -> list[tuple[str, Any]]:
        """Options of the channel."""
        config = _SERVERS | ({"methodConfig": _METHODS} if self.retry else {})
        return [
            ("grpc.max_receive_message_length", MESSAGE_BYTES),
            ("grpc.max_send_message_length", MESSAGE_BYTES),
            ("grpc.max_metadata_size", _METADATA_BYTES),
            ("grpc.absolute_max_metadata_size", _METADATA_BYTES),
            ("grpc.enable_retries", int(self.retry)),
            ("grpc.service_config", json.dumps(config)),
        ]

    @property
    def credentials(self) -> grpc.ChannelCredentials | None:
        """Credentials of the channel; ``None``: no TLS."""
        if isinstance(self.tls, bool):
            return grpc.ssl_channel_credentials() if self.tls else None
        return self.tls

    def metadata(self) -> list[tuple[str, str]]:
        """Return the metadata of one call: a fresh request id, and the key."""
        sent = [("x-request-id", uuid.uuid4().hex), ("x-error-detail-bytes", str(DETAIL_BYTES))]
        if self.api_key is not None:
            key = self.api_key if isinstance(self.api_key, str) else self.api_key()
            sent.append(("authorization", f"Bearer {key}"))
        return sent

    def open(self) -> grpc.Channel:
        """Return a channel; it connects on the first call."""
        if self.credentials is None:
            return grpc.insecure_channel(self.target, self.options)
        return grpc.secure_channel(self.target, self.credentials, self.options)

    def open_async(self) -> grpc.aio.Channel:
        """Return a channel for the running event loop."""
        if self.credentials is None:
            return grpc.aio.insecure_channel(self.target, self.options)
        return grpc.aio.secure_channel(self.target, self.credentials, self.options)
