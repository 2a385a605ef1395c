"""Problems that arrive in chunks. Every statement names the caller's workspace."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace

import sqlalchemy as sa

from router.errors import Violations
from server.errors import Reason, ServiceError
from server.store import rows
from server.store.records import UploadRecord
from server.store.schema import CHUNKS, UPLOADS


def create(
    connection: sa.Connection, new: UploadRecord, most_bytes: int, keep: int
) -> UploadRecord:
    """Note an upload that begins and is kept for ``keep`` microseconds; return it.

    Raises
    ------
    ServiceError
        UPLOADS_FULL, if unfinished and unused uploads of the workspace would be
        larger than ``most_bytes`` together.
    """
    taken = connection.execute(
        sa.select(sa.func.coalesce(sa.func.sum(UPLOADS.c.size), 0)).where(
            UPLOADS.c.workspace == new.workspace
        )
    ).scalar_one()
    if taken + new.size > most_bytes:
        text = f"Uploads of the workspace hold {taken} bytes; {most_bytes} are the most."
        raise ServiceError(Reason.UPLOADS_FULL, text, retry_seconds=60.0)
    noted = replace(new, expires=rows.now(connection) + keep)
    connection.execute(sa.insert(UPLOADS).values(**asdict(noted)))
    return noted


def get(connection: sa.Connection, workspace: str, upload: str) -> UploadRecord:
    """Return an upload.

    Raises
    ------
    ServiceError
        NOT_FOUND.
    """
    row = connection.execute(
        sa.select(UPLOADS).where(UPLOADS.c.id == upload, UPLOADS.c.workspace == workspace)
    ).one_or_none()
    if row is None:
        text = "There is no such upload; it may have expired."
        raise ServiceError(Reason.NOT_FOUND, text)
    return UploadRecord(**row._mapping)


def add(
    connection: sa.Connection, workspace: str, upload: str, start: int, data: bytes
) -> UploadRecord:
    """Append a chunk; one that is here already changes nothing.

    Raises
    ------
    ServiceError
        NOT_FOUND.
    InvalidInput
        UPLOAD_OFFSET, UPLOAD_SIZE, CHECKSUM. After a wrong checksum the upload is
        empty again.
    """
    found = get(connection, workspace, upload)
    faults = Violations()
    if start > found.received or (start < found.received < start + len(data)):
        text = f"is {start}; {found.received} bytes are here, go on from there."
        faults.add("UPLOAD_OFFSET", "offset", text)
    if start + len(data) > found.size:
        text = f"goes to byte {start + len(data)} of {found.size}."
        faults.add("UPLOAD_SIZE", "data", text)
    faults.raise_if_any()
    if start < found.received or not data:
        return found
    connection.execute(sa.insert(CHUNKS).values(upload=upload, start=start, data=data))
    return _received(connection, found, start + len(data))


def _received(connection: sa.Connection, found: UploadRecord, received: int) -> UploadRecord:
    """Note the bytes that are here, and check the whole once it is."""
    complete = received == found.size
    if complete:
        whole = hashlib.sha256()
        for chunk in _chunks(connection, found.id):
            whole.update(chunk)
        if whole.digest() != found.sha256:
            return _reset(connection, found)
    connection.execute(
        sa.update(UPLOADS)
        .where(UPLOADS.c.id == found.id)
        .values(received=received, complete=complete)
    )
    return get(connection, found.workspace, found.id)


def _reset(connection: sa.Connection, found: UploadRecord) -> UploadRecord:
    connection.execute(sa.delete(CHUNKS).where(CHUNKS.c.upload == found.id))
    connection.execute(sa.update(UPLOADS).where(UPLOADS.c.id == found.id).values(received=0))
    return get(connection, found.workspace, found.id)


def content(connection: sa.Connection, workspace: str, upload: str) -> bytes:
    """Return the bytes of a complete upload.

    Raises
    ------
    ServiceError
        NOT_FOUND, NOT_DONE.
    """
    found = get(connection, workspace, upload)
    if not found.complete:
        text = f"{found.received} of {found.size} bytes of the upload are here; send the rest."
        raise ServiceError(Reason.NOT_DONE, text, {"received": str(found.received)})
    return b"".join(_chunks(connection, upload))


def _chunks(connection: sa.Connection, upload: str) -> list[bytes]:
    query = sa.select(CHUNKS.c.data).where(CHUNKS.c.upload == upload).order_by(CHUNKS.c.start)
    return [bytes(data) for data in connection.execute(query).scalars()]
