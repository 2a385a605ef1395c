"""The tables. A change here needs a migration in :mod:`server.store.migrations`.

Moments and spans are whole microseconds, moments since 1970 in UTC. Messages are
kept as their serialised bytes; no object is pickled.
"""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _job_key() -> sa.Column[str]:
    return sa.Column(
        "job", sa.String(40), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True
    )


JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    # Unique in its workspace as long as the job exists; NULL where none was given.
    sa.Column("request_id", sa.String(64)),
    # SHA-256 of the request that created it.
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    # Number of alatau.jobs.v1.SolveJob.State.
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("labels", sa.JSON, nullable=False),
    # Time that the solve may take, in seconds.
    sa.Column("seconds", sa.Double, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("started", sa.BigInteger),
    sa.Column("ended", sa.BigInteger),
    # Span from the end until it is forgotten, and that moment once it has ended.
    sa.Column("keep", sa.BigInteger, nullable=False),
    sa.Column("expires", sa.BigInteger, index=True),
    # Moment after which nobody needs it.
    sa.Column("deadline", sa.BigInteger),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("deaths", sa.Integer, nullable=False),
    # Number of alatau.jobs.v1.CancelMode.
    sa.Column("cancel", sa.SmallInteger, nullable=False),
    # The server that runs it, until when it may be taken for alive, and the
    # number of the claim: who holds an older one may not write any more.
    sa.Column("owner", sa.String(64)),
    sa.Column("lease", sa.BigInteger),
    sa.Column("fence", sa.BigInteger, nullable=False),
    # alatau.common.v1.Progress, alatau.jobs.v1.JobOutcome and JobError.
    sa.Column("progress", sa.LargeBinary),
    sa.Column("outcome", sa.LargeBinary),
    sa.Column("error", sa.LargeBinary),
    sa.UniqueConstraint("workspace", "request_id"),
    sa.Index(None, "state", "created", "id"),
    sa.Index(None, "workspace", "created", "id"),
)

EVENTS = sa.Table(
    "job_events",
    METADATA,
    _job_key(),
    # Revision of the job with this event.
    sa.Column("revision", sa.BigInteger, primary_key=True),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("moment", sa.BigInteger, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
)

REQUESTS = sa.Table(
    "job_requests",
    METADATA,
    _job_key(),
    # The serialised Solve… request.
    sa.Column("data", sa.LargeBinary, nullable=False),
)

RESULTS = sa.Table(
    "job_results",
    METADATA,
    _job_key(),
    # The serialised Solve… response.
    sa.Column("data", sa.LargeBinary, nullable=False),
)

UPLOADS = sa.Table(
    "uploads",
    METADATA,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    sa.Column("received", sa.BigInteger, nullable=False),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False, index=True),
)

CHUNKS = sa.Table(
    "upload_chunks",
    METADATA,
    sa.Column(
        "upload", sa.String(40), sa.ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("start", sa.BigInteger, primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
