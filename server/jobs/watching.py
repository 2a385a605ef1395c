"""Who wants to hear when jobs begin and end."""

from __future__ import annotations

from server.store.records import JobRecord


class JobWatch:
    """Hears of it and does nothing; telemetry does something."""

    def taken(self, record: JobRecord) -> str:
        """Note that this server begins a job; return the ``traceparent`` of its work."""
        return ""

    def left(self, record: JobRecord) -> None:
        """Note that the job ended, or went back into the queue."""
