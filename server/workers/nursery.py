"""The process that worker processes are forked from.

Started as ``python -m server.workers.nursery [memory in MiB]`` with a socket as
standard input. It imports every part of the library once and never starts a
thread of its own, so that a fork is safe and a new worker is there in
milliseconds, sharing the memory of what was imported. A byte with a socket asks
for a worker that serves this socket; the end of standard input ends it.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys

from server import registry
from server.workers.process import limit_memory, serve

READY = b"R"
FORK = b"F"


def main() -> None:
    """Import, say that it is ready, and fork until the server is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The kernel buries the workers; the server sees the end of their sockets.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    memory_mib = int(sys.argv[1]) if len(sys.argv) > 1 else None
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as control:
        _quiet_streams()
        registry.load()
        gc.collect()
        gc.freeze()
        control.sendall(READY)
        while True:
            request, descriptors, _, _ = socket.recv_fds(control, 1, 1)
            if not request:
                return
            if os.fork() == 0:
                control.close()
                _work(descriptors[0], memory_mib)
            os.close(descriptors[0])


def _quiet_streams() -> None:
    """Keep stray prints of solver libraries out of the way."""
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    os.close(nothing)


def _work(descriptor: int, memory_mib: int | None) -> None:
    """Be a worker until the server closes the socket; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        if memory_mib is not None:
            limit_memory(memory_mib)
        with socket.socket(fileno=descriptor) as connection:
            serve(connection.makefile("rb"), connection.makefile("wb"))
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
