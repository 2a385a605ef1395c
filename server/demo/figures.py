"""The key figures of each part's plan, counted from the plan itself."""

from __future__ import annotations

from collections import Counter

from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import FlightPlan
from router.freight.docks.plan import DockPlan
from router.freight.docks.problem import DockProblem
from router.freight.flows.plan import FlowPlan
from router.freight.flows.problem import FlowProblem, Mode
from router.freight.routes.plan import RoutePlan, StopKind
from router.freight.routes.problem import RoutingProblem
from router.freight.routes.schedule import schedule
from server.demo.part import Figures
from server.demo.units import duration, mean, part_of, thousands


def airtaxi(problem: AirTaxiProblem, plan: FlightPlan) -> Figures:
    """Return trips, passengers, flights, load, energy and waiting."""
    served = [problem.trip[trip] for trip in plan.served_trips]
    first: dict[str, int] = {}
    for flight in plan.flights:
        for trip in flight.trips:
            first[trip] = min(first.get(trip, flight.off_block), flight.off_block)
    waits = [first[trip.id] - trip.departure.start for trip in served]
    seats = sum(problem.type_of(flight.aircraft).seats for flight in plan.flights)
    taken = sum(problem.trip[trip].party for flight in plan.flights for trip in flight.trips)
    return {
        "Trips served": part_of(len(served), len(problem.trips)),
        "Passengers served": part_of(
            sum(trip.party for trip in served), sum(trip.party for trip in problem.trips)
        ),
        "Flights": f"{thousands(len(plan.flights))} ({plan.empty_flights} empty)",
        "Seats taken": f"{taken / seats:.0%}" if seats else "–",
        "Aircraft used": part_of(len({f.aircraft for f in plan.flights}), len(problem.aircraft)),
        "Energy charged": f"{thousands(sum(c.energy_wh for c in plan.charges) / 1000)}\u00a0kWh",
        "Mean wait": duration(mean(waits)),
    }


def routes(problem: RoutingProblem, plan: RoutePlan) -> Figures:
    """Return stops, vehicles, length and hours."""
    driven = schedule(problem, plan)
    tasks = len(problem.visits) + len(problem.shipments)
    fleet = [kind.count for kind in problem.vehicle_types]
    vehicles = sum(count for count in fleet if count is not None)
    pickups = sum(s.kind is StopKind.PICKUP for route in plan.routes for s in route.stops)
    stops = sum(len(route.stops) for route in plan.routes)
    return {
        "Orders served": part_of(tasks - len(plan.unserved), tasks),
        "Vehicles used": part_of(len(driven), vehicles) if None not in fleet else len(driven),
        "Stops": f"{thousands(stops)} ({pickups} pickups)",
        "Driven": f"{thousands(sum(r.distance for r in driven) / 1000)}\u00a0km",
        "On the road": duration(sum(r.duration for r in driven)),
    }


def docks(problem: DockProblem, plan: DockPlan) -> Figures:
    """Return trucks, transfers, waiting and lateness."""
    trucks = {truck.id: truck for truck in problem.trucks}
    waits = [a.start - trucks[a.truck].ready for a in plan.appointments]
    late = [a.end - trucks[a.truck].due for a in plan.appointments if a.end > trucks[a.truck].due]
    made = len(problem.transfers) - len(plan.missed)
    return {
        "Trucks served": part_of(len(plan.appointments), len(problem.trucks)),
        "Transfers made": part_of(made, len(problem.transfers)),
        "Doors": len(problem.doors),
        "Mean wait": duration(mean(waits)),
        "Late trucks": f"{len(late)}, together {duration(sum(late))}",
    }


def flows(problem: FlowProblem, plan: FlowPlan) -> Figures:
    """Return goods shipped, by mode, and how full departures are."""
    lanes = {lane.id: lane for lane in problem.lanes}
    wanted = sum(goods.amount for goods in problem.commodities)
    left = sum(goods.amount for goods in plan.unshipped)
    carried: Counter[Mode] = Counter()
    offered: Counter[Mode] = Counter()
    for flow in plan.flows:
        carried[lanes[flow.lane].mode] += flow.amount
    for run in plan.departures:
        offered[lanes[run.lane].mode] += run.count * lanes[run.lane].capacity
    by_mode = {
        f"By {mode.value}": f"{thousands(carried[mode])}\u00a0{problem.unit} "
        f"({carried[mode] / offered[mode]:.0%} full)"
        for mode in Mode
        if offered[mode]
    }
    return {
        f"Goods shipped, {problem.unit}": part_of(wanted - left, wanted),
        "Lanes used": part_of(len(plan.departures), len(problem.lanes)),
        "Departures": thousands(sum(run.count for run in plan.departures)),
        **by_mode,
    }
