"""From the compiled search back to the domain: flights, sessions and their money."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from router._airtaxi import POWER_CAPS, Search
from router.airtaxi.charging import charge
from router.airtaxi.demand import TimetableFlight, Trip
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import Charge, Flight
from router.airtaxi.tables import Index
from router.solving import Cost


def flights(index: Index, search: Search, *, best: bool = False) -> tuple[Flight, ...]:
    """Return the flights that the search, or its best plan, holds by aircraft and time."""
    found = []
    for tail, corridor, off, dep, land, on, energy, soc, riders in search.legs(best):
        names = [index.riders[p] for p in riders]
        timetable = next((r.id for r in names if isinstance(r, TimetableFlight)), None)
        found.append(
            Flight(
                aircraft=index.aircraft[tail].id,
                origin=index.corridors[corridor].origin,
                destination=index.corridors[corridor].destination,
                off_block=off + index.start,
                departure=dep + index.start,
                landing=land + index.start,
                on_block=on + index.start,
                trips=tuple(sorted(r.id for r in names if isinstance(r, Trip))),
                energy_wh=energy,
                soc_before_wh=soc + energy,
                soc_after_wh=soc,
                timetable=timetable,
                pilot=index.roster.pilot(tail, off + index.start),
            )
        )
    return tuple(found)


def charges(index: Index, search: Search, *, best: bool = False) -> tuple[Charge, ...]:
    """Return the sessions that the search, or its best plan, holds, by aircraft and time."""
    found = []
    for tail, port, group, cap, start, end, before, after in search.sessions(best):
        charger = index.vertiports[port].charger(index.groups[group][1])
        assert charger is not None
        found.append(
            Charge(
                aircraft=index.aircraft[tail].id,
                vertiport=index.vertiports[port].id,
                charger=charger.id,
                start=start + index.start,
                end=end + index.start,
                power_w=max(1, charger.power_w * (POWER_CAPS - cap) // POWER_CAPS),
                soc_before_wh=before,
                soc_after_wh=after,
            )
        )
    return tuple(found)


def cost(problem: AirTaxiProblem, flown: Sequence[Flight], charged: Sequence[Charge]) -> Cost:
    """Return what flights (by aircraft and time) and sessions cost, by component."""
    flying = landing = waiting = 0
    begun: set[str] = set()
    for f in flown:
        kind = problem.type_of(f.aircraft)
        flying += kind.cost_per_flight + kind.cost_per_flight_s * (f.landing - f.departure)
        landing += problem.vertiport[f.destination].landing_fee
        for trip in (problem.trip[name] for name in f.trips if name not in begun):
            waiting += trip.wait_cost_per_s * (f.off_block - trip.departure.start)
        begun.update(f.trips)
    return Cost.of(
        flying=flying,
        energy=sum(energy_cost(problem, c) for c in charged),
        vertiports=landing + _stand_cost(problem, flown),
        aircraft=sum(problem.type_of(name).day_cost for name in {f.aircraft for f in flown}),
        waiting=waiting,
    )


def energy_cost(problem: AirTaxiProblem, session: Charge) -> int:
    """Return what a session costs, each watt-hour at the price of when it is filled."""
    port = problem.vertiport[session.vertiport]
    group = port.charger(session.charger)
    if not port.tariff or group is None:
        return 0
    curve = problem.type_of(session.aircraft).curve
    cuts = [t.start for t in port.tariff if session.start < t.start < session.end]
    total, level, since = 0, session.soc_before_wh, session.start
    for until in [*cuts, session.end]:
        reached = charge(curve, session.power_w, session.soc_before_wh, until - session.start)
        price = [t for t in port.tariff if t.start <= since] or [port.tariff[0]]
        total += (reached - level) * price[-1].price_per_kwh
        level, since = reached, until
    return -(-total // group.efficiency_permille)


def _stand_cost(problem: AirTaxiProblem, flown: Sequence[Flight]) -> int:
    by_tail = {name: list(row) for name, row in groupby(flown, key=lambda f: f.aircraft)}
    total = 0
    for tail in problem.aircraft:
        place, since = tail.start, max(tail.available_from, problem.horizon.start)
        for f in by_tail.get(tail.id, ()):
            total += _stay(problem, place, since, f.off_block)
            place, since = f.destination, f.on_block
        total += _stay(problem, place, since, problem.horizon.end)
    return total


def _stay(problem: AirTaxiProblem, place: str, since: int, until: int) -> int:
    rate = problem.vertiport[place].stand_cost_per_hour
    return -(-(until - since) * rate // 3600)
