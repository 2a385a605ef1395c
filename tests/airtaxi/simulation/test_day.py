"""The tiny day of tests/airtaxi/days.py with one thing otherwise at a time.

As planned: A 1000 to B 1800, charge 1860 to 2160 (1 Wh a second, 1500 to 1800 Wh), B 2220 to A
2920. Ready at B at 1800 + 300 s of turnaround; 60 s to connect and to disconnect.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from router.airtaxi.demand import Trip
from router.airtaxi.fleet import Downtime, Pilot
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import FlightPlan
from router.airtaxi.simulation import Cancelled, DayOutcome, Recovery, Uncertainty
from router.airtaxi.simulation.day import Day
from router.airtaxi.simulation.uncertainty import Draws
from router.timewindow import TimeWindow
from tests.airtaxi.days import BACK, DAY, FILL, OUT, PLAN, moved, twin, with_aircraft, with_port

CERTAIN = Uncertainty()


@dataclass(frozen=True)
class Fixed(Draws):
    """Draws that are told, not drawn."""

    asked: Uncertainty = CERTAIN
    seed: int = 0
    day: int = 0
    factors: dict[int, float] = field(default_factory=dict)
    turnarounds: dict[int, int] = field(default_factory=dict)
    late: dict[str, int | None] = field(default_factory=dict)
    extra: tuple[Trip, ...] = ()
    shut: dict[str, list[TimeWindow]] = field(default_factory=dict)

    def flight_factor(self, number: int) -> float:
        """Return what is told of a flight."""
        return self.factors.get(number, 1.0)

    def turnaround_delay(self, number: int) -> int:
        """Return what is told of the turnaround after a flight."""
        return self.turnarounds.get(number, 0)

    def lateness(self, trip: str) -> int | None:
        """Return what is told of a party."""
        return self.late.get(trip, 0)

    def walk_ups(self, problem: AirTaxiProblem) -> Iterator[Trip]:
        """Return those told."""
        return iter(self.extra)

    def closures(self, problem: AirTaxiProblem) -> dict[str, list[TimeWindow]]:
        """Return those told."""
        return self.shut


def flown(
    draws: Fixed, problem: AirTaxiProblem = DAY, plan: FlightPlan = PLAN, **rules: int
) -> DayOutcome:
    """Return how the day turned out."""
    return Day(problem, plan, draws, Recovery(**rules)).run()


def times(outcome: DayOutcome) -> list[tuple[int, int] | None]:
    """Return off-block and on-block of each planned flight, ``None`` where cancelled."""
    return [f.actual and (f.actual.off_block, f.actual.on_block) for f in outcome.flights]


def test_as_planned() -> None:
    """Flights, charge and value are those of the plan: 9,500 earned, 7,577 spent."""
    outcome = flown(Fixed())
    assert outcome.flown_plan().flights == (OUT, BACK)
    assert outcome.flown_plan().charges == (FILL,)
    assert outcome.value == 1923
    assert outcome.margins_wh == (500, 400)
    assert (outcome.on_time(0), outcome.arrived_on_time(0)) == (1, 1)


def test_a_longer_turnaround_delays_the_next_flight() -> None:
    """1800 + 300 + 500 = 2600 instead of 2220: 380 s late, none of it from the flight before."""
    outcome = flown(Fixed(turnarounds={0: 500}))
    assert times(outcome) == [(1000, 1800), (2600, 3300)]
    assert [f.knock_on_s for f in outcome.flights] == [0, 0]
    ride = next(r for r in outcome.rides if r.trip == "three")
    assert (ride.delay_s, ride.wait_s, ride.on_block) == (380, 600, 3300)
    assert outcome.on_time(300) == 0.5
    assert outcome.arrived_on_time(300) == 0.75


def test_a_longer_flight_shortens_the_charge_and_is_handed_on() -> None:
    """Half as long again: lands 2000, on block 2100, 750 Wh, 1250 left; plugged in at 2160.

    The way back needs 1000 + 400 Wh, there after 150 s, past the planned end: unplugged at 2310,
    ready at 2370 for the charge and at 2400 for the turnaround.
    """
    outcome = flown(Fixed(factors={0: 1.5}))
    assert times(outcome) == [(1000, 2100), (2400, 3100)]
    (charge,) = outcome.charges
    assert (charge.start, charge.end) == (2160, 2310)
    assert (charge.soc_before_wh, charge.soc_after_wh) == (1250, 1400)
    assert outcome.flights[1].knock_on_s == 180
    assert outcome.margins_wh == (250, 0)


def test_a_flight_waits_for_a_late_party() -> None:
    """60 s: all are on board at 1060; the charge starts at 1920 and ends when planned."""
    outcome = flown(Fixed(late={"two": 60}))
    assert times(outcome) == [(1060, 1860), (2220, 2920)]
    assert [(c.start, c.end, c.soc_after_wh) for c in outcome.charges] == [(1920, 2160, 1740)]


def test_a_flight_waits_no_longer_than_it_may() -> None:
    """500 s: the flight leaves after 120 s without the party, which finds no other."""
    outcome = flown(Fixed(late={"two": 500}))
    assert times(outcome)[0] == (1120, 1920)
    ride = next(r for r in outcome.rides if r.trip == "two")
    assert (ride.late, ride.on_block, ride.missed) == (True, None, False)
    assert outcome.value < 1923 - 3000


def test_a_party_that_does_not_come_is_not_waited_for() -> None:
    """The flight leaves in time with the other one; nobody missed anything."""
    outcome = flown(Fixed(late={"two": None}))
    assert times(outcome)[0] == (1000, 1800)
    actual = outcome.flights[0].actual
    assert actual is not None
    assert actual.trips == ("one",)
    ride = next(r for r in outcome.rides if r.trip == "two")
    assert (ride.came, ride.missed) == (False, False)


def test_a_flight_too_late_is_cancelled() -> None:
    """Ready at 6,100, later than 2,220 + 3,600: party three is not flown."""
    outcome = flown(Fixed(turnarounds={0: 4_000}))
    assert times(outcome) == [(1000, 1800), None]
    assert outcome.flights[1].cancelled is Cancelled.TOO_LATE
    assert [r.trip for r in outcome.rides if r.missed] == ["three"]
    assert flown(Fixed(turnarounds={0: 4_000}), cancel_after_s=4_000).flights[1].delay_s == 3_880


def test_what_follows_a_cancelled_flight_is_elsewhere() -> None:
    """The way out is cancelled, as B is closed at first and A for good: X never leaves A."""
    outcome = flown(Fixed(shut={"A": [TimeWindow(0, 7_000)]}))
    reasons = [f.cancelled for f in outcome.flights]
    assert reasons == [Cancelled.CLOSED, Cancelled.ELSEWHERE]
    assert outcome.charges == ()


def test_a_closure_holds_departures_back() -> None:
    """B closes from 2,200 to 2,600: its pad is used from 2,601 on, off block 40 s before."""
    outcome = flown(Fixed(shut={"B": [TimeWindow(2_200, 2_600)]}))
    assert times(outcome) == [(1000, 1800), (2561, 3261)]


def test_who_is_in_the_air_when_it_closes_lands() -> None:
    """B closes at 1,500, while the flight is on its way: it lands at 1,700 as planned."""
    outcome = flown(Fixed(shut={"B": [TimeWindow(1_500, 1_750)]}))
    assert times(outcome)[0] == (1000, 1800)


def test_walk_ups_take_free_seats() -> None:
    """Three of four seats are taken: one more boards, two more do not, nobody at another time."""
    ask = DAY.trips[1]
    one = replace(ask, id="w1", value=500)
    two = replace(ask, id="w2", party=2)
    gone = replace(ask, id="w3", departure=TimeWindow(0, 999))
    outcome = flown(Fixed(extra=(two, one, gone)))
    assert (outcome.walk_ups, outcome.walk_ups_flown) == (3, 1)
    assert outcome.value == 1923 + 500


def test_a_party_left_behind_takes_the_next_flight() -> None:
    """Party two is at A at 1,500, when Y leaves empty; on block at 2,300, not 1,800."""
    problem = twin(DAY)
    other = moved(OUT, 500, aircraft="Y", trips=())
    plan = replace(PLAN, flights=(OUT, BACK, other))
    outcome = flown(Fixed(late={"two": 500}), problem, plan)
    ride = next(r for r in outcome.rides if r.trip == "two")
    assert (ride.rebooked, ride.on_block, ride.delay_s) == (True, 2300, 500)


def test_landing_waits_in_the_air_for_a_pad() -> None:
    """Y lands at B from 1,790 on for 60 s; X, 100 s late, arrives at 1,800 and holds for 50 s.

    600 Wh for the longer flight (ceil of 500 x 700 / 600 = 584) and 42 for 50 of 700 s.
    """
    problem = twin(DAY)
    other = moved(OUT, 90, aircraft="Y", trips=())
    plan = replace(PLAN, flights=(OUT, BACK, other))
    outcome = flown(Fixed(factors={0: 7 / 6}), problem, plan)
    assert outcome.flights[0].holding_s == 50
    actual = outcome.flights[0].actual
    assert actual is not None
    assert (actual.landing, actual.on_block, actual.energy_wh) == (1850, 1950, 584 + 42)


def test_a_charge_that_is_short_is_made_up() -> None:
    """Without the planned session the way back lacks nothing from 1,500 Wh; from 1,300 it does.

    1,300 to 1,400 Wh take 100 s from 1,860 on: done before the flight is due.
    """
    plan = replace(PLAN, charges=())
    assert times(flown(Fixed(), plan=plan))[1] == (2220, 2920)
    outcome = flown(Fixed(factors={0: 1.4}), plan=plan)
    (charge,) = outcome.charges
    assert (charge.soc_before_wh, charge.soc_after_wh) == (1300, 1400)
    assert charge.start == 2340
    assert times(outcome)[1] == (2500, 3200)


def test_without_a_charger_a_short_charge_cancels() -> None:
    """The same where B has none."""
    problem = with_port(DAY, "B", chargers=())
    outcome = flown(Fixed(factors={0: 1.4}), problem, replace(PLAN, charges=()))
    assert outcome.flights[1].cancelled is Cancelled.ENERGY


def test_downtimes_are_kept() -> None:
    """Down from 2,930 on, 10 s after the plan is done; a delay of 380 s does not fit before it."""
    down = Downtime(window=TimeWindow(2_930, 7_100))
    problem = with_aircraft(DAY, downtimes=(down,))
    assert times(flown(Fixed(), problem))[1] == (2220, 2920)
    assert flown(Fixed(turnarounds={0: 500}), problem).flights[1].cancelled is Cancelled.CLOSED


def test_pilots_go_home_in_time() -> None:
    """The shift ends at 3,000: with 380 s of delay the way back would end at 3,300."""
    pilot = Pilot(id="P", base="A", shift=TimeWindow(0, 3_000))
    problem = replace(DAY, pilots=(pilot,))
    plan = replace(PLAN, flights=(replace(OUT, pilot="P"), replace(BACK, pilot="P")))
    assert times(flown(Fixed(), problem, plan))[1] == (2220, 2920)
    late = flown(Fixed(turnarounds={0: 500}), problem, plan)
    assert late.flights[1].cancelled is Cancelled.PILOT


def test_without_a_stand_it_waits_on_the_taxiway() -> None:
    """B has one stand, which Y leaves at 1,800, just in time; with a delay of 200 s X waits.

    After the longest wait of 100 s it is parked elsewhere.
    """
    problem = twin(with_port(DAY, "B", stands=1), start="B")
    away = moved(BACK, -420, aircraft="Y", trips=(), soc_before_wh=2000, soc_after_wh=1600)
    plan = replace(PLAN, flights=(OUT, BACK, away))
    assert times(flown(Fixed(), problem, plan)) == [(1000, 1800), (2220, 2920), (1800, 2500)]
    shut = {"B": [TimeWindow(1_700, 2_039)]}
    assert times(flown(Fixed(shut=shut), problem, plan))[0] == (1000, 2000)
    impatient = flown(Fixed(shut=shut), problem, plan, taxi_wait_s=100)
    assert times(impatient)[0] == (1000, 1900)
    assert impatient.off_stand == 1
