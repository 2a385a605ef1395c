"""Seeded demand: totals, shape, repeatability."""

from router.airtaxi.generate import DemandModel, Flow, generate_trips
from router.timewindow import TimeWindow

MODEL = DemandModel(
    flows=(Flow("A", "B", 3, "early"), Flow("B", "A", 1, "late")),
    profiles={"early": {7: 1, 8: 3}, "late": {18: 1}},
    party_sizes={1: 1, 2: 1},
    window_s=600,
    passenger_kg=80,
    fare_per_passenger=1000,
    fare_per_passenger_km=10,
    wait_cost_per_passenger_s=2,
)
DISTANCE = {("A", "B"): 5_500, ("B", "A"): 5_500}


def test_passengers_are_exact_and_fares_follow_the_party() -> None:
    """A party of two pays 2 x (1000 + 55), weighs 160 kg and waits at 4 a second."""
    trips = generate_trips(MODEL, DISTANCE, 999, 1)
    assert sum(t.party for t in trips) == 999
    pair = next(t for t in trips if t.party == 2)
    assert (pair.value, pair.weight_kg, pair.wait_cost_per_s) == (2110, 160, 4)
    assert pair.departure.end - pair.departure.start == 600


def test_the_day_has_its_shape() -> None:
    """Three quarters fly A to B, three quarters of those at eight."""
    trips = generate_trips(MODEL, DISTANCE, 4000, 2)
    out = [t for t in trips if t.origin == "A"]
    assert 0.70 < len(out) / len(trips) < 0.80
    eight = [t for t in out if t.departure.start >= 8 * 3600]
    assert 0.70 < len(eight) / len(out) < 0.80
    assert all(
        t.departure.start in TimeWindow(18 * 3600, 19 * 3600) for t in trips if t.origin == "B"
    )


def test_the_seed_decides() -> None:
    """Same seed, same trips; another seed, others; no passengers, none."""
    assert generate_trips(MODEL, DISTANCE, 50, 1) == generate_trips(MODEL, DISTANCE, 50, 1)
    assert generate_trips(MODEL, DISTANCE, 50, 1) != generate_trips(MODEL, DISTANCE, 50, 2)
    assert generate_trips(MODEL, DISTANCE, 0, 1) == ()
