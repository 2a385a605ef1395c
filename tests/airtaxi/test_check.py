"""The checker: the tiny day's figures by hand, then one broken rule a test."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.airtaxi import (
    AirTaxiProblem,
    ChargeCurve,
    Downtime,
    FlightPlan,
    LegStep,
    Pilot,
    TimetableFlight,
    UnservedReason,
    UnservedTrip,
)
from router.airtaxi.charging import charge
from router.airtaxi.check import check
from router.airtaxi.rules.filling import level_after
from router.airtaxi.rules.sites import excesses
from router.solving import Cost
from router.timewindow import TimeWindow
from tests.airtaxi.days import (
    BACK,
    DAY,
    FILL,
    OUT,
    PLAN,
    moved,
    twin,
    with_aircraft,
    with_port,
    with_trip,
    with_type,
)


def codes(problem: AirTaxiProblem, plan: FlightPlan) -> set[str]:
    """Return the codes of everything that the checker finds."""
    return {v.code for v in check(problem, plan).violations}


def plan_of(*flights: object, **changes: object) -> FlightPlan:
    """Return the tiny plan with other flights."""
    return replace(PLAN, flights=flights, **changes)


def left_out(plan: FlightPlan, *trips: str) -> FlightPlan:
    """Return a plan that lists trips as unserved."""
    return replace(
        plan, unserved=tuple(UnservedTrip(t, (UnservedReason.NOT_WORTH,)) for t in trips)
    )


class TestFigures:
    """The tiny day, worked out by hand."""

    def test_the_tiny_plan_keeps_every_rule(self) -> None:
        """Nothing is wrong with it."""
        assert check(DAY, PLAN).violations == ()

    def test_cost_split_and_value(self) -> None:
        """Every component by hand.

        flying: 2 x 100 + 2 x (600 + 500) = 2,400. energy: 100 Wh by 1960 at 9,
        200 Wh at 18: 4,500 / 900 = 5. vertiports: 2 landings of 7; stands
        1000 s -> 10, 420 s -> 4.2 up to 5, 4280 s -> 42.8 up to 43: 72 in all.
        waiting: `one` waits 100 s at 1.
        """
        report = check(DAY, PLAN)
        assert dict(report.cost.components) == {
            "flying": 2400,
            "energy": 5,
            "vertiports": 72,
            "aircraft": 5000,
            "waiting": 100,
        }
        assert report.revenue == 9500
        assert report.value == 9500 - 7577
        assert (report.served_trips, report.served_passengers) == (3, 4)

    def test_an_idle_day_costs_its_stands(self) -> None:
        """7,200 s on a stand at 36 an hour; no day cost without a flight."""
        report = check(DAY, left_out(FlightPlan(), "one", "two", "three"))
        assert report.violations == ()
        assert report.value == -72


class TestFlights:
    """Rules of a flight on its own."""

    @pytest.mark.parametrize("name", ["departure", "landing", "on_block"])
    def test_moments_follow_from_each_other(self, name: str) -> None:
        """One second off in any of them."""
        wrong = replace(OUT, **{name: getattr(OUT, name) + 1})
        assert "FLIGHT_TIMES" in codes(DAY, plan_of(wrong, BACK))

    def test_time_and_energy_follow_the_moment_of_departure(self) -> None:
        """From 1,100 on the flight takes 700 s and 600 Wh; a second before, it would not."""
        steps = (LegStep(0, 600, 500), LegStep(1100, 700, 600))
        slow = replace(DAY.corridors[0], legs=steps)
        problem = replace(DAY, corridors=(slow, DAY.corridors[1]))
        assert {"FLIGHT_TIMES", "FLIGHT_ENERGY"} <= codes(problem, PLAN)
        later = replace(slow, legs=(LegStep(0, 600, 500), LegStep(1101, 700, 600)))
        assert codes(replace(DAY, corridors=(later, DAY.corridors[1])), PLAN) == set()

    def test_energy_is_that_of_the_corridor(self) -> None:
        """A watt-hour less."""
        wrong = replace(OUT, energy_wh=499, soc_after_wh=1501)
        assert "FLIGHT_ENERGY" in codes(DAY, plan_of(wrong, BACK))

    def test_no_corridor(self) -> None:
        """The way back is not there, or bars the type."""
        assert "NO_CORRIDOR" in codes(replace(DAY, corridors=DAY.corridors[:1]), PLAN)
        barred = replace(DAY.corridors[1], type_legs={"T": ()})
        assert "NO_CORRIDOR" in codes(replace(DAY, corridors=(DAY.corridors[0], barred)), PLAN)

    def test_horizon(self) -> None:
        """It ends a second before the last on-block."""
        assert codes(replace(DAY, horizon=TimeWindow(0, 2919)), PLAN) == {"HORIZON"}
        assert codes(replace(DAY, horizon=TimeWindow(0, 2920)), PLAN) == set()

    def test_opening_contains_the_pad_time(self) -> None:
        """The take-off uses its pad from 1,040 to 1,100, the landing from 2,820 to 2,880."""
        assert codes(with_port(DAY, "A", opening=(TimeWindow(1040, 2880),)), PLAN) == set()
        for window in (TimeWindow(1041, 2880), TimeWindow(1040, 2879)):
            assert codes(with_port(DAY, "A", opening=(window,)), PLAN) == {"VERTIPORT_CLOSED"}

    def test_closure_of_a_corridor(self) -> None:
        """A closure that starts as the aircraft lands is met; a second later it is not."""
        for start, found in ((1700, {"CORRIDOR_CLOSED"}), (1701, set())):
            shut = replace(DAY.corridors[0], closures=(TimeWindow(start, 1800),))
            assert codes(replace(DAY, corridors=(shut, DAY.corridors[1])), PLAN) == found

    def test_seats(self) -> None:
        """Three passengers, two seats."""
        assert codes(with_type(DAY, seats=2), PLAN) == {"SEATS"}
        assert codes(with_type(DAY, seats=3), PLAN) == set()

    def test_payload(self) -> None:
        """180 kg and 90 kg."""
        assert codes(with_type(DAY, payload_kg=269), PLAN) == {"PAYLOAD"}
        assert codes(with_type(DAY, payload_kg=270), PLAN) == set()

    def test_a_party_that_does_not_share_is_alone(self) -> None:
        """`two` shares with `one`; `three` is alone."""
        assert codes(with_trip(DAY, "two", may_share=False), PLAN) == {"NOT_SHARED"}
        assert codes(with_trip(DAY, "three", may_share=False), PLAN) == set()


class TestTails:
    """Rules of an aircraft through its day."""

    def test_place(self) -> None:
        """It starts at B."""
        assert "PLACE" in codes(with_aircraft(DAY, start="B"), PLAN)

    def test_turnaround(self) -> None:
        """420 s on the stand."""
        assert codes(with_type(DAY, turnaround_s=421), PLAN) == {"TURNAROUND"}
        assert codes(with_type(DAY, turnaround_s=420), PLAN) == set()

    def test_availability(self) -> None:
        """From before 1,000 until after 2,920."""
        assert codes(with_aircraft(DAY, available_from=1001), PLAN) == {"AVAILABILITY"}
        assert codes(with_aircraft(DAY, available_until=2919), PLAN) == {"AVAILABILITY"}
        assert codes(with_aircraft(DAY, available_from=1000, available_until=2920), PLAN) == set()

    def test_downtime(self) -> None:
        """In the flight; in the charge; in between; at the wrong place."""
        for window, port, found in (
            (TimeWindow(2920, 3000), None, {"DOWNTIME"}),
            (TimeWindow(2160, 2200), None, {"DOWNTIME"}),
            (TimeWindow(2161, 2219), None, set()),
            (TimeWindow(2161, 2219), "B", set()),
            (TimeWindow(2161, 2219), "A", {"DOWNTIME"}),
        ):
            down = Downtime(window=window, vertiport=port)
            assert codes(with_aircraft(DAY, downtimes=(down,)), PLAN) == found

    def test_end_place(self) -> None:
        """It ends at A."""
        assert codes(with_aircraft(DAY, end="B"), PLAN) == {"END_PLACE"}
        assert codes(with_aircraft(DAY, end="A"), PLAN) == set()

    def test_final_charge(self) -> None:
        """It ends with 1,400 Wh."""
        assert codes(with_aircraft(DAY, final_soc_wh=1401), PLAN) == {"FINAL_SOC"}
        assert codes(with_aircraft(DAY, final_soc_wh=1400), PLAN) == set()

    def test_reserve(self) -> None:
        """The least level after a flight is 1,400 Wh."""
        assert codes(with_type(DAY, reserve_wh=1401), PLAN) == {"RESERVE"}
        assert codes(with_type(DAY, reserve_wh=1400), PLAN) == set()

    def test_charge_is_handed_on(self) -> None:
        """Each level is where the event before left it."""
        wrong = replace(BACK, soc_before_wh=1801, soc_after_wh=1401)
        assert codes(DAY, plan_of(OUT, wrong)) == {"SOC_CHAIN"}
        assert codes(DAY, plan_of(OUT, replace(BACK, soc_after_wh=1401))) == {"SOC_CHAIN"}

    def test_a_session_gives_what_the_curve_gives(self) -> None:
        """300 s at 3,600 W are 300 Wh, no more and no less."""
        for level in (1799, 1801):
            charged = replace(FILL, soc_after_wh=level)
            back = replace(BACK, soc_before_wh=level, soc_after_wh=level - 400)
            assert codes(DAY, replace(plan_of(OUT, back), charges=(charged,))) == {"CHARGE_ENERGY"}

    def test_a_lower_cap_gives_less(self) -> None:
        """1,800 W for 300 s are 150 Wh."""
        charged = replace(FILL, power_w=1800, soc_after_wh=1650)
        back = replace(BACK, soc_before_wh=1650, soc_after_wh=1250)
        assert codes(DAY, replace(plan_of(OUT, back), charges=(charged,))) == set()

    def test_power_of_a_session(self) -> None:
        """More than the charger has; none."""
        assert codes(DAY, replace(PLAN, charges=(replace(FILL, power_w=3601),))) >= {"CHARGE_POWER"}
        assert codes(DAY, replace(PLAN, charges=(replace(FILL, power_w=0),))) >= {"CHARGE_POWER"}

    def test_place_of_a_session(self) -> None:
        """The aircraft is at B."""
        assert "CHARGE_PLACE" in codes(DAY, replace(PLAN, charges=(replace(FILL, vertiport="A"),)))

    def test_time_to_connect_and_disconnect(self) -> None:
        """60 s each; 61 s are not there."""
        assert codes(with_type(DAY, connect_s=61), PLAN) == {"CHARGE_TIMES"}
        assert codes(with_type(DAY, disconnect_s=61), PLAN) == {"CHARGE_TIMES"}

    def test_sessions_do_not_overlap(self) -> None:
        """Two of the same aircraft, the second within the first; the times reversed."""
        more = replace(FILL, start=2100, soc_before_wh=1800, soc_after_wh=1860)
        back = replace(BACK, soc_before_wh=1860, soc_after_wh=1460)
        found = codes(DAY, replace(plan_of(OUT, back), charges=(FILL, more)))
        assert found == {"CHARGE_TIMES", "CHARGERS", "SITE_POWER"}
        assert "CHARGE_TIMES" in codes(DAY, replace(PLAN, charges=(replace(FILL, end=1860),)))

    def test_a_session_leaves_the_horizon(self) -> None:
        """It ends after the end of the day."""
        late = replace(FILL, vertiport="A", start=7100, end=7201, soc_before_wh=1400)
        back = replace(BACK, soc_before_wh=1500, soc_after_wh=1100)
        plan = replace(
            plan_of(OUT, back), charges=(replace(late, soc_before_wh=1100, soc_after_wh=1201),)
        )
        assert codes(DAY, plan) == {"HORIZON"}


class TestTrips:
    """Rules of parties and of the timetable."""

    def test_departure_window(self) -> None:
        """`one` leaves at 1,000."""
        for window in (TimeWindow(1001, 1200), TimeWindow(900, 999)):
            assert codes(with_trip(DAY, "one", departure=window), PLAN) == {"TRIP_WINDOW"}

    def test_arrival(self) -> None:
        """`one` arrives at 1,800."""
        assert codes(with_trip(DAY, "one", arrive_by=1799), PLAN) == {"TRIP_ARRIVAL"}
        assert codes(with_trip(DAY, "one", arrive_by=1800), PLAN) == set()

    def test_ride(self) -> None:
        """`one` rides 800 s."""
        assert codes(with_trip(DAY, "one", max_ride_s=799), PLAN) == {"TRIP_RIDE"}
        assert codes(with_trip(DAY, "one", max_ride_s=800), PLAN) == set()

    def test_route(self) -> None:
        """`three` stays on board on the wrong flight."""
        wrong = plan_of(replace(OUT, trips=("one",)), replace(BACK, trips=("two", "three")))
        assert {"TRIP_ROUTE", "TRIP_WINDOW"} <= codes(DAY, wrong)

    def test_stops(self) -> None:
        """A ride A - B - C with one stop, for a party that wants none and one that accepts it."""
        on = replace(DAY.corridors[1], destination="C")
        port = replace(DAY.vertiports[0], id="C")
        problem = replace(DAY, vertiports=(*DAY.vertiports, port), corridors=(DAY.corridors[0], on))
        problem = replace(problem, trips=(replace(DAY.trips[0], destination="C"),))
        first = replace(OUT, trips=("one",))
        plan = plan_of(first, replace(BACK, destination="C", trips=("one",)))
        assert codes(problem, plan) == {"TRIP_STOPS"}
        assert codes(with_trip(problem, "one", max_stops=1), plan) == set()

    def test_parties_are_not_split(self) -> None:
        """Named twice on one flight; on two flights that are no ride."""
        assert "TRIP_SPLIT" in codes(DAY, plan_of(replace(OUT, trips=("one", "one", "two")), BACK))
        problem = twin(DAY)
        other = moved(replace(OUT, trips=("two",)), 90, aircraft="Y")
        assert "TRIP_SPLIT" in codes(problem, plan_of(OUT, other, BACK))

    def test_a_promise_is_kept(self) -> None:
        """`three` is promised and left out."""
        plan = left_out(plan_of(OUT, replace(BACK, trips=())), "three")
        assert codes(DAY, plan) == set()
        assert codes(with_trip(DAY, "three", promised=True), plan) == {"PROMISE_BROKEN"}

    def test_the_list_of_unserved_trips(self) -> None:
        """Left out and not listed; served and listed; without a reason; unknown."""
        empty = plan_of(OUT, replace(BACK, trips=()))
        assert codes(DAY, empty) == {"UNSERVED_LIST"}
        assert codes(DAY, left_out(PLAN, "one")) == {"UNSERVED_LIST"}
        assert codes(DAY, replace(empty, unserved=(UnservedTrip("three", ()),))) == {
            "UNSERVED_LIST"
        }
        assert codes(DAY, left_out(PLAN, "nobody")) == {"UNKNOWN_ID"}

    def test_timetable_flights(self) -> None:
        """Missed; flown; twice; at the wrong time; by the wrong type; unknown."""
        item = TimetableFlight(
            id="K1", origin="A", destination="B", off_block=TimeWindow(1000, 1000), value=50
        )
        problem = replace(DAY, timetable=(item,))
        flown = plan_of(replace(OUT, timetable="K1"), BACK)
        assert codes(problem, PLAN) == {"TIMETABLE_MISSED"}
        assert codes(replace(DAY, timetable=(replace(item, required=False),)), PLAN) == set()
        assert codes(problem, flown) == set()
        assert check(problem, flown).revenue == 9550
        again = plan_of(replace(OUT, timetable="K1"), replace(BACK, timetable="K1"))
        assert codes(problem, again) == {"TIMETABLE_TWICE", "TIMETABLE_FLIGHT"}
        late = replace(item, off_block=TimeWindow(1001, 1001))
        assert codes(replace(DAY, timetable=(late,)), flown) == {"TIMETABLE_FLIGHT"}
        kinds = (*DAY.types, replace(DAY.types[0], id="U"))
        other = replace(DAY, types=kinds, timetable=(replace(item, types=frozenset({"U"})),))
        assert codes(other, flown) == {"TIMETABLE_FLIGHT"}
        assert codes(DAY, flown) == {"UNKNOWN_ID"}


class TestSites:
    """Rules of what aircraft share."""

    def pair(self, seconds: int) -> FlightPlan:
        """X and Y fly A to B, ``seconds`` apart; Y carries nobody."""
        follower = moved(OUT, seconds, aircraft="Y", trips=())
        return plan_of(OUT, BACK, follower)

    def test_pads(self) -> None:
        """One pad for 60 s a movement: 59 s apart meet, 60 s do not."""
        problem = replace(
            twin(DAY), corridors=tuple(replace(c, headway_s=0) for c in DAY.corridors)
        )
        assert codes(problem, self.pair(60)) == set()
        assert codes(problem, self.pair(59)) == {"PADS"}
        wide = with_port(with_port(problem, "A", pads=2), "B", pads=2)
        assert codes(wide, self.pair(59)) == set()

    def test_headway(self) -> None:
        """90 s into the same corridor."""
        assert codes(twin(DAY), self.pair(89)) == {"HEADWAY"}
        assert codes(twin(DAY), self.pair(90)) == set()

    def test_stands(self) -> None:
        """Both stand at A first: one stand is too few; also for those who never fly."""
        assert "STANDS" in codes(with_port(twin(DAY), "A", stands=1), PLAN)
        assert codes(with_port(twin(DAY, start="B"), "B", stands=1), PLAN) == {"STANDS"}
        assert codes(with_port(twin(DAY, start="B"), "A", stands=1), PLAN) == set()

    def test_a_stand_passes_on_without_a_gap(self) -> None:
        """Y comes to A's only stand when X has left it, not a second before."""
        problem = with_port(twin(DAY, start="B"), "A", stands=1)
        inbound = replace(BACK, aircraft="Y", trips=(), soc_before_wh=2000, soc_after_wh=1600)
        fits = moved(inbound, 300 - inbound.off_block)
        assert fits.on_block == 1000
        short = left_out(
            replace(plan_of(replace(OUT, trips=("one", "two")), fits), charges=()), "three"
        )
        assert codes(problem, short) == set()
        early = replace(short, flights=(OUT, moved(fits, -1)))
        assert codes(problem, early) == {"STANDS"}

    def test_chargers_and_site_power(self) -> None:
        """Two sessions of 3,600 W (4,000 W from the grid) at once at B; a second later none."""
        problem = twin(DAY, start="B", soc_wh=1000)
        other = replace(
            FILL, aircraft="Y", start=2159, end=2200, soc_before_wh=1000, soc_after_wh=1041
        )
        plan = replace(PLAN, charges=(FILL, other))
        assert codes(problem, plan) == {"CHARGERS", "SITE_POWER"}
        two = (replace(DAY.vertiports[1].chargers[0], count=2),)
        assert codes(with_port(problem, "B", chargers=two), plan) == {"SITE_POWER"}
        free = with_port(problem, "B", chargers=two, power_limit_w=None)
        assert codes(free, plan) == set()
        after = replace(other, start=2160, end=2201)
        assert codes(problem, replace(PLAN, charges=(FILL, after))) == set()

    def test_site_power_counts_what_is_drawn(self) -> None:
        """The curve falls to 1,800 W at 1,800 Wh: beside it there is room for 1,800 W more."""
        curve = ChargeCurve(((0, 3600), (1700, 3600), (1800, 1800), (2000, 1800)))
        kind = replace(DAY.types[0], curve=curve)
        tails = (
            replace(DAY.aircraft[0], start="B", soc_wh=1800),
            replace(DAY.aircraft[0], id="Y", start="B", soc_wh=1800),
        )
        port = {"chargers": (replace(DAY.vertiports[1].chargers[0], count=2),)}
        problem = with_port(replace(DAY, types=(kind,), aircraft=tails, trips=()), "B", **port)
        charges = tuple(
            replace(FILL, aircraft=name, start=0, end=100, soc_before_wh=1800, soc_after_wh=1850)
            for name in ("X", "Y")
        )
        assert codes(problem, FlightPlan(charges=charges)) == set()
        tight = with_port(problem, "B", power_limit_w=3999)
        assert codes(tight, FlightPlan(charges=charges)) == {"SITE_POWER"}


