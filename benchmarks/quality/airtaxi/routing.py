"""A peer: the day as vehicle routes for OR-Tools' routing library.

Parties are pooled before (:mod:`.pooled`); a pooled flight is a visit that may be dropped for what
it is worth. Aircraft are vehicles with a fixed cost. The arc from a flight to the next has the
flight, an empty one where the next leaves from elsewhere, and their turnarounds. Dimensions:

time
    Off-block of each flight, within its window, the openings and the closures.
charge
    The earliest moment at which the energy of all flights up to this one would be in the battery,
    reserve untouched, were there always a charger. Its windows keep it from being after the latest
    off-block, and from being longer before it than the battery lasts. A state of charge that grows
    by no more than the time allows would link two dimensions, and links are constraints that the
    solver below propagates: with them it found 72 better routes for 1,500 passengers in 20 s, with
    charge and time as moments, which need none, 108.
energy
    What is burnt, paid for beyond what the battery has to spare in the morning.

Downtimes at a vertiport are visits that their aircraft must make, other downtimes are breaks.
Only where a vertiport has no charger, time and charge are linked, and waiting there adds nothing.

What routes cannot tell, and the model leaves out:

- pads, stands, chargers, site power and headways: routes share nothing but who makes which visit;
- who flies together, which is fixed before, and changes of it on the way (stops);
- curves of charging: the power is the one accepted at :data:`.legs.SHARE` of the battery, or that
  of the weakest of the vertiports' best chargers, and an aircraft charges whenever it waits;
- times and energy by the hour (the most of the day), tariffs (their mean);
- what stands and waiting cost: with prices on moments the library found 68 better routes there.

Of several types the one whose battery lasts longest decides how early a flight may be charged for.
Days with pilots or a timetable are refused. No bound is proven.

The best routes are flown out exactly (:mod:`.flown`); the checker judges that.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.quality.airtaxi.flown import Routed, fly_out
from benchmarks.quality.airtaxi.legs import BARRED, ENERGY_WH, Legs, Node, Spans, both, open_moments
from benchmarks.quality.airtaxi.pooled import pool
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import FlightPlan
from router.airtaxi.tables import mean_wh_cost
from router.solving import SolveOptions

FLYING_SHARE = 0.15
"""Of the time, for flying out."""

MOST_MONEY = 2**50
"""Money is scaled so that no sum of it is more, which whole numbers of 64 bits hold with ease."""


def knows_routing(problem: AirTaxiProblem) -> bool:
    """Whether a day can be told as routes, what aircraft share aside."""
    return not (problem.timetable or problem.pilots)


class Routes:
    """The model of one day.

    Raises
    ------
    ValueError
        If the day has what routes cannot tell.
    """

    def __init__(self, problem: AirTaxiProblem, seed: int = 0) -> None:
        if not knows_routing(problem):
            raise ValueError("the day has what routes cannot tell; see knows_routing().")
        self.problem = problem
        self.port = {v.id: i for i, v in enumerate(problem.vertiports)}
        used = [k for k in problem.types if any(a.type == k.id for a in problem.aircraft)]
        self.legs = [Legs(problem, k) for k in used]
        self.type_of = [used.index(problem.type[a.type]) for a in problem.aircraft]
        self.early = max(x.battery_s for x in self.legs)
        """Added to every moment of the charge, so that none is negative."""
        # One that does not pay by itself may still be flown in place of an empty flight.
        self.flights = [f for f in pool(problem) if f.promised or f.value > 0]
        self.scale = 1 + sum(max(0, f.value) for f in self.flights) // MOST_MONEY
        starts, ends = self._nodes()
        self.manager = pywrapcp.RoutingIndexManager(len(self.nodes), len(starts), starts, ends)
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.routing.solver().ReSeed(seed % 2**31)
        self._arcs()
        self._vehicles()
        self._downtimes()
        for n in range(self.first, len(self.nodes)):
            self._visit(n)
        self._without_chargers()
        self.found: list[Routed] = []
        """The best routes, flight by flight; empty until there are any."""
        self.cost: int | None = None
        self.routing.AddAtSolutionCallback(self._note)

    def _nodes(self) -> tuple[list[int], list[int]]:
        """Lay out starts, ends, an end anywhere, downtimes, flights; return starts and ends."""
        fleet = self.problem.aircraft
        begins = [Node(self.port[a.start], self.port[a.start]) for a in fleet]
        closes = [
            Node(-1, -1, end=True)
            if a.end is None
            else Node(self.port[a.end], self.port[a.end], end=True)
            for a in fleet
        ]
        # Only those in use: any other node is a visit that somebody has to make.
        self.nodes = list(dict.fromkeys(begins + closes))
        self.stays: list[tuple[int, int, int]] = []
        """(node, aircraft, first moment) of each downtime at a vertiport."""
        for i, a in enumerate(fleet):
            for d in a.downtimes:
                if d.vertiport is not None:
                    self.stays.append((len(self.nodes), i, d.window.start))
                    at = self.port[d.vertiport]
                    self.nodes.append(Node(at, at, d.window.end + 1 - d.window.start))
        self.first = len(self.nodes)
        self.nodes += [
            Node(self.port[f.origin], self.port[f.destination], flight=f) for f in self.flights
        ]
        return [self.nodes.index(n) for n in begins], [self.nodes.index(n) for n in closes]

    def _arcs(self) -> None:
        """Tell costs and dimensions of each type."""
        routing, end = self.routing, self.problem.horizon.end
        arcs = [x.arcs(self.nodes, self.scale) for x in self.legs]
        cost, seconds, charge, energy = (
            [routing.RegisterTransitMatrix(getattr(a, name).tolist()) for a in arcs]
            for name in ("cost", "time", "charge", "energy")
        )
        for i, k in enumerate(self.type_of):
            routing.SetArcCostEvaluatorOfVehicle(cost[k], i)
            routing.SetFixedCostOfVehicle(self.legs[k].kind.day_cost // self.scale, i)
        for name, of, most in (
            ("time", seconds, end),
            ("charge", charge, end + self.early),
            ("energy", energy, 2**40),
        ):
            slack = 0 if name == "energy" else most
            evaluators = [of[k] for k in self.type_of]
            routing.AddDimensionWithVehicleTransits(evaluators, slack, most, name == "energy", name)
        self.time = routing.GetDimensionOrDie("time")
        self.charge = routing.GetDimensionOrDie("charge")
        self.energy = routing.GetDimensionOrDie("energy")

    def _vehicles(self) -> None:
        """Let each aircraft begin with its charge, and end in time with enough of it."""
        horizon = self.problem.horizon
        price = round(ENERGY_WH * mean_wh_cost(self.problem) / self.scale)
        for i, a in enumerate(self.problem.aircraft):
            legs = self.legs[self.type_of[i]]
            start, end = self.routing.Start(i), self.routing.End(i)
            since = max(a.available_from, horizon.start)
            until = max(since, min(a.available_until, horizon.end))
            ready = self.early + since - legs.charge_s(a.soc_wh - legs.kind.reserve_wh)
            done = self.early + until - legs.charge_s(a.final_soc_wh - legs.kind.reserve_wh)
            self.time.CumulVar(start).SetValue(since)
            self.time.CumulVar(end).SetMax(until)
            self.charge.CumulVar(start).SetValue(max(0, ready))
            self.charge.CumulVar(end).SetMax(max(0, ready, done))
            spare = max(0, a.soc_wh - a.final_soc_wh) // ENERGY_WH
            self.energy.SetCumulVarSoftUpperBound(end, spare, price)

    def _downtimes(self) -> None:
        """Hold each downtime: at a place as a visit, elsewhere as a break between flights."""
        for node, i, since in self.stays:
            at = self.manager.NodeToIndex(node)
            self.routing.VehicleVar(at).SetValue(i)
            self._begins(node, [(since, since)])
        solver = self.routing.solver()
        for i, a in enumerate(self.problem.aircraft):
            breaks = [
                solver.FixedInterval(d.window.start, d.window.end + 1 - d.window.start, "")
                for d in a.downtimes
                if d.vertiport is None
            ]
            if breaks:
                self.time.SetBreakIntervalsOfVehicle(
                    breaks, i, self._blocks(self.legs[self.type_of[i]])
                )

    def _blocks(self, legs: Legs) -> list[int]:
        """Return how long each visit lasts, by the library's indices."""
        nodes = [self._node(at) for at in range(self.routing.Size())]
        return [int(legs.seconds[n.origin, n.destination]) if n.flight else n.lasts for n in nodes]

    def _visit(self, n: int) -> None:
        """Let a flight be flown in its window by who can, or dropped for what it is worth."""
        flight, at = self.nodes[n].flight, self.manager.NodeToIndex(n)
        assert flight is not None
        key = flight.origin, flight.destination
        able = {
            k
            for k, x in enumerate(self.legs)
            if flight.fits(x.kind) and x.seconds[self.port[key[0]], self.port[key[1]]] < BARRED
        }
        moments: Spans = [(flight.first, flight.last)]
        for k in able:
            corridor = self.problem.corridor[key]
            moments = both(moments, open_moments(self.problem, corridor, self.legs[k].kind))
        # A promise weighs more than all flights together.
        lost = max(0, flight.value) // self.scale + 2 * MOST_MONEY * flight.promised
        self.routing.AddDisjunction([at], lost)
        if not (able and moments):
            self.routing.VehicleVar(at).SetValue(-1)
            return
        if len(able) < len(self.legs):
            allowed = [i for i, k in enumerate(self.type_of) if k in able]
            self.routing.VehicleVar(at).SetValues([-1, *allowed])
        self._begins(n, moments)

    def _begins(self, n: int, moments: Spans) -> None:
        """Let a visit begin only then, and with a battery neither too empty nor too full.

        The window of the charge counts from the latest moment: on the safe side for one type.
        """
        at, node = self.manager.NodeToIndex(n), self.nodes[n]
        last = moments[-1][1]
        self.time.CumulVar(at).SetRange(moments[0][0], last)
        for (_, before), (after, _) in pairwise(moments):
            if before + 1 < after:
                self.time.CumulVar(at).RemoveInterval(before + 1, after - 1)
        held = max(
            x.battery_s
            - (x.charge_s(int(x.energy[node.origin, node.destination])) if node.flight else 0)
            for x in self.legs
        )
        self.charge.CumulVar(at).SetRange(max(0, self.early + last - held), self.early + last)

    def _without_chargers(self) -> None:
        """Let a wait charge nothing where neither vertiport of an arc has a charger."""
        bare = {i for i, v in enumerate(self.problem.vertiports) if not v.chargers}
        solver, size = self.routing.solver(), self.routing.Size()
        every = [self._node(at) for at in range(size + self.routing.vehicles())]
        helps = [int(n.origin not in bare and n.origin >= 0) for n in every]
        for at in range(size):
            if every[at].destination in bare:
                charges = solver.Element(helps, self.routing.NextVar(at))
                idle, lost = self.time.SlackVar(at), self.charge.SlackVar(at)
                solver.Add(lost + charges * self.problem.horizon.end >= idle)

    def _node(self, at: int) -> Node:
        node: int = self.manager.IndexToNode(at)
        return self.nodes[node]

    def solve(self, seconds: float) -> None:
        """Search for routes; ``found`` has the best."""
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        parameters.first_solution_strategy = (
            routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
        )
        parameters.local_search_metaheuristic = (
            routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        )
        parameters.time_limit.FromMilliseconds(max(10, int(1000 * seconds)))
        self.routing.SolveWithParameters(parameters)

    def _note(self) -> None:
        """Take the routes at hand if they are the best."""
        cost = self.routing.CostVar().Max()
        if self.cost is not None and cost >= self.cost:
            return
        self.cost = cost
        routed: list[Routed] = []
        for i, a in enumerate(self.problem.aircraft):
            at = self.routing.NextVar(self.routing.Start(i)).Value()
            while not self.routing.IsEnd(at):
                if flight := self._node(at).flight:
                    charged = self.charge.CumulVar(at).Min() - self.early
                    off = max(charged, self.time.CumulVar(at).Min())
                    routed.append(Routed(a.id, off, flight))
                at = self.routing.NextVar(at).Value()
        self.found = routed


def solve_routed(problem: AirTaxiProblem, options: SolveOptions) -> FlightPlan:
    """Return the day that the library's best routes become when they are flown out.

    Nobody flies where that is worth more, unless promises are kept.
    One thread is used. The library draws no lots by default; flying out draws orders by the seed.
    """
    since = time.perf_counter()
    routes = Routes(problem, options.seed)
    began = time.perf_counter()
    stays = fly_out(problem, [], options.seed)
    # Its tables take most of that, and as long once more with flights in them.
    flying = 1.25 * (time.perf_counter() - began)
    left = options.seconds - (time.perf_counter() - since)
    routes.solve(left - max(FLYING_SHARE * left, flying))
    flown = fly_out(problem, routes.found, options.seed, since + options.seconds - flying / 5)
    best = max(stays, flown, key=lambda plan: rank(problem, plan))
    return replace(best, seconds=time.perf_counter() - since)


def rank(problem: AirTaxiProblem, plan: FlightPlan) -> tuple[int, int]:
    """Return by what plans are compared: promises kept, then value."""
    return sum(problem.trip[name].promised for name in plan.served_trips), plan.value
