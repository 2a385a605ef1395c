"""Who wants to hear what happens to jobs and processes."""

from __future__ import annotations

from server.workers.frames import Figures
from server.workers.worker import Job


class Observer:
    """Hears of it and does nothing; telemetry does something."""

    def began(self, job: Job, waited: float) -> None:
        """Note that a job got a process after so many seconds in the queue."""

    def worked(self, job: Job, figures: Figures) -> None:
        """Note what the process says of its work on a job."""

    def died(self) -> None:
        """Note that a process died under its job."""

    def killed(self) -> None:
        """Note that a process had to be ended by a signal."""
