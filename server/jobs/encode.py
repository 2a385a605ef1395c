"""Stored jobs as messages."""

from __future__ import annotations

from alatau.common.v1 import solving_pb2
from alatau.jobs.v1 import jobs_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from server.codecs.common import encode_violations
from server.errors import ServiceError
from server.jobs.names import job_name, upload_name
from server.store.records import JobRecord, UploadRecord

MOST_VIOLATIONS = 1000
"""Violations that a job keeps; a bad file easily has more than anybody reads."""


def job(record: JobRecord, position: int = 0) -> jobs_pb2.SolveJob:
    """Return a job; ``position`` is its place in the queue."""
    message = jobs_pb2.SolveJob(
        name=job_name(record.workspace, record.id),
        kind=record.kind,
        state=_state(record.state),
        done=record.done,
        revision=record.revision,
        queue_position=position,
        labels=dict(record.labels),
        request_id=record.request_id or "",
        create_time=moment(record.created),
        attempt=record.attempt,
        worker_deaths=record.deaths,
        cancel=jobs_pb2.CancelMode.ValueType(record.cancel),
        history=[
            jobs_pb2.JobEvent(state=_state(e.state), time=moment(e.moment), note=e.note)
            for e in record.history
        ],
    )
    for field, value in (
        ("start_time", record.started),
        ("end_time", record.ended),
        ("expire_time", record.expires),
    ):
        if value is not None:
            getattr(message, field).CopyFrom(moment(value))
    if record.progress is not None:
        message.progress.ParseFromString(record.progress)
    if record.outcome is not None:
        message.outcome.ParseFromString(record.outcome)
    if record.error is not None:
        message.error.ParseFromString(record.error)
    return message


def error(fault: ServiceError) -> bytes:
    """Return why a job has no plan."""
    return jobs_pb2.JobError(
        reason=fault.reason.value,
        message=fault.message,
        violations=encode_violations(fault.violations[:MOST_VIOLATIONS]),
    ).SerializeToString()


def progress(message: jobs_pb2.SolveJob) -> bytes | None:
    """Return the progress of a job as it is stored."""
    if not message.HasField("progress"):
        return None
    progress: solving_pb2.Progress = message.progress
    return progress.SerializeToString()


def upload(record: UploadRecord) -> jobs_pb2.Upload:
    """Return an upload."""
    return jobs_pb2.Upload(
        name=upload_name(record.workspace, record.id),
        size=record.size,
        received=record.received,
        complete=record.complete,
        expire_time=moment(record.expires),
    )


def moment(microseconds: int) -> Timestamp:
    """Return a moment."""
    return Timestamp(seconds=microseconds // 1_000_000, nanos=microseconds % 1_000_000 * 1000)


def _state(state: int) -> jobs_pb2.SolveJob.State.ValueType:
    return jobs_pb2.SolveJob.State.ValueType(state)
