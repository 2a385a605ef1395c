"""The air-taxi codec: what goes out comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from router.airtaxi import Downtime, Pilot, TimetableFlight
from router.airtaxi.network import LegStep
from router.airtaxi.scenario import load_scenario
from router.errors import Violations
from router.timewindow import TimeWindow
from server.codecs.airtaxi import decode_plan, decode_problem, encode_plan
from server.codecs.airtaxi_problem import encode_problem
from server.codecs.clock import Clock
from tests.airtaxi.days import DAY, PLAN

CLOCK = Clock(1_772_409_600)


def every_field() -> object:
    """Return the tiny day with every optional field in use."""
    tail = replace(
        DAY.aircraft[0],
        available_from=10,
        available_until=7000,
        end="A",
        final_soc_wh=900,
        downtimes=(Downtime(window=TimeWindow(5000, 6000), vertiport="A"),),
    )
    port = replace(
        DAY.vertiports[0], elevation_m=700, opening=(TimeWindow(0, 3000), TimeWindow(4000, 7200))
    )
    corridor = replace(
        DAY.corridors[0],
        distance_m=12_345,
        closures=(TimeWindow(20, 30),),
        type_legs={"T": (LegStep(0, 600, 500), LegStep(3600, 610, 510))},
    )
    trip = replace(
        DAY.trips[0], arrive_by=2000, max_stops=1, max_ride_s=900, promised=True, may_share=False
    )
    return replace(
        DAY,
        name="all",
        types=(replace(DAY.types[0], needs_pilot=True),),
        vertiports=(replace(port, name="Port"), replace(DAY.vertiports[1], name="B")),
        corridors=(corridor, DAY.corridors[1]),
        aircraft=(tail,),
        trips=(trip, *DAY.trips[1:]),
        timetable=(
            TimetableFlight(
                id="K",
                origin="A",
                destination="B",
                off_block=TimeWindow(1000, 1000),
                types=frozenset({"T"}),
                required=False,
                value=5,
            ),
        ),
        pilots=(
            Pilot(
                id="P",
                base="A",
                shift=TimeWindow(0, 7200),
                max_duty_s=100,
                max_flight_s=90,
                max_work_s=80,
                break_s=20,
            ),
            Pilot(id="Q", base="B", shift=TimeWindow(0, 7200), types=frozenset({"T"})),
        ),
        currency="USD",
    )


@pytest.mark.parametrize("which", ["tiny", "embedded"])
def test_a_problem_comes_back_equal(which: str) -> None:
    """Every field survives the border."""
    tiny = which == "tiny"
    problem = every_field() if tiny else load_scenario("alatau-almaty").problem(passengers=50)
    found = Violations()
    back, clock = decode_problem(encode_problem(problem, CLOCK), found)
    assert list(found) == []
    assert back == problem
    assert clock == CLOCK


def test_a_plan_comes_back_equal() -> None:
    """Flights and charges to the second and the watt-hour."""
    found = Violations()
    back = decode_plan(encode_plan(PLAN, DAY, CLOCK), DAY, CLOCK, found)
    assert list(found) == []
    assert (back.flights, back.charges, back.unserved) == (PLAN.flights, PLAN.charges, ())


def test_a_silent_plan_leaves_its_trips_out() -> None:
    """What stands on no flight counts as unserved."""
    message = encode_plan(replace(PLAN, flights=PLAN.flights[:1]), DAY, CLOCK)
    back = decode_plan(message, DAY, CLOCK, Violations())
    assert [u.trip for u in back.unserved] == ["three"]


def _known(message: Descriptor, seen: set[str]) -> set[str]:
    """Return the names of all fields of a message and of those in it."""
    if message.full_name in seen:
        return set()
    seen.add(message.full_name)
    below = (_known(f.message_type, seen) for f in message.fields if f.message_type)
    return {f.full_name for f in message.fields}.union(*below)


def _written(message: Message) -> set[str]:
    """Return the names of all fields that are set anywhere in a message."""
    found = set()
    for field, value in message.ListFields():
        found.add(field.full_name)
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            entries = list(value.values())
        else:
            entries = [value] if isinstance(value, Message) else list(value)
        for entry in entries:
            found |= _written(entry)
    return found


def test_every_field_of_the_api_is_written() -> None:
    """A field that the proto gains and no codec writes is found here."""
    message = encode_problem(every_field(), CLOCK)  # type: ignore[arg-type]
    known = {n for n in _known(message.DESCRIPTOR, set()) if not n.startswith("google.")}
    assert known - _written(message) == set()
