"""``python -m server.probe``: whether the server on this machine lives.

For containers: asks ``/healthz`` of the HTTP listener that ``ALATAU_HTTP_PORT`` names,
over TLS where the server has a certificate, and ends with 0 or 1. The certificate is
not checked: it names the host that callers use, not this machine.
"""

from __future__ import annotations

import http.client
import os
import ssl
import sys

SECONDS = 2.0
"""Longest wait for the answer."""


def alive(port: int, *, secured: bool) -> bool:
    """Return whether the listener on a port answers 200."""
    connection: http.client.HTTPConnection
    if secured:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(
            "127.0.0.1", port, timeout=SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    given = os.environ
    sys.exit(not alive(int(given["ALATAU_HTTP_PORT"]), secured="ALATAU_TLS_CERTIFICATE" in given))
