"""What callers do with jobs. Every statement names the caller's workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import sqlalchemy as sa

from server.errors import Reason, ServiceError
from server.store import rows
from server.store.records import ACTIVE, DONE, Cancel, JobFilter, JobRecord, NewJob, State
from server.store.schema import EVENTS, JOBS, REQUESTS, RESULTS

RETRY_SECONDS = 5.0
"""When the caller of a full queue may come again."""


def create(
    connection: sa.Connection,
    new: NewJob,
    request: bytes,
    queue_limit: int,
    workers: int,
    workspace_limit: int | None = None,
) -> JobRecord:
    """Store a job, or return the one that the same request made before.

    ``queue_limit`` bounds the jobs that wait, ``workspace_limit`` those of the
    job's workspace that have not ended.

    Raises
    ------
    ServiceError
        REQUEST_ID_REUSED, QUEUE_FULL, QUOTA_EXCEEDED, HOPELESS.
    """
    before = _of_request(connection, new)
    if before is not None:
        return before
    moment = rows.now(connection)
    if workspace_limit is not None:
        _hold_to_quota(connection, new.workspace, workspace_limit)
    _admit(connection, new, moment, queue_limit, workers)
    values = asdict(new) | {"labels": dict(new.labels)}
    connection.execute(
        sa.insert(JOBS).values(
            **values,
            state=State.QUEUED,
            revision=rows.STEP,
            created=moment,
            attempt=0,
            deaths=0,
            cancel=Cancel.NO,
            fence=0,
        )
    )
    connection.execute(sa.insert(REQUESTS).values(job=new.id, data=request))
    event = {"revision": rows.STEP, "state": State.QUEUED, "moment": moment, "note": ""}
    connection.execute(sa.insert(EVENTS).values(job=new.id, **event))
    return get(connection, new.workspace, new.id)


def _of_request(connection: sa.Connection, new: NewJob) -> JobRecord | None:
    if new.request_id is None:
        return None
    row = connection.execute(
        sa.select(JOBS).where(
            JOBS.c.workspace == new.workspace, JOBS.c.request_id == new.request_id
        )
    ).one_or_none()
    if row is None:
        return None
    if bytes(row.request_hash) != new.request_hash:
        text = f"Request id '{new.request_id}' has made another job; give a new one."
        raise ServiceError(Reason.REQUEST_ID_REUSED, text, {"request_id": new.request_id})
    return rows.record(row, rows.history(connection, row.id))


def _hold_to_quota(connection: sa.Connection, workspace: str, most: int) -> None:
    """Refuse a job of a workspace that has as many as it may."""
    mine = sa.and_(JOBS.c.workspace == workspace, JOBS.c.state.not_in(DONE))
    count = connection.execute(sa.select(sa.func.count()).where(mine)).scalar_one()
    if count >= most:
        text = f"Workspace '{workspace}' has {count} unfinished jobs; it may have {most}."
        about = {"workspace": workspace, "workspace_jobs": str(most)}
        raise ServiceError(Reason.QUOTA_EXCEEDED, text, about, retry_seconds=RETRY_SECONDS)


def _admit(
    connection: sa.Connection, new: NewJob, moment: int, queue_limit: int, workers: int
) -> None:
    """Refuse what would only wait in vain."""
    waiting, seconds = connection.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(JOBS.c.seconds), 0.0)).where(
            JOBS.c.state == State.QUEUED
        )
    ).one()
    if waiting >= queue_limit:
        text = f"{waiting} jobs wait, which is as many as may; try again later."
        limits = {"queue_limit": str(queue_limit)}
        raise ServiceError(Reason.QUEUE_FULL, text, limits, retry_seconds=RETRY_SECONDS)
    if new.deadline is None:
        return
    wait = seconds / workers
    if moment + (wait + new.seconds) * 1e6 > new.deadline:
        text = (
            f"The job would wait about {wait:.0f} s and run {new.seconds:g} s, beyond its "
            "deadline; give a later one or a shorter time limit."
        )
        raise ServiceError(Reason.HOPELESS, text, retry_seconds=max(RETRY_SECONDS, wait))


def get(connection: sa.Connection, workspace: str, job: str) -> JobRecord:
    """Return a job with its history.

    Raises
    ------
    ServiceError
        NOT_FOUND.
    """
    row = connection.execute(
        sa.select(JOBS).where(JOBS.c.id == job, JOBS.c.workspace == workspace)
    ).one_or_none()
    if row is None:
        raise _no_job()
    return rows.record(row, rows.history(connection, job))


def _no_job() -> ServiceError:
    return ServiceError(Reason.NOT_FOUND, "There is no such job; it may have expired.")


def page(
    connection: sa.Connection,
    workspace: str,
    wanted: JobFilter,
    size: int,
    after: tuple[int, str] | None = None,
) -> list[JobRecord]:
    """Return jobs, newest first, without history; ``after`` is (created, id) of the last one."""
    query = sa.select(JOBS).where(JOBS.c.workspace == workspace)
    if wanted.states:
        query = query.where(JOBS.c.state.in_(wanted.states))
    if wanted.kind:
        query = query.where(JOBS.c.kind == wanted.kind)
    for key, value in wanted.labels.items():
        query = query.where(_labelled(connection, key, value))
    if wanted.created_from is not None:
        query = query.where(JOBS.c.created >= wanted.created_from)
    if wanted.created_before is not None:
        query = query.where(JOBS.c.created < wanted.created_before)
    if after is not None:
        query = query.where(sa.tuple_(JOBS.c.created, JOBS.c.id) < sa.tuple_(*after))
    query = query.order_by(JOBS.c.created.desc(), JOBS.c.id.desc()).limit(size)
    return [rows.record(row) for row in connection.execute(query)]


def _labelled(connection: sa.Connection, key: str, value: str) -> sa.ColumnElement[bool]:
    """Return the condition that a job has a label; SQLite's paths take no quotes in keys."""
    if connection.dialect.name != "sqlite":
        found: sa.ColumnElement[bool] = JOBS.c.labels[key].as_string() == value
        return found
    each = sa.func.json_each(JOBS.c.labels).table_valued("key", "value")
    return sa.exists().where(each.c.key == key, each.c.value == value)


