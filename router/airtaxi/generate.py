"""Seeded demand with a daily shape.

Every party is drawn on its own: a flow by its share, an hour by the flow's
profile, a second of that hour, a size, a weight, whether it shares. Parties
are drawn until the passengers asked for are complete; the last one is cut to
fit. The same model, number and seed give the same trips everywhere.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from router.airtaxi.demand import Trip
from router.timewindow import TimeWindow

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Flow:
    """Passengers from one vertiport to another."""

    origin: str
    destination: str
    share: float
    """Weight among all flows, > 0."""
    profile: str
    """Which of the model's profiles shapes its day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandModel:
    """What trips are drawn from; money in minor currency units."""

    flows: tuple[Flow, ...]
    profiles: Mapping[str, Mapping[int, float]]
    """Weight of each hour of the day, by name."""
    party_sizes: Mapping[int, float]
    """Weight of each party size."""
    window_s: int
    passenger_kg: int
    passenger_kg_spread: int = 0
    fare_per_passenger: int
    fare_per_passenger_km: int
    wait_cost_per_passenger_s: int = 0
    private_share: float = 0.0
    private_fare_factor: float = 1.0
    promised_share: float = 0.0


def generate_trips(
    model: DemandModel, distance_m: Mapping[tuple[str, str], int], passengers: int, seed: int
) -> tuple[Trip, ...]:
    """Draw trips whose parties sum to ``passengers``, by earliest departure.

    Parameters
    ----------
    model
        What to draw from.
    distance_m
        Distance for the fare, by origin and destination of every flow.
    passengers
        How many in all, >= 0.
    seed
        Seed of every draw.
    """
    draw = random.Random(seed)
    shares = [f.share for f in model.flows]
    trips: list[Trip] = []
    left = passengers
    while left > 0:
        flow = draw.choices(model.flows, shares)[0]
        trip = _trip(model, flow, distance_m[flow.origin, flow.destination], left, draw)
        left -= trip.party
        trips.append(trip)
    trips.sort(key=lambda t: (t.departure, t.origin, t.destination, t.party, t.weight_kg))
    width = len(str(len(trips)))
    return tuple(replace(trip, id=f"T{number:0{width}}") for number, trip in enumerate(trips, 1))


def _trip(model: DemandModel, flow: Flow, distance: int, most: int, draw: random.Random) -> Trip:
    hours = model.profiles[flow.profile]
    hour = draw.choices(list(hours), list(hours.values()))[0]
    start = hour * HOUR + draw.randrange(HOUR)
    party = draw.choices(list(model.party_sizes), list(model.party_sizes.values()))[0]
    party = min(party, most)
    spread = model.passenger_kg_spread
    weight = sum(model.passenger_kg + draw.randint(-spread, spread) for _ in range(party))
    private = draw.random() < model.private_share
    promised = draw.random() < model.promised_share
    fare = party * (model.fare_per_passenger + model.fare_per_passenger_km * distance // 1000)
    return Trip(
        id="",
        origin=flow.origin,
        destination=flow.destination,
        party=party,
        weight_kg=max(0, weight),
        departure=TimeWindow(start, start + model.window_s),
        value=round(fare * model.private_fare_factor) if private else fare,
        wait_cost_per_s=party * model.wait_cost_per_passenger_s,
        promised=promised,
        may_share=not private,
    )
