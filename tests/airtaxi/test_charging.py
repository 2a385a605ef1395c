"""The charging definition against numbers by hand and a loop over watt-hours."""

from hypothesis import given
from hypothesis import strategies as st

from router.airtaxi.charging import ChargeCurve, charge, drawn_w, fill_times, seconds_to

LINEAR = ChargeCurve.constant(1_000, 3_600)
TAPER = ChargeCurve.tapered(100, 3_600, 20)


def test_linear_charging_gives_a_watt_hour_a_second() -> None:
    """3,600 W fill 1 Wh in exactly 1 s, and stop at the battery's size."""
    assert charge(LINEAR, 3_600, 100, 50) == 150
    assert charge(LINEAR, 3_600, 990, 50) == 1_000
    assert charge(LINEAR, 1_800, 100, 51) == 125


def test_taper_uses_the_lower_power_of_each_watt_hour() -> None:
    """P(20) = 3600, P(21) = 3555, so the 21st watt-hour takes ceil(3.6e9 / 3555) us > 1 s."""
    assert TAPER.power_w(21) == 3_555
    assert charge(TAPER, 9_999, 19, 1) == 20
    assert charge(TAPER, 9_999, 20, 1) == 20
    assert charge(TAPER, 9_999, 20, 2) == 21


def test_power_of_zero_is_never_passed() -> None:
    """The taper ends at 0 W, so the last watt-hour is never filled."""
    assert len(fill_times(TAPER, 9_999)) - 1 == 99
    assert charge(TAPER, 9_999, 0, 10**6) == 99
    assert charge(TAPER, 9_999, 100, 10) == 100
    assert charge(TAPER, 0, 10, 100) == 10
    assert seconds_to(TAPER, 9_999, 0, 100) is None
    assert drawn_w(TAPER, 9_999, 99) == 0


def test_joby_curve_agrees_with_the_closed_form() -> None:
    """160 kWh at 315 kW: 20 to 40 % is 7.01 min by the logarithm."""
    curve = ChargeCurve.tapered(160_000, 315_000, 32_000)
    seconds = seconds_to(curve, 315_000, 32_000, 64_000)
    assert seconds is not None
    assert abs(seconds / 60 - 7.01) < 0.01


@st.composite
def curves(draw: st.DrawFn) -> ChargeCurve:
    """Curves of up to four break points, never rising."""
    socs = sorted(draw(st.sets(st.integers(1, 300), min_size=1, max_size=4)))
    powers = sorted(
        draw(st.lists(st.integers(0, 9_000), min_size=len(socs) + 1, max_size=len(socs) + 1)),
        reverse=True,
    )
    return ChargeCurve(tuple(zip([0, *socs], powers, strict=True)))


@given(curves(), st.integers(0, 9_000), st.integers(0, 300), st.integers(0, 900))
def test_charge_is_the_loop_over_watt_hours(
    curve: ChargeCurve, cap: int, soc: int, seconds: int
) -> None:
    """The table lookup equals filling one watt-hour after the other."""
    soc = min(soc, curve.points[-1][0])
    left, level = seconds * 1_000_000, soc
    while (power := drawn_w(curve, cap, level)) > 0 and (us := -(-3_600_000_000 // power)) <= left:
        left, level = left - us, level + 1
    assert charge(curve, cap, soc, seconds) == level


@given(curves(), st.integers(1, 9_000), st.integers(0, 300), st.integers(0, 900))
def test_seconds_to_is_the_least_time(curve: ChargeCurve, cap: int, soc: int, seconds: int) -> None:
    """One second less than the least time falls short of the target."""
    soc = min(soc, curve.points[-1][0])
    target = charge(curve, cap, soc, seconds)
    least = seconds_to(curve, cap, soc, target)
    assert least is not None
    assert least <= seconds
    assert charge(curve, cap, soc, least) == target
    assert least == 0 or charge(curve, cap, soc, least - 1) < target
