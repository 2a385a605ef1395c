"""A line that carries a kilobyte a second, between a client and a server."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

BYTES_A_SECOND = 1024
STEPS_A_SECOND = 8


@contextmanager
def slow_line(address: str) -> Iterator[str]:
    """Yield an address behind which ``address`` is, far away."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as door:
        threading.Thread(target=_accept, args=(door, address), daemon=True).start()
        yield f"127.0.0.1:{door.getsockname()[1]}"
        door.shutdown(socket.SHUT_RDWR)


def _accept(door: socket.socket, address: str) -> None:
    host, port = address.rsplit(":", 1)
    with suppress(OSError):
        while True:
            near, _ = door.accept()
            far = socket.create_connection((host, int(port)))
            for ends in ((near, far), (far, near)):
                threading.Thread(target=_carry, args=ends, daemon=True).start()


def _carry(source: socket.socket, target: socket.socket) -> None:
    """Carry what comes, slowly, until one of the ends is closed."""
    with suppress(OSError):
        while data := source.recv(BYTES_A_SECOND // STEPS_A_SECOND):
            time.sleep(len(data) / BYTES_A_SECOND)
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
