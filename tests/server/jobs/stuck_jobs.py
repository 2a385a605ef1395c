"""Route jobs that report a plan and then hang, die or swallow memory, as their name says."""

from __future__ import annotations

import os
import time
from importlib import import_module

from alatau.freight.v1 import routing_service_pb2

from server import registry
from server.workers.seat import Seat
from tests.server.spells import DIES, HANGS, SWELLS

for _module in registry.MODULES:
    import_module(_module)
_solve = registry.job("routes.job")


def _stuck(data: bytes, seat: Seat) -> bytes:
    request = routing_service_pb2.SolveRoutePlanRequest.FromString(data)
    if request.problem.name == DIES:
        os._exit(1)
    if request.problem.name == SWELLS:
        return bytes(2**40)
    if request.problem.name == HANGS:
        request.options.time_limit.FromMilliseconds(500)
        seat = Seat(0.5, None, lambda: False, seat._send)
        _solve(request.SerializeToString(), seat)
        time.sleep(3600)
    return _solve(data, seat)


registry.replace("routes.job", _stuck)
