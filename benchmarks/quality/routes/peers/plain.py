"""What the peers' scripts share: the request, lengths, and the answer."""

import json
import sys
from pathlib import Path

import numpy as np


def request_and_problem():
    """Return the request on standard input and the problem that it names."""
    request = json.load(sys.stdin)
    return request, json.loads(Path(request["problem"]).read_text())


def lengths(problem):
    """Return the matrix of whole lengths between all locations."""
    xs, ys = np.array(problem["xs"]), np.array(problem["ys"])
    dx, dy = xs[:, None] - xs, ys[:, None] - ys
    real = problem["scale"] * np.sqrt(dx * dx + dy * dy)
    return (np.floor(real) if problem["floor"] else np.rint(real)).astype(np.int64)


def answer(request, version, seconds, routes, curve=()):
    """Write the routes, one list of locations a vehicle, and report."""
    text = "".join(
        f"Route #{k}: {' '.join(map(str, route))}\n" for k, route in enumerate(routes, 1)
    )
    Path(request["out"]).write_text(text)
    report = {"version": version, "seconds": seconds, "iterations": None, "curve": list(curve)}
    json.dump(report, sys.stdout)
