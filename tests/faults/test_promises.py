"""The judge finds each breach in a history made for it, and none in a good one."""

from __future__ import annotations

from alatau.jobs.v1 import jobs_pb2

from tests.faults.history import Asked, Fetched, History, Seen, State
from tests.faults.promises import breaches

GOOD = (State.STATE_QUEUED, State.STATE_PREPARING, State.STATE_RUNNING, State.STATE_SUCCEEDED)


def job(
    revision: int, *states: State.ValueType, name: str = "a", seconds: int = 1
) -> jobs_pb2.SolveJob:
    """Return a job that went through some states, one every so many seconds."""
    last = states[-1] if states else State.STATE_QUEUED
    done = last in {State.STATE_SUCCEEDED, State.STATE_FAILED, State.STATE_CANCELLED}
    message = jobs_pb2.SolveJob(name=name, state=last, done=done, revision=revision)
    for k, state in enumerate(states):
        event = message.history.add(state=state)
        event.time.FromSeconds(1_000_000 + k * seconds)
    return message


def good() -> History:
    """Return a history that keeps every promise."""
    return History(
        asked=[Asked("r1", 0, 1, "OK", "a"), Asked("r1", 2, 3, "OK", "a")],
        seen=[
            Seen(3, 4, job(1, *GOOD[:1]), stream=1),
            Seen(4, 5, job(5, *GOOD[:3]), stream=1),
            Seen(5, 6, job(9, *GOOD), stream=1),
            Seen(7, 8, job(9, *GOOD)),
        ],
        fetched=[Fetched("a", 9, "x"), Fetched("a", 10, "x")],
        listed=["r1"],
    )


def found(history: History) -> set[str]:
    """Return the codes of the promises that are broken."""
    return {breach.code for breach in breaches(history)}


def test_a_good_history_breaks_nothing() -> None:
    """A job created twice with one id, watched to its end, fetched twice."""
    assert breaches(good()) == []


def test_a_job_that_vanishes_is_lost() -> None:
    """Acknowledged and never seen; or last seen while it ran."""
    history = good()
    history.asked.append(Asked("r2", 0, 1, "OK", "b"))
    assert found(history) == {"LOST"}
    history = good()
    del history.seen[2:], history.fetched[:]
    assert found(history) == {"LOST"}


def test_a_job_ends_once() -> None:
    """It succeeds, later it has failed; or its history has two ends."""
    history = good()
    history.seen.append(Seen(9, 10, job(11, *GOOD[:3], State.STATE_FAILED)))
    assert "ENDS_TWICE" in found(history)
    history = good()
    history.seen[-1] = Seen(7, 8, job(9, *GOOD, State.STATE_SUCCEEDED))
    assert "ENDS_TWICE" in found(history)


def test_states_only_move_forward() -> None:
    """A job that runs was prepared; an event that was told stays as it is."""
    history = good()
    history.seen = [Seen(7, 8, job(9, State.STATE_RUNNING, State.STATE_PREPARING, *GOOD[2:]))]
    assert found(history) == {"BACKWARD"}
    history = good()
    history.seen[0] = Seen(3, 4, job(1, State.STATE_PREPARING))
    assert found(history) == {"BACKWARD"}


def test_a_later_call_sees_no_older_revision() -> None:
    """Revision 9 was seen at 6; a call made at 7 gets 8. Calls at the same time may."""
    history = good()
    history.seen[-1] = Seen(7, 8, job(8, *GOOD))
    assert found(history) == {"REVISION"}
    history.seen[-1] = Seen(5.5, 8, job(8, *GOOD))
    assert found(history) == set()


def test_places_in_the_queue_are_not_stored() -> None:
    """Told the third place by a watch, then none by a call: fine. Queued after it ran: not."""
    history = good()
    history.seen.insert(0, Seen(1, 2, job(2, *GOOD[:1])))
    history.seen.insert(1, Seen(2, 2.5, job(1, *GOOD[:1])))
    assert found(history) == set()
    history.seen.append(Seen(11, 12, job(1, *GOOD[:1])))
    assert "REVISION" in found(history)


def test_a_watch_tells_only_what_is_newer() -> None:
    """The same revision twice in one watch, or one not above what was asked for."""
    history = good()
    history.seen[1] = Seen(4, 5, job(1, *GOOD[:1]), stream=1)
    assert found(history) == {"WATCH"}
    history = good()
    history.seen[0] = Seen(3, 4, job(1, *GOOD[:1]), stream=1, after=4)
    assert found(history) == {"WATCH"}


def test_a_result_stays_the_same_and_is_there() -> None:
    """Two digests of one job; a job that succeeded without a result."""
    history = good()
    history.fetched[1] = Fetched("a", 10, "y")
    assert found(history) == {"OUTCOME"}
    history = good()
    history.fetched.clear()
    assert found(history) == {"OUTCOME"}


def test_one_request_id_is_one_job() -> None:
    """Two names came back for it, or two jobs are listed."""
    history = good()
    history.listed.append("r1")
    assert found(history) == {"REPEAT"}
    history = good()
    history.asked.append(Asked("r1", 4, 5, "OK", "b"))
    assert "REPEAT" in found(history)


def test_what_is_refused_is_not_started() -> None:
    """A full queue means no; a lost connection may mean yes; an unknown id is nobody's."""
    history = good()
    history.asked.append(Asked("r2", 4, 5, "RESOURCE_EXHAUSTED"))
    assert found(history) == set()
    history.listed.append("r2")
    assert found(history) == {"REFUSED"}
    history.asked.append(Asked("r2", 6, 7, "UNAVAILABLE"))
    assert found(history) == set()
    history.listed.append("r3")
    assert found(history) == {"REFUSED"}


def test_a_retry_comes_soon() -> None:
    """Six seconds between the death of a worker and the next attempt are too many."""
    states = (*GOOD[:3], State.STATE_RETRYING, *GOOD[2:])
    for seconds, codes in ((4, set()), (6, {"RETRIED"})):
        history = good()
        history.seen = [Seen(7, 8, job(9, *states, seconds=seconds))]
        assert found(history) == codes
