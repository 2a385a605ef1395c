"""Jobs and uploads."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("request_id", sa.String(64)),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("labels", sa.JSON, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("started", sa.BigInteger),
        sa.Column("ended", sa.BigInteger),
        sa.Column("keep", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger),
        sa.Column("deadline", sa.BigInteger),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("deaths", sa.Integer, nullable=False),
        sa.Column("cancel", sa.SmallInteger, nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("lease", sa.BigInteger),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("progress", sa.LargeBinary),
        sa.Column("outcome", sa.LargeBinary),
        sa.Column("error", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("workspace", "request_id", name="uq_jobs_workspace_request_id"),
    )
    op.create_index("ix_jobs_expires", "jobs", ["expires"])
    op.create_index("ix_jobs_state_created_id", "jobs", ["state", "created", "id"])
    op.create_index("ix_jobs_workspace_created_id", "jobs", ["workspace", "created", "id"])
    op.create_table(
        "job_events",
        _job_key(),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("moment", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("job", "revision", name="pk_job_events"),
        _of_job("job_events"),
    )
    for name in ("job_requests", "job_results"):
        op.create_table(
            name,
            _job_key(),
            sa.Column("data", sa.LargeBinary, nullable=False),
            sa.PrimaryKeyConstraint("job", name=f"pk_{name}"),
            _of_job(name),
        )
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_expires", "uploads", ["expires"])
    op.create_table(
        "upload_chunks",
        sa.Column("upload", sa.String(40), nullable=False),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("upload", "start", name="pk_upload_chunks"),
        sa.ForeignKeyConstraint(
            ["upload"], ["uploads.id"], name="fk_upload_chunks_upload", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in (
        "upload_chunks",
        "uploads",
        "job_results",
        "job_requests",
        "job_events",
        "jobs",
    ):
        op.drop_table(name)


def _job_key() -> sa.Column[str]:
    return sa.Column("job", sa.String(40), nullable=False)


def _of_job(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["job"], ["jobs.id"], name=f"fk_{table}_job", ondelete="CASCADE")
