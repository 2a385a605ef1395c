"""A listening socket that turns callers away where no descriptor is left for them.

asyncio tries again without end then, and logs each try: a few hundred silent
connections too many had it do nothing else.
"""

from __future__ import annotations

import errno
import os
import socket
from typing import Any

import structlog

NONE_LEFT = {errno.EMFILE, errno.ENFILE}

_log = structlog.get_logger("alatau.door")


class FrugalSocket(socket.socket):
    """Keeps one descriptor in hand, to take a call with and to hang up."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._spare: int | None = None
        self._full = False

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection; where there is no room for it, end it.

        Raises
        ------
        BlockingIOError
            If none waits, or none could be taken.
        """
        if self._spare is None:
            self._spare = _opened()
        try:
            taken = super().accept()
        except OSError as fault:
            if fault.errno not in NONE_LEFT:
                raise
            self._turn_away()
            raise BlockingIOError(fault.errno, fault.strerror) from fault
        self._full = False
        return taken

    def close(self) -> None:
        """Close it, and the spare descriptor."""
        super().close()
        self._release()

    def _turn_away(self) -> None:
        if not self._full:
            _log.error("no descriptors left", cause="callers are turned away; raise the limit.")
            self._full = True
        self._release()
        try:
            super().accept()[0].close()
        except OSError:
            return
        finally:
            self._spare = _opened()

    def _release(self) -> None:
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None


def _opened() -> int | None:
    try:
        return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
