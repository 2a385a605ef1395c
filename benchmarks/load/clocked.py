"""A job that tells when a matrix is in NumPy; loaded in place of the service's own jobs."""

from __future__ import annotations

import time

from alatau.freight.v1 import routing_service_pb2 as pb

from router.errors import Violations
from server.codecs.travel import decode_travel
from server.registry import register
from server.workers.seat import Seat


def matrix(data: bytes, seat: Seat) -> bytes:
    """Decode the travel of a problem and return the moment of ``time.monotonic()``."""
    problem = pb.EvaluateRoutePlanRequest.FromString(data).problem
    found = Violations()
    for travel in problem.travel.values():
        decode_travel(travel, problem.locations, found)
    moment = time.monotonic()
    found.raise_if_any()
    return repr(moment).encode()


register("clocked.matrix", matrix)
