"""What a plan earns and costs, counted from its events alone."""

from __future__ import annotations

from router.airtaxi.rules.day import Day, Session
from router.airtaxi.rules.filling import level_after
from router.airtaxi.rules.trips import rides
from router.solving import Cost


def revenue(day: Day) -> int:
    """Return the worth of the trips and timetable flights served."""
    flown = {leg.flight.timetable for leg in day.legs}
    return sum(day.problem.trip[t].value for t in rides(day)) + sum(
        t.value for t in day.problem.timetable if t.id in flown
    )


def cost(day: Day) -> Cost:
    """Return the cost by component."""
    return Cost.of(
        flying=sum(
            leg.kind.cost_per_flight
            + leg.kind.cost_per_flight_s * (leg.flight.landing - leg.flight.departure)
            for leg in day.legs
        ),
        energy=sum(_energy(s) for s in day.sessions),
        vertiports=_vertiports(day),
        aircraft=sum(t.kind.day_cost for t in day.tails if t.legs),
        waiting=sum(
            _waiting(day, trip, legs[0].flight.off_block) for trip, legs in rides(day).items()
        ),
    )


def _energy(session: Session) -> int:
    charge, steps = session.charge, session.port.tariff
    battery = session.kind.battery_wh
    if not steps or not 0 <= charge.soc_before_wh <= battery or charge.end <= charge.start:
        return 0
    cuts = [
        charge.start,
        *(s.start for s in steps if charge.start < s.start < charge.end),
        charge.end,
    ]
    levels = [
        level_after(
            session.kind.curve.points,
            max(0, charge.power_w),
            charge.soc_before_wh,
            t - charge.start,
        )
        for t in cuts
    ]
    priced = 0
    for moment, low, high in zip(cuts, levels, levels[1:], strict=False):
        prices = [s.price_per_kwh for s in steps if s.start <= moment]
        priced += (high - low) * (prices[-1] if prices else steps[0].price_per_kwh)
    return -(-priced // session.group.efficiency_permille)


def _vertiports(day: Day) -> int:
    total = sum(leg.destination.landing_fee for leg in day.legs)
    for tail in day.tails:
        for port, since, to in tail.stays(day.problem.horizon.end):
            rate = day.problem.vertiport[port].stand_cost_per_hour
            total += -(-max(0, to - since) * rate // 3600)
    return total


def _waiting(day: Day, trip_id: str, off_block: int) -> int:
    trip = day.problem.trip[trip_id]
    return trip.wait_cost_per_s * max(0, off_block - trip.departure.start)
