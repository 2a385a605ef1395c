"""Judges a history against what docs/guarantees.md promises of jobs.

It knows nothing of the server: only what its clients asked and saw. Each promise has
the code that stands in the document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from alatau.jobs.v1 import jobs_pb2

from tests.faults.history import SURE, History, Seen, State

FINAL = frozenset(
    {
        State.STATE_SUCCEEDED,
        State.STATE_INFEASIBLE,
        State.STATE_FAILED,
        State.STATE_CANCELLED,
    }
)
NEXT = {
    State.STATE_QUEUED: {State.STATE_PREPARING, *FINAL},
    State.STATE_PREPARING: {State.STATE_RUNNING, State.STATE_RETRYING, State.STATE_QUEUED, *FINAL},
    State.STATE_RUNNING: {State.STATE_RETRYING, State.STATE_QUEUED, *FINAL},
    State.STATE_RETRYING: {
        State.STATE_PREPARING,
        State.STATE_RUNNING,
        State.STATE_RETRYING,
        State.STATE_QUEUED,
        *FINAL,
    },
}
"""Which state may follow which; nothing follows a final one. A job whose server dies or
stops goes back into the queue."""
RETRY_SECONDS = 5.0
"""Within this time a job whose worker died runs again."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A promise that was not kept: its code, and what happened."""

    code: str
    text: str


Rule = Callable[[History], Iterator[Breach]]


def breaches(history: History, *, retry_seconds: float = RETRY_SECONDS) -> list[Breach]:
    """Return every promise that a history breaks."""
    found = [breach for rule in RULES for breach in rule(history)]
    return found + list(_retried(history, retry_seconds))


def _lost(history: History) -> Iterator[Breach]:
    """LOST: an acknowledged job ends, and can be found."""
    for name in history.acknowledged():
        seen = history.of_job(name)
        if not seen:
            yield Breach("LOST", f"{name} was acknowledged and never seen.")
        elif not seen[-1].job.done:
            yield Breach("LOST", f"{name} was last seen as {_name(seen[-1].job)}.")


def _ends(history: History) -> Iterator[Breach]:
    """ENDS_TWICE: a job has one end, the last of its history, and keeps it."""
    for name in history.acknowledged():
        ends = {_end(seen.job) for seen in history.of_job(name) if seen.job.done}
        if len(ends) > 1:
            yield Breach("ENDS_TWICE", f"{name} was seen with {len(ends)} different ends.")
        for seen in history.of_job(name):
            states = [event.state for event in seen.job.history]
            if sum(state in FINAL for state in states) > 1:
                yield Breach("ENDS_TWICE", f"{name} has two final states in its history.")
                break


def _forward(history: History) -> Iterator[Breach]:
    """BACKWARD: states follow each other as documented, and no event is rewritten."""
    for name in history.acknowledged():
        known: list[tuple[int, int]] = []
        for seen in history.of_job(name):
            events = [(event.state, event.time.ToNanoseconds()) for event in seen.job.history]
            if not events:
                continue
            shared = min(len(events), len(known))
            if events[:shared] != known[:shared]:
                yield Breach("BACKWARD", f"the history of {name} was rewritten.")
            known = max(events, known, key=len)
        for (one, at), (other, later) in pairwise(known):
            if other not in NEXT.get(one, set()) or later < at:
                text = f"{name} went from {State.Name(one)} to {State.Name(other)}."
                yield Breach("BACKWARD", text)


def _revisions(history: History) -> Iterator[Breach]:
    """REVISION: who asks after somebody has seen a revision never sees an older one.

    But for a job in the queue, whose place there is not stored.
    """
    for name in history.acknowledged():
        newest, sofar = jobs_pb2.SolveJob(), iter(history.of_job(name))
        waiting = next(sofar, None)
        for seen in sorted(history.of_job(name), key=lambda s: s.began):
            while waiting is not None and waiting.ended <= seen.began:
                newest = max(newest, waiting.job, key=lambda job: job.revision)
                waiting = next(sofar, None)
            if seen.job.revision < newest.revision and not _same_place(seen.job, newest):
                text = f"{name} went from revision {newest.revision} to {seen.job.revision}."
                yield Breach("REVISION", text)


