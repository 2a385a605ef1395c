"""A worker process: reads jobs from a socket and answers on it.

It ends when the socket does, so that no worker outlives its server.
"""

from __future__ import annotations

import os
import threading
import traceback
from queue import SimpleQueue
from typing import BinaryIO

from router.errors import InvalidInput
from server import registry
from server.workers.frames import JobHeader, Kind, frame, pack_violations, read
from server.workers.seat import Seat


class Outbox:
    """Writes whole frames, from any thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, kind: Kind, payload: bytes = b"") -> None:
        """Write one frame."""
        with self._lock:
            self._stream.write(frame(kind, payload))
            self._stream.flush()


class Inbox:
    """Listens to the server in a thread of its own."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._stopped_serial = 0
        self.jobs: SimpleQueue[tuple[JobHeader, bytes]] = SimpleQueue()
        threading.Thread(target=self._listen, daemon=True, name="inbox").start()

    def stopped(self, serial: int) -> bool:
        """Return whether the server wants the job of this number to end."""
        return self._stopped_serial == serial

    def _listen(self) -> None:
        try:
            while (received := read(self._stream)) is not None:
                kind, payload = received
                if kind is Kind.STOP:
                    self._stopped_serial = int(payload)
                elif kind is Kind.JOB:
                    header = JobHeader.unpack(payload)
                    if (request := read(self._stream)) is None:
                        break
                    self.jobs.put((header, request[1]))
        finally:  # a server that dies with bytes unread resets the connection: an OSError
            os._exit(0)


def answer(header: JobHeader, request: bytes, inbox: Inbox, outbox: Outbox) -> None:
    """Run one job and send its result, its violations or its traceback."""

    def send(message: bytes, new_plan: bool) -> None:
        outbox.send(Kind.INCUMBENT if new_plan else Kind.PROGRESS, message)

    def stopped() -> bool:
        return inbox.stopped(header.serial)

    seat = Seat(header.seconds, header.deadline, stopped, send, header.traceparent)
    try:
        kind, payload = Kind.RESULT, registry.job(header.job)(request, seat)
    except InvalidInput as refused:
        kind, payload = Kind.INVALID, pack_violations(refused.violations)
    except MemoryError:
        kind, payload = Kind.NO_MEMORY, b""
    except Exception:  # noqa: BLE001 - whatever it is, the server has to hear of it
        kind, payload = Kind.FAILED, traceback.format_exc().encode()
    outbox.send(Kind.FIGURES, seat.figures().pack())
    outbox.send(kind, payload)


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer jobs until the source ends."""
    outbox = Outbox(target)
    inbox = Inbox(source)
    outbox.send(Kind.READY, str(os.getpid()).encode())
    while True:
        header, request = inbox.jobs.get()
        answer(header, request, inbox, outbox)


def limit_memory(mebibytes: int) -> None:
    """Bound the address space, where the system can."""
    import resource

    most = mebibytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
