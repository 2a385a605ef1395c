"""Runs OR-Tools' routing library on one request, with guided local search."""

import time
from importlib.metadata import version

from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from plain import answer, lengths, request_and_problem


def main() -> None:
    """Answer the request on standard input."""
    request, problem = request_and_problem()
    began = time.monotonic()
    model = Model(problem)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    parameters.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    left = max(0.1, request["seconds"] - (time.monotonic() - began))
    parameters.time_limit.FromMilliseconds(int(1000 * left))
    curve = []

    def note() -> None:
        cost = model.routing.CostVar().Max()
        if not curve or cost < curve[-1][1]:
            curve.append([time.monotonic() - began, cost])

    model.routing.AddAtSolutionCallback(note)
    solution = model.routing.SolveWithParameters(parameters)
    routes = model.routes(solution) if solution else [[] for _ in problem["vehicles"]]
    answer(request, version("ortools"), time.monotonic() - began, routes, curve)


class Model:
    """The problem in the library's terms: node = location."""

    def __init__(self, problem) -> None:
        self.problem = problem
        self.vehicles = problem["vehicles"]
        starts = [vehicle["start"] for vehicle in self.vehicles]
        ends = [vehicle["end"] for vehicle in self.vehicles]
        size = len(problem["xs"])
        self.manager = pywrapcp.RoutingIndexManager(size, len(self.vehicles), starts, ends)
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.stops = {stop["location"]: stop for stop in problem["stops"]}
        self.lengths = lengths(problem)
        self.add_costs()
        self.add_loads()
        self.add_times()
        self.add_pairs()
        self.add_prizes()

    def add_costs(self) -> None:
        """Set the cost of legs, one matrix a unit cost, and of vehicles."""
        by_unit = {}
        for k, vehicle in enumerate(self.vehicles):
            unit = vehicle["unit"]
            if unit not in by_unit:
                rows = (unit * self.lengths).tolist()
                by_unit[unit] = self.routing.RegisterTransitMatrix(rows)
            self.routing.SetArcCostEvaluatorOfVehicle(by_unit[unit], k)
            self.routing.SetFixedCostOfVehicle(vehicle["fixed"], k)

    def add_loads(self) -> None:
        """Limit what each vehicle carries."""
        demand = [self.stops.get(i, {}).get("deliver", 0) for i in range(len(self.lengths))]
        for pickup, delivery, load in self.problem["pairs"]:
            demand[pickup], demand[delivery] = load, -load
        capacity = [vehicle["capacity"] for vehicle in self.vehicles]
        index = self.routing.RegisterUnaryTransitVector(demand)
        self.routing.AddDimensionWithVehicleCapacity(index, 0, capacity, True, "load")

    def add_times(self) -> None:
        """Keep windows, shifts and the longest duration."""
        timed = any(stop["window"][1] < self.problem["forever"] for stop in self.stops.values())
        limited = any(vehicle["max_duration"] is not None for vehicle in self.vehicles)
        if not (timed or limited):
            return
        served = self.lengths.copy()
        for place, stop in self.stops.items():
            served[place] += stop["service"]
        index = self.routing.RegisterTransitMatrix(served.tolist())
        horizon = max(vehicle["shift"][1] for vehicle in self.vehicles)
        horizon = min(horizon, 2**40)
        self.routing.AddDimension(index, horizon, horizon, False, "time")
        time_of = self.routing.GetDimensionOrDie("time")
        for place, stop in self.stops.items():
            start, end = stop["window"]
            variable = time_of.CumulVar(self.manager.NodeToIndex(place))
            variable.SetRange(start, min(end, horizon))
        for k, vehicle in enumerate(self.vehicles):
            start, end = vehicle["shift"]
            for node in (self.routing.Start(k), self.routing.End(k)):
                time_of.CumulVar(node).SetRange(start, min(end, horizon))
            if vehicle["max_duration"] is not None:
                time_of.SetSpanUpperBoundForVehicle(vehicle["max_duration"], k)

    def add_pairs(self) -> None:
        """Keep each pickup before its delivery, on one vehicle."""
        solver = self.routing.solver()
        for pickup, delivery, _ in self.problem["pairs"]:
            one, other = (self.manager.NodeToIndex(place) for place in (pickup, delivery))
            self.routing.AddPickupAndDelivery(one, other)
            solver.Add(self.routing.VehicleVar(one) == self.routing.VehicleVar(other))
            time_of = self.routing.GetDimensionOrDie("time")
            solver.Add(time_of.CumulVar(one) <= time_of.CumulVar(other))

    def add_prizes(self) -> None:
        """Let optional stops be left out at their prize."""
        for place, stop in self.stops.items():
            if stop["prize"] is not None:
                self.routing.AddDisjunction([self.manager.NodeToIndex(place)], stop["prize"])

    def routes(self, solution) -> list[list[int]]:
        """Return the locations that each vehicle visits."""
        found = []
        for k in range(len(self.vehicles)):
            node, route = solution.Value(self.routing.NextVar(self.routing.Start(k))), []
            while not self.routing.IsEnd(node):
                route.append(self.manager.IndexToNode(node))
                node = solution.Value(self.routing.NextVar(node))
            found.append(route)
        return found


if __name__ == "__main__":
    main()