class TestPilots:
    """Rules of pilots; the tiny plan needs one from 1,000 to 2,920."""

    PILOT = Pilot(id="P", base="A", shift=TimeWindow(1000, 2920))

    def found(self, plan: FlightPlan | None = None, **changes: object) -> set[str]:
        """Return the codes with a pilot changed."""
        problem = replace(
            with_type(DAY, needs_pilot=True), pilots=(replace(self.PILOT, **changes),)
        )
        flown = plan_of(replace(OUT, pilot="P"), replace(BACK, pilot="P"))
        return codes(problem, flown if plan is None else plan)

    def test_a_pilot_for_every_flight(self) -> None:
        """Named and known."""
        assert self.found() == set()
        assert self.found(PLAN) == {"PILOT_MISSING"}
        assert self.found(plan_of(replace(OUT, pilot="Q"), replace(BACK, pilot="Q"))) == {
            "UNKNOWN_ID"
        }

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"base": "B"}, "PILOT_PLACE"),
            ({"shift": TimeWindow(1001, 2920)}, "PILOT_SHIFT"),
            ({"shift": TimeWindow(1000, 2919)}, "PILOT_SHIFT"),
            ({"max_duty_s": 1919}, "PILOT_DUTY"),
            ({"max_flight_s": 1099}, "PILOT_FLIGHT_TIME"),
            ({"max_work_s": 1919, "break_s": 421}, "PILOT_WORK"),
            ({"max_work_s": 799, "break_s": 420}, "PILOT_WORK"),
        ],
    )
    def test_limits(self, changes: dict[str, object], code: str) -> None:
        """Each a second short; the break between the flights is 420 s."""
        assert self.found(**changes) == {code}

    def test_limits_that_are_just_kept(self) -> None:
        """1,920 s of duty, 1,100 s of flight, 800 s of work before the break."""
        assert self.found(max_duty_s=1920, max_flight_s=1100, max_work_s=800, break_s=420) == set()

    def test_type_and_overlap(self) -> None:
        """A pilot for another type; two flights at once."""
        kinds = (replace(DAY.types[0], needs_pilot=True), replace(DAY.types[0], id="U"))
        pilot = replace(self.PILOT, types=frozenset({"U"}))
        flown = plan_of(replace(OUT, pilot="P"), replace(BACK, pilot="P"))
        assert codes(replace(DAY, types=kinds, pilots=(pilot,)), flown) == {"PILOT_TYPE"}
        other = moved(OUT, 90, aircraft="Y", trips=(), pilot="P")
        problem = replace(twin(DAY), pilots=(self.PILOT,))
        assert codes(problem, plan_of(replace(OUT, pilot="P"), other, BACK)) >= {"PILOT_OVERLAP"}


