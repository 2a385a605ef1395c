"""Problems above the message limit: announced, sent in chunks, checked as a whole."""

from __future__ import annotations

from alatau.jobs.v1 import jobs_pb2, jobs_service_pb2

from router.errors import Violations
from server.jobs import encode, names
from server.settings import Settings
from server.store import uploads
from server.store.gateway import Store
from server.store.records import UploadRecord

MOST_CHUNK = 4 * 2**20
"""Bytes of a chunk."""
KEEP_SECONDS = 24 * 3600
"""Time after which an upload is forgotten."""
TOGETHER = 4
"""All uploads of a workspace together may be this many times the largest one."""

pb = jobs_service_pb2


class UploadService:
    """The uploads of all workspaces.

    Parameters
    ----------
    store
        Where chunks are kept.
    settings
        The largest upload.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._most = settings.upload_mib * 2**20

    async def create(self, request: pb.CreateUploadRequest, workspace: str) -> jobs_pb2.Upload:
        """Note an upload that begins.

        Raises
        ------
        InvalidInput, ServiceError
            UPLOAD_SIZE, CHECKSUM; UPLOADS_FULL, STORE_UNAVAILABLE.
        """
        found = Violations()
        if not 0 < request.size <= self._most:
            text = f"is {request.size} bytes; give 1 to {self._most}."
            found.add("UPLOAD_SIZE", "size", text)
        if len(request.sha256) != 32:
            text = f"has {len(request.sha256)} bytes; a SHA-256 has 32."
            found.add("CHECKSUM", "sha256", text)
        found.raise_if_any()
        new = UploadRecord(
            id=names.new_id(),
            workspace=workspace,
            size=request.size,
            sha256=request.sha256,
            received=0,
            complete=False,
        )
        most, keep = TOGETHER * self._most, KEEP_SECONDS * 1_000_000
        noted = await self._store.write(lambda c: uploads.create(c, new, most, keep))
        return encode.upload(noted)

    async def add(self, request: pb.UploadChunkRequest, workspace: str) -> jobs_pb2.Upload:
        """Store a chunk; durable when it returns.

        Raises
        ------
        InvalidInput, ServiceError
            UPLOAD_OFFSET, UPLOAD_SIZE, CHECKSUM; NOT_FOUND, STORE_UNAVAILABLE.
        """
        found = Violations()
        upload = names.upload_id(request.name, workspace)
        start, data = request.offset, request.data
        if len(data) > MOST_CHUNK:
            found.add("UPLOAD_SIZE", "data", f"has {len(data)} bytes; give at most {MOST_CHUNK}.")
        if start < 0:
            found.add("UPLOAD_OFFSET", "offset", f"is {start}; give 0 or more.")
        found.raise_if_any()
        record = await self._store.write(lambda c: uploads.add(c, workspace, upload, start, data))
        if data and record.received == 0:
            text = "do not have the SHA-256 that was announced; send all of them again."
            found.add("CHECKSUM", "data", text)
            found.raise_if_any()
        return encode.upload(record)

    async def get(self, name: str, workspace: str) -> jobs_pb2.Upload:
        """Return how much of an upload is here."""
        upload = names.upload_id(name, workspace)
        return encode.upload(await self._store.read(lambda c: uploads.get(c, workspace, upload)))
