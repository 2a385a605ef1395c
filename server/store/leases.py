"""What servers do with jobs: take, hold, hand back, end.

A job that runs has an owner, a lease and a fence. The owner renews the lease; once
it has run out, any server may put the job back into the queue. Each claim counts the
fence up, and only who holds its newest number may end the job: so it ends once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import sqlalchemy as sa

from server.store import rows
from server.store.records import ACTIVE, DONE, Cancel, Ending, JobRecord, State
from server.store.schema import CHUNKS, JOBS, RESULTS, UPLOADS

EXPIRE_AT_ONCE = 100
"""Most jobs that one sweep forgets."""
LONGEST_LEASE = 600
"""Most seconds of a lease: one that ends later is from before the clock was set back."""


class Hold(NamedTuple):
    """A job that a server runs, by its fence."""

    job: str
    fence: int


class LiveProgress(NamedTuple):
    """What is known of a running job beyond what is stored."""

    hold: Hold
    revision: int
    progress: bytes


def _held(hold: Hold) -> sa.ColumnElement[bool]:
    return sa.and_(JOBS.c.id == hold.job, JOBS.c.fence == hold.fence, JOBS.c.state.in_(ACTIVE))


def claim(connection: sa.Connection, owner: str, most: int, lease: int) -> list[JobRecord]:
    """Take the jobs that have waited longest; no two servers get the same one."""
    moment = rows.now(connection)
    waiting = connection.execute(
        sa.select(JOBS.c.id)
        .where(JOBS.c.state == State.QUEUED)
        .order_by(JOBS.c.created, JOBS.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).scalars()
    taken = []
    for job in list(waiting):
        found = rows.move(
            connection,
            sa.and_(JOBS.c.id == job, JOBS.c.state == State.QUEUED),
            State.PREPARING,
            moment,
            owner=owner,
            lease=moment + lease,
            fence=JOBS.c.fence + 1,
            attempt=JOBS.c.attempt + 1,
            started=sa.func.coalesce(JOBS.c.started, moment),
        )
        if found is not None:
            taken.append(found)
    return taken


def some_wait(connection: sa.Connection) -> bool:
    """Return whether a job waits; cheaper than to claim in vain."""
    query = sa.select(sa.literal(1)).where(JOBS.c.state == State.QUEUED).limit(1)
    return connection.execute(query).first() is not None


def renew(connection: sa.Connection, owner: str, lease: int) -> Mapping[Hold, Cancel]:
    """Hold an owner's jobs for longer; return them, with what callers wish of them."""
    held = connection.execute(
        sa.update(JOBS)
        .where(JOBS.c.owner == owner, JOBS.c.state.in_(ACTIVE))
        .values(lease=rows.now(connection) + lease)
        .returning(JOBS.c.id, JOBS.c.fence, JOBS.c.cancel)
    )
    return {Hold(row.id, row.fence): Cancel(row.cancel) for row in held}


def wishes(connection: sa.Connection, owner: str) -> Mapping[Hold, Cancel]:
    """Return the jobs of an owner that are to end."""
    held = connection.execute(
        sa.select(JOBS.c.id, JOBS.c.fence, JOBS.c.cancel).where(
            JOBS.c.owner == owner, JOBS.c.state.in_(ACTIVE), JOBS.c.cancel != Cancel.NO
        )
    )
    return {Hold(row.id, row.fence): Cancel(row.cancel) for row in held}


def begin(connection: sa.Connection, hold: Hold) -> JobRecord | None:
    """Note that the search has begun; ``None``: the job is no longer held."""
    return rows.move(connection, _held(hold), State.RUNNING, rows.now(connection))


def retry(connection: sa.Connection, hold: Hold, note: str) -> JobRecord | None:
    """Note that a worker died and the job runs again; ``None``: it is no longer held."""
    moment = rows.now(connection)
    return rows.move(
        connection,
        _held(hold),
        State.RETRYING,
        moment,
        note,
        deaths=JOBS.c.deaths + 1,
        attempt=JOBS.c.attempt + 1,
        progress=None,
    )