def _same_place(one: jobs_pb2.SolveJob, other: jobs_pb2.SolveJob) -> bool:
    """Return whether two answers are of the same wait in the queue."""
    waits = {one.state, other.state} == {State.STATE_QUEUED}
    return waits and len(one.history) == len(other.history)


def _watches(history: History) -> Iterator[Breach]:
    """WATCH: each answer of a watch is newer than the one before and than asked for."""
    streams: dict[int, list[Seen]] = {}
    for seen in history.seen:
        if seen.stream:
            streams.setdefault(seen.stream, []).append(seen)
    for answers in streams.values():
        revisions = [answers[0].after, *(each.job.revision for each in answers)]
        done = answers[-1].job.done
        steps = list(pairwise(revisions))
        last = len(steps) - 1
        for k, (before, after) in enumerate(steps):
            if after < before or (after == before and not (done and k == last)):
                name = answers[0].job.name
                yield Breach("WATCH", f"a watch of {name} told {after} after {before}.")


def _results(history: History) -> Iterator[Breach]:
    """OUTCOME: a job that succeeded has one result, whenever it is fetched."""
    digests: dict[str, set[str]] = {}
    for fetched in history.fetched:
        digests.setdefault(fetched.job, set()).add(fetched.digest)
    for name, different in digests.items():
        if len(different) > 1:
            yield Breach("OUTCOME", f"{name} has {len(different)} different results.")
    for name in history.acknowledged():
        seen = history.of_job(name)
        succeeded = bool(seen) and seen[-1].job.state == State.STATE_SUCCEEDED
        if succeeded and name not in digests:
            yield Breach("OUTCOME", f"{name} succeeded and its result was not to be had.")


def _repeats(history: History) -> Iterator[Breach]:
    """REPEAT: one request id is one job, however often and whenever it is sent."""
    names: dict[str, set[str]] = {}
    for asked in history.asked:
        if asked.code == "OK":
            names.setdefault(asked.request_id, set()).add(asked.job)
    for request_id, different in names.items():
        if len(different) > 1:
            yield Breach("REPEAT", f"{request_id} made {len(different)} jobs.")
    for request_id, count in Counter(history.listed).items():
        if count > 1:
            yield Breach("REPEAT", f"{request_id} is listed with {count} jobs.")


def _refused(history: History) -> Iterator[Breach]:
    """REFUSED: what was refused has not been started; nothing runs that nobody asked for."""
    asked: dict[str, set[str]] = {}
    for each in history.asked:
        asked.setdefault(each.request_id, set()).add(each.code)
    for request_id in set(history.listed):
        statuses = asked.get(request_id)
        if statuses is None:
            yield Breach("REFUSED", f"there is a job {request_id} that nobody asked for.")
        elif statuses <= SURE:
            yield Breach("REFUSED", f"{request_id} was refused and there is a job of it.")


def _retried(history: History, seconds: float) -> Iterator[Breach]:
    """RETRIED: a job whose worker died runs again soon, or ends."""
    for name in history.acknowledged():
        seen = history.of_job(name)
        events = list(seen[-1].job.history) if seen else []
        for one, other in pairwise(events):
            if one.state != State.STATE_RETRYING:
                continue
            pause = (other.time.ToNanoseconds() - one.time.ToNanoseconds()) / 1e9
            if pause > seconds:
                yield Breach("RETRIED", f"{name} ran again after {pause:.1f} s.")


RULES: tuple[Rule, ...] = (
    _lost,
    _ends,
    _forward,
    _revisions,
    _watches,
    _results,
    _repeats,
    _refused,
)


def _end(job: jobs_pb2.SolveJob) -> bytes:
    """Return what must not change once a job has ended."""
    kept = jobs_pb2.SolveJob(state=job.state, outcome=job.outcome, end_time=job.end_time)
    kept.error.CopyFrom(job.error)
    return kept.SerializeToString(deterministic=True)


def _name(job: jobs_pb2.SolveJob) -> str:
    return str(State.Name(job.state))
