"""What all statements share: the clock, the next revision, rows as records."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.store.records import Cancel, Event, JobRecord, State
from server.store.schema import EVENTS, JOBS, REQUESTS

STEP = 2**20
"""Revisions between two that are stored; those between count progress, which is
not stored. So a restart, which forgets progress, never turns a revision back."""
NEXT_REVISION = (JOBS.c.revision // STEP + 1) * STEP
"""Revision of a job after a change that is stored."""


def now(connection: sa.Connection) -> int:
    """Return the moment in microseconds, by the one clock that all servers share."""
    if connection.dialect.name == "postgresql":
        seconds = sa.func.extract("epoch", sa.func.clock_timestamp())
        moment = sa.select(sa.cast(seconds * 1_000_000, sa.BigInteger))
        return int(connection.execute(moment).scalar_one())
    return time.time_ns() // 1000


def record(row: sa.Row[Any], history: tuple[Event, ...] = ()) -> JobRecord:
    """Return a row of the table of jobs as a record."""
    fields = dict(row._mapping)
    fields |= {"state": State(fields["state"]), "cancel": Cancel(fields["cancel"])}
    return JobRecord(**fields, history=history)


def history(connection: sa.Connection, job: str) -> tuple[Event, ...]:
    """Return the events of a job in their order."""
    rows = connection.execute(
        sa.select(EVENTS.c.revision, EVENTS.c.state, EVENTS.c.moment, EVENTS.c.note)
        .where(EVENTS.c.job == job)
        .order_by(EVENTS.c.revision)
    )
    return tuple(Event(row.revision, State(row.state), row.moment, row.note) for row in rows)


def move(
    connection: sa.Connection,
    condition: sa.ColumnElement[bool],
    state: State,
    moment: int,
    note: str = "",
    **values: Any,
) -> JobRecord | None:
    """Change the one job that a condition names, with an event; ``None``: there is none.

    The event is never earlier than the one before: a clock may be set back meanwhile.
    """
    row = connection.execute(
        sa.update(JOBS)
        .where(condition)
        .values(state=state, revision=NEXT_REVISION, **values)
        .returning(*JOBS.c)
    ).one_or_none()
    if row is None:
        return None
    before = history(connection, row.id)
    moment = max([moment, *(event.moment for event in before)])
    event = Event(row.revision, state, moment, note)
    connection.execute(sa.insert(EVENTS).values(job=row.id, **asdict(event)))
    return record(row, (*before, event))


def end(
    connection: sa.Connection,
    condition: sa.ColumnElement[bool],
    state: State,
    moment: int,
    note: str = "",
    **values: Any,
) -> JobRecord | None:
    """Change the one job that a condition names to a final state; see :func:`move`.

    Its request is of no use any more and is forgotten.
    """
    ended_at = sa.case((JOBS.c.started > moment, JOBS.c.started), else_=moment)
    final = {"ended": ended_at, "expires": JOBS.c.keep + moment, "owner": None, "lease": None}
    ended = move(connection, condition, state, moment, note, **final, **values)
    if ended is not None:
        connection.execute(sa.delete(REQUESTS).where(REQUESTS.c.job == ended.id))
    return ended
