"""Makes every job of the service misbehave when the request asks for it by name."""

from __future__ import annotations

import os
import time
from importlib import import_module

from server import registry
from server.workers.seat import Seat
from tests.server.spells import DIE, FAIL, WAIT


def _breakable(job: registry.Job) -> registry.Job:
    def run(request: bytes, seat: Seat) -> bytes:
        if DIE in request:
            os._exit(1)
        if FAIL in request:
            raise RuntimeError("secret of the server")
        if WAIT in request:
            time.sleep(1.0)
        return job(request, seat)

    return run


for _module in registry.MODULES:
    import_module(_module)
for _name in registry.names():
    registry.replace(_name, _breakable(registry.job(_name)))
