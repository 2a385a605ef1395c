"""Flight time and energy from distance, climb and wind."""

import pytest

from router.airtaxi.network import LegStep
from router.airtaxi.performance import (
    Performance,
    Track,
    WindStep,
    bearing_deg,
    ground_speed_mps,
    leg_steps,
)

PLAIN = Performance(cruise_mps=50, terminal_s=100, fixed_wh=1000, cruise_wh_per_km=200)


def test_bearings_of_the_four_directions() -> None:
    """Along the equator and a meridian."""
    assert bearing_deg(0, 0, 1, 0) == pytest.approx(0)
    assert bearing_deg(0, 0, 0, 1) == pytest.approx(90)
    assert bearing_deg(1, 0, 0, 0) == pytest.approx(180)
    assert bearing_deg(0, 1, 0, 0) == pytest.approx(270)


def test_ground_speed_with_tail_head_and_cross_wind() -> None:
    """50 m/s with 30 m/s: 80 behind, 20 ahead, sqrt(2500 - 900) = 40 across."""
    assert ground_speed_mps(50, 0, WindStep(0, 0, 30)) == pytest.approx(80)
    assert ground_speed_mps(50, 0, WindStep(0, 180, 30)) == pytest.approx(20)
    assert ground_speed_mps(50, 0, WindStep(0, 90, 30)) == pytest.approx(40)
    assert ground_speed_mps(50, 0, WindStep(0, 90, 50)) == 0


def test_level_leg_in_calm_air() -> None:
    """10 km at 50 m/s: 200 s + 100 s; 1,000 Wh + 10 km x 200 Wh."""
    assert leg_steps(PLAIN, Track(10_000, 0, 0, 0), ()) == (LegStep(0, 300, 3000),)


def test_climb_costs_more_than_descent_gives_back() -> None:
    """500 m up: + 5 x 10 s and + 500 x 7 Wh; down: - 500 x 2 Wh; thin air: + 1 % of 1,000 Wh."""
    steep = Performance(
        cruise_mps=50,
        terminal_s=100,
        fixed_wh=1000,
        cruise_wh_per_km=200,
        climb_wh_per_m=7,
        descent_wh_per_m=2,
        climb_s_per_100m=10,
        hover_permille_per_km=40,
    )
    assert leg_steps(steep, Track(10_000, 0, 0, 500), ()) == (LegStep(0, 350, 6510),)
    assert leg_steps(steep, Track(10_000, 0, 500, 0), ()) == (LegStep(0, 300, 2010),)


def test_wind_by_time_gives_steps_and_equal_steps_merge() -> None:
    """Tail wind of 30: 125 s and 6.25 air km; a step of the same wind adds nothing."""
    winds = (WindStep(0, 0, 30), WindStep(3600, 0, 30), WindStep(7200, 180, 30))
    assert leg_steps(PLAIN, Track(10_000, 0, 0, 0), winds) == (
        LegStep(0, 225, 2250),
        LegStep(7200, 600, 6000),
    )


def test_too_far_bars_and_too_strong_a_wind_is_told() -> None:
    """A range of 9 km bars 10 km; 49.5 m/s ahead leaves half a metre a second."""
    short = Performance(
        cruise_mps=50, terminal_s=0, fixed_wh=0, cruise_wh_per_km=1, max_distance_m=9_000
    )
    assert leg_steps(short, Track(10_000, 0, 0, 0), ()) == ()
    with pytest.raises(ValueError, match="no ground speed"):
        leg_steps(PLAIN, Track(10_000, 0, 0, 0), (WindStep(0, 180, 49.5),))
