"""Times, loads and distances of a plan, followed by hand."""

from __future__ import annotations

from dataclasses import replace

from router.freight.routes.problem import Depot
from router.freight.routes.schedule import EventKind, schedule
from router.timewindow import TimeWindow
from tests.freight.routes.plans import plan, route
from tests.freight.routes.problems import line_problem, van

LINE = line_problem({"a": 3, "b": 5}, loads={"a": 2, "b": 3})


def test_events_of_a_route_with_a_reload() -> None:
    """Load 4 s, a from 20 for 6 s, reload, b, back.

    The start is 20 - 3 - 4 = 13. After a: 26, back at 29, loaded at 33, b at
    38, end at 43.
    """
    visits = (replace(LINE.visits[0], windows=(TimeWindow(20, 30),), service=6), LINE.visits[1])
    problem = replace(
        LINE,
        visits=visits,
        depots=(Depot(id="d", location="d", service=4),),
        vehicle_types=(van(reload_depots=("d",), fixed_cost=7, duration_cost=2),),
    )
    (found,) = schedule(problem, plan(problem, route("a @d b")))
    assert [(e.kind, e.id, e.arrival, e.start, e.departure) for e in found.events] == [
        (EventKind.START, "d", 13, 13, 17),
        (EventKind.VISIT, "a", 20, 20, 26),
        (EventKind.RELOAD, "d", 29, 29, 33),
        (EventKind.VISIT, "b", 38, 38, 38),
        (EventKind.END, "d", 43, 43, 43),
    ]
    assert [e.load for e in found.events] == [(2,), (0,), (3,), (0,), (0,)]
    assert [e.distance for e in found.events] == [0, 3, 6, 11, 16]
    assert (found.distance, found.duration) == (16, 30)
    assert found.cost.components == {"fixed": 7, "distance": 16, "duration": 60}


def test_waiting() -> None:
    """A by 10, b from 40: 28 seconds of waiting at b."""
    visits = (
        replace(LINE.visits[0], windows=(TimeWindow(0, 10),)),
        replace(LINE.visits[1], windows=(TimeWindow(40, 50),)),
    )
    problem = replace(LINE, visits=visits)
    (found,) = schedule(problem, plan(problem, route("a b")))
    assert [event.waiting for event in found.events] == [0, 0, 28, 0]


def test_an_open_end_is_where_the_last_stop_is() -> None:
    """The end has no depot and no way of its own."""
    problem = replace(LINE, vehicle_types=(van(end=None),))
    (found,) = schedule(problem, plan(problem, route("a b"), route("", vehicle=3)))
    last = found.events[-1]
    assert (last.kind, last.id, last.location, last.distance) == (EventKind.END, "", "b", 5)
