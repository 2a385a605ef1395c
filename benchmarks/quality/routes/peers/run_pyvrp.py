"""Runs PyVRP on one request; needs nothing but PyVRP."""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pyvrp
from pyvrp.stop import MaxRuntime


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin)
    data = pyvrp.read(request["file"], round_func=request["rounding"])
    began = time.monotonic()
    result = pyvrp.solve(data, MaxRuntime(request["seconds"]), seed=request["seed"], display=False)
    seconds = time.monotonic() - began
    Path(request["out"]).write_text(solution_text(data, result.best))
    answer = {
        "version": version("pyvrp"),
        "seconds": seconds,
        "iterations": result.stats.num_iterations,
        "curve": curve_of(result.stats),
    }
    json.dump(answer, sys.stdout)


def curve_of(stats) -> list[list[float]]:
    """Return (seconds, cost) of each better feasible solution."""
    curve, now = [], 0.0
    for runtime, row in zip(stats.runtimes, stats, strict=True):
        now += runtime
        if row.best_feas and (not curve or row.best_cost < curve[-1][1]):
            curve.append([now, row.best_cost])
    return curve


def solution_text(data, best) -> str:
    """Return routes by the vehicle of the file, empty ones included."""
    vehicles = [[int(k) for k in kind.name.split(",")] for kind in data.vehicle_types()]
    routes = {k: [] for kind in vehicles for k in kind}
    for route in best.routes():
        routes[vehicles[route.vehicle_type()].pop(0)] = locations(data, route)
    return "".join(f"Route #{k + 1}: {' '.join(map(str, routes[k]))}\n" for k in sorted(routes))


def locations(data, route) -> list[int]:
    """Return the locations that a route visits, reload depots among them."""
    found = []
    for activity in list(route)[1:-1]:
        if activity.is_client():
            found.append(data.clients()[activity.idx].location)
        elif activity.is_pickup():
            found.append(data.shipments()[activity.idx].pickup.location)
        elif activity.is_delivery():
            found.append(data.shipments()[activity.idx].delivery.location)
        elif activity.is_depot():
            found.append(data.depots()[activity.idx].location)
    return found


if __name__ == "__main__":
    main()