class TestMoney:
    """What a plan states about itself."""

    def test_stated_money_is_compared(self) -> None:
        """Right, and one off."""
        stated = replace(PLAN, revenue=9500, cost=Cost(7577), bound=1923)
        assert codes(DAY, stated) == set()
        assert codes(DAY, replace(stated, revenue=9501)) == {"REVENUE"}
        assert codes(DAY, replace(stated, cost=Cost(7576))) == {"COST"}
        assert codes(DAY, replace(stated, bound=1922)) == {"BOUND"}


def test_unknown_ids_are_told_and_do_no_harm() -> None:
    """Every kind of name."""
    plan = FlightPlan(
        flights=(replace(OUT, aircraft="?"), replace(OUT, origin="?"), replace(OUT, trips=("?",))),
        charges=(
            replace(FILL, aircraft="?"),
            replace(FILL, vertiport="?"),
            replace(FILL, charger="?"),
        ),
    )
    assert codes(DAY, plan) == {"UNKNOWN_ID", "UNSERVED_LIST"}


def test_excesses_tell_each_time_above_the_limit_once() -> None:
    """Two at once from 5 on, three from 6; again two from 20 on."""
    assert excesses([(0, 10), (5, 8), (6, 7), (20, 22), (20, 21)], 1) == [(5, 3), (20, 2)]
    assert excesses([(0, 10), (10, 12), (3, 3)], 1) == []


@st.composite
def points(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    """Curves of up to four break points, never rising."""
    socs = sorted(draw(st.sets(st.integers(1, 300), min_size=1, max_size=4)))
    powers = draw(st.lists(st.integers(0, 9000), min_size=len(socs) + 1, max_size=len(socs) + 1))
    return tuple(zip([0, *socs], sorted(powers, reverse=True), strict=True))


@given(points(), st.integers(0, 9000), st.integers(0, 300), st.integers(0, 900))
def test_two_accounts_of_charging_agree(
    curve: tuple[tuple[int, int], ...], cap: int, soc: int, seconds: int
) -> None:
    """The checker's and the domain's, written apart."""
    soc = min(soc, curve[-1][0])
    assert level_after(curve, cap, soc, seconds) == charge(ChargeCurve(curve), cap, soc, seconds)
