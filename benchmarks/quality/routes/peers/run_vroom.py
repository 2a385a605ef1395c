"""Runs VROOM (through pyvroom) on one request, at its highest level of search."""

import time
from datetime import timedelta
from importlib.metadata import version

import numpy as np
import vroom
from plain import answer, lengths, request_and_problem

LEVEL = 5


def main() -> None:
    """Answer the request on standard input."""
    request, problem = request_and_problem()
    began = time.monotonic()
    model = vroom.Input()
    model.set_durations_matrix("car", lengths(problem).astype(np.uint32))
    for k, vehicle in enumerate(problem["vehicles"]):
        model.add_vehicle(
            vroom.Vehicle(
                k,
                start=vehicle["start"],
                end=vehicle["end"],
                capacity=[vehicle["capacity"]],
                time_window=vroom.TimeWindow(*shortened(vehicle["shift"])),
            )
        )
    add_work(model, problem)
    limit = timedelta(seconds=request["seconds"])
    solution = model.solve(LEVEL, nb_threads=request["threads"], timeout=limit)
    seconds = time.monotonic() - began
    routes = [[] for _ in problem["vehicles"]]
    steps = solution.routes
    for vehicle, kind, location in zip(
        steps["vehicle_id"], steps["type"], steps["location_index"], strict=True
    ):
        if kind not in ("start", "end"):
            routes[vehicle].append(int(location))
    answer(request, version("pyvroom"), seconds, routes, [[seconds, solution.summary.cost]])


def add_work(model, problem) -> None:
    """Add jobs, or shipments where the problem has pairs."""
    stops = {stop["location"]: stop for stop in problem["stops"]}
    for pickup, delivery, load in problem["pairs"]:
        ends = [
            vroom.ShipmentStep(
                place,
                place,
                default_service=stops[place]["service"],
                time_windows=[vroom.TimeWindow(*shortened(stops[place]["window"]))],
            )
            for place in (pickup, delivery)
        ]
        model.add_shipment(*ends, amount=vroom.Amount([load]))
    if problem["pairs"]:
        return
    for place, stop in stops.items():
        model.add_job(
            vroom.Job(
                place,
                place,
                default_service=stop["service"],
                delivery=vroom.Amount([stop["deliver"]]),
                time_windows=[vroom.TimeWindow(*shortened(stop["window"]))],
            )
        )


def shortened(window):
    """Return a window in the 32 bits that the library has for times."""
    return window[0], min(window[1], 2**31 // 100 - 1)


if __name__ == "__main__":
    main()