def cancel(connection: sa.Connection, workspace: str, job: str, mode: Cancel) -> JobRecord:
    """End a job that waits; tell the server that runs it. One that is done stays.

    Who asked to keep the best plan may still discard it, not the other way round.

    Raises
    ------
    ServiceError
        NOT_FOUND.
    """
    moment = rows.now(connection)
    ours = sa.and_(JOBS.c.id == job, JOBS.c.workspace == workspace)
    waits = sa.and_(ours, JOBS.c.state == State.QUEUED)
    note = "cancelled in the queue"
    ended = rows.end(connection, waits, State.CANCELLED, moment, note, cancel=mode)
    if ended is not None:
        return ended
    weaker = [Cancel.NO] if mode is Cancel.KEEP_BEST else [Cancel.NO, Cancel.KEEP_BEST]
    connection.execute(
        sa.update(JOBS)
        .where(ours, JOBS.c.state.in_(ACTIVE), JOBS.c.cancel.in_(weaker))
        .values(cancel=mode, revision=rows.NEXT_REVISION)
    )
    return get(connection, workspace, job)


def delete(connection: sa.Connection, workspace: str, job: str) -> None:
    """Forget a job that is done.

    Raises
    ------
    ServiceError
        NOT_FOUND, NOT_DONE.
    """
    found = get(connection, workspace, job)
    if not found.done:
        text = "The job is not done; cancel it first."
        raise ServiceError(Reason.NOT_DONE, text, {"state": found.state.name})
    connection.execute(sa.delete(JOBS).where(JOBS.c.id == job))


def request(connection: sa.Connection, job: str) -> bytes:
    """Return the request that made a job."""
    data = connection.execute(sa.select(REQUESTS.c.data).where(REQUESTS.c.job == job))
    return bytes(data.scalar_one())


def result(connection: sa.Connection, workspace: str, job: str, kind: str) -> bytes:
    """Return the response of a job that has one.

    Raises
    ------
    ServiceError
        NOT_FOUND (also for a job of another kind), NOT_DONE, NO_RESULT.
    """
    found = get(connection, workspace, job)
    if found.kind != kind:
        raise ServiceError(
            Reason.NOT_FOUND, f"There is no such job of kind '{kind}'.", {"kind": found.kind}
        )
    if not found.done:
        text = "The job is not done; watch it until it is."
        raise ServiceError(Reason.NOT_DONE, text, {"state": found.state.name})
    data = connection.execute(sa.select(RESULTS.c.data).where(RESULTS.c.job == job))
    found_data = data.scalar_one_or_none()
    if found_data is None:
        text = f"The job ended {found.state.name} and has no result."
        raise ServiceError(Reason.NO_RESULT, text, {"state": found.state.name})
    return bytes(found_data)


def many(connection: sa.Connection, ids: list[str]) -> list[JobRecord]:
    """Return jobs with their history, whoever they belong to; for the server itself."""
    found = connection.execute(sa.select(JOBS).where(JOBS.c.id.in_(ids)))
    return [rows.record(row, rows.history(connection, row.id)) for row in found]


def positions(connection: sa.Connection, most: int) -> Mapping[str, int]:
    """Return the place in the queue of the first ``most`` jobs; 1 is next."""
    waiting = connection.execute(
        sa.select(JOBS.c.id)
        .where(JOBS.c.state == State.QUEUED)
        .order_by(JOBS.c.created, JOBS.c.id)
        .limit(most)
    )
    return {row.id: place for place, row in enumerate(waiting, 1)}


def position(connection: sa.Connection, job: JobRecord) -> int:
    """Return the place of one job in the queue; 1 is next, 0: it does not wait."""
    if job.state is not State.QUEUED:
        return 0
    before = sa.tuple_(JOBS.c.created, JOBS.c.id) <= sa.tuple_(job.created, job.id)
    query = sa.select(sa.func.count()).where(JOBS.c.state == State.QUEUED, before)
    return int(connection.execute(query).scalar_one())