def finish(connection: sa.Connection, hold: Hold, ending: Ending) -> JobRecord | None:
    """End a job with its result; ``None``: it is no longer held, and nothing is changed."""
    values = {"outcome": ending.outcome, "error": ending.error}
    if ending.progress is not None:
        values["progress"] = ending.progress
    moment = rows.now(connection)
    ended = rows.end(connection, _held(hold), ending.state, moment, ending.note, **values)
    if ended is not None and ending.result is not None:
        connection.execute(sa.insert(RESULTS).values(job=hold.job, data=ending.result))
    return ended


def release(connection: sa.Connection, hold: Hold, note: str) -> JobRecord | None:
    """Put a job back into the queue, in its old place; ``None``: it is no longer held."""
    return _requeue(connection, _held(hold), note)


def take_over(connection: sa.Connection, owner: str, *, all_others: bool) -> list[JobRecord]:
    """Put jobs whose server is gone back into the queue; end those that were cancelled.

    A server is gone when its lease has run out, or ends later than any can; with
    ``all_others``, when it is not ``owner``: for a database that only one server uses.
    """
    moment = rows.now(connection)
    gone = JOBS.c.state.in_(ACTIVE) & (JOBS.c.owner != owner)
    if not all_others:
        latest = moment + LONGEST_LEASE * 1_000_000
        gone &= sa.not_(JOBS.c.lease.between(moment, latest))
    found = connection.execute(
        sa.select(JOBS.c.id, JOBS.c.cancel).where(gone).with_for_update(skip_locked=True)
    )
    note = "the server that ran it is gone"
    moved = []
    for row in found.all():
        condition = sa.and_(JOBS.c.id == row.id, gone)
        if row.cancel == Cancel.NO:
            moved.append(_requeue(connection, condition, note))
        else:
            moved.append(rows.end(connection, condition, State.CANCELLED, moment, note))
    return [job for job in moved if job is not None]


def _requeue(
    connection: sa.Connection, condition: sa.ColumnElement[bool], note: str
) -> JobRecord | None:
    return rows.move(
        connection,
        condition,
        State.QUEUED,
        rows.now(connection),
        note,
        owner=None,
        lease=None,
        fence=JOBS.c.fence + 1,
        progress=None,
    )


def note_progress(connection: sa.Connection, live: Iterable[LiveProgress]) -> None:
    """Store progress, for the watchers at other servers."""
    for entry in live:
        connection.execute(
            sa.update(JOBS)
            .where(_held(entry.hold), JOBS.c.revision < entry.revision)
            .values(revision=entry.revision, progress=entry.progress)
        )


def give_up_late(connection: sa.Connection, error: bytes) -> list[JobRecord]:
    """End the jobs whose deadline has passed in the queue."""
    moment = rows.now(connection)
    late = sa.and_(JOBS.c.state == State.QUEUED, JOBS.c.deadline < moment)
    found = connection.execute(sa.select(JOBS.c.id).where(late)).scalars().all()
    note = "its deadline passed in the queue"
    ended = [
        rows.end(connection, late & (JOBS.c.id == job), State.FAILED, moment, note, error=error)
        for job in found
    ]
    return [job for job in ended if job is not None]


def forget_expired(connection: sa.Connection) -> list[str]:
    """Forget what has expired; return the ids of the jobs."""
    moment = rows.now(connection)
    jobs = (
        connection.execute(
            sa.select(JOBS.c.id)
            .where(JOBS.c.expires < moment, JOBS.c.state.in_(DONE))
            .limit(EXPIRE_AT_ONCE)
        )
        .scalars()
        .all()
    )
    connection.execute(sa.delete(JOBS).where(JOBS.c.id.in_(jobs)))
    uploads = sa.select(UPLOADS.c.id).where(UPLOADS.c.expires < moment)
    connection.execute(sa.delete(CHUNKS).where(CHUNKS.c.upload.in_(uploads)))
    connection.execute(sa.delete(UPLOADS).where(UPLOADS.c.expires < moment))
    return list(jobs)
