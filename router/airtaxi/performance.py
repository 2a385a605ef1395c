"""Flight time and energy of a corridor, from an aircraft's performance and wind.

Scenario files may state times and energies themselves; where they do not, they
follow from distance, climb, thin air and wind by the formulas here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from router.airtaxi.network import LegStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """How an aircraft type flies; fields as in the scenario's schema."""

    cruise_mps: float
    terminal_s: int
    fixed_wh: int
    cruise_wh_per_km: float
    climb_wh_per_m: float = 0.0
    descent_wh_per_m: float = 0.0
    climb_s_per_100m: float = 0.0
    hover_permille_per_km: float = 0.0
    max_distance_m: int | None = None


@dataclass(frozen=True, slots=True)
class WindStep:
    """Wind from ``start`` until the next step, towards a direction in degrees."""

    start: int
    toward_deg: float
    speed_mps: float


@dataclass(frozen=True, slots=True)
class Track:
    """The geometry of one corridor."""

    distance_m: int
    bearing_deg: float
    from_elevation_m: int
    to_elevation_m: int


def bearing_deg(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Return the initial bearing of a great circle, degrees from north, clockwise."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    dlam = math.radians(lon2 - lon1)
    y = math.sin(dlam) * math.cos(phi2)
    x = math.cos(phi1) * math.sin(phi2) - math.sin(phi1) * math.cos(phi2) * math.cos(dlam)
    return math.degrees(math.atan2(y, x)) % 360


def ground_speed_mps(cruise_mps: float, bearing: float, wind: WindStep) -> float:
    """Return the speed along a track that is held against the wind; 0 if it cannot be.

    The aircraft flies at ``cruise_mps`` through the air and turns into the wind
    as far as it must: ``sqrt(v^2 - cross^2) + along``.
    """
    angle = math.radians(wind.toward_deg - bearing)
    along, cross = wind.speed_mps * math.cos(angle), wind.speed_mps * math.sin(angle)
    if abs(cross) >= cruise_mps:
        return 0.0
    return max(0.0, math.sqrt(cruise_mps**2 - cross**2) + along)


def leg_steps(
    performance: Performance, track: Track, winds: Sequence[WindStep]
) -> tuple[LegStep, ...]:
    """Return flight time and energy by time of departure.

    Both are rounded up. A type whose ``max_distance_m`` is exceeded gets no
    step, which bars it.

    Raises
    ------
    ValueError
        If some wind is too strong to fly the track at all.
    """
    if performance.max_distance_m is not None and track.distance_m > performance.max_distance_m:
        return ()
    steps: list[LegStep] = []
    for wind in winds or (WindStep(0, 0.0, 0.0),):
        speed = ground_speed_mps(performance.cruise_mps, track.bearing_deg, wind)
        if speed < 1.0:
            raise ValueError(
                f"wind of {wind.speed_mps} m/s from second {wind.start} on leaves no ground speed"
            )
        step = _step(performance, track, speed, wind.start)
        if not steps or (step.seconds, step.energy_wh) != (steps[-1].seconds, steps[-1].energy_wh):
            steps.append(step)
    return tuple(steps)


def _step(performance: Performance, track: Track, speed_mps: float, start: int) -> LegStep:
    rise = track.to_elevation_m - track.from_elevation_m
    mean_km = (track.to_elevation_m + track.from_elevation_m) / 2000
    cruise_s = track.distance_m / speed_mps
    air_km = cruise_s * performance.cruise_mps / 1000
    seconds = performance.terminal_s + cruise_s + max(0, rise) / 100 * performance.climb_s_per_100m
    fixed_wh = performance.fixed_wh * (1 + mean_km * performance.hover_permille_per_km / 1000)
    slope_wh = max(0, rise) * performance.climb_wh_per_m
    slope_wh -= max(0, -rise) * performance.descent_wh_per_m
    energy_wh = max(fixed_wh, fixed_wh + air_km * performance.cruise_wh_per_km + slope_wh)
    return LegStep(start, max(1, _up(seconds)), _up(energy_wh))


def _up(value: float) -> int:
    # Digits beyond the sixth are noise of the platform's arithmetic.
    return math.ceil(round(value, 6))
