"""How much a workspace may do: calls a second, solves at once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from server.errors import Reason, ServiceError

KEPT = 10_000
"""Workspaces whose buckets are held; full ones are dropped beyond that."""
SOLVE_RETRY_SECONDS = 1.0
"""When to try again while as many solves run as may."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one workspace may do.

    Attributes
    ----------
    rate
        Calls a second in the long run; ``None``: any number.
    burst
        Calls at once after a pause; at least 1.
    solves
        Solves in progress, waiting ones included; ``None``: any number.
    jobs
        Jobs that have not ended; ``None``: any number.
    """

    rate: float | None = None
    burst: int = 20
    solves: int | None = None
    jobs: int | None = None


class Bucket:
    """Tokens that come back with time."""

    def __init__(self, allowance: Allowance, now: float) -> None:
        self._allowance = allowance
        self._tokens = float(allowance.burst)
        self._seen = now

    def take(self, now: float) -> float:
        """Take one token; return the seconds until there is one, 0 where it was taken."""
        rate, burst = self._allowance.rate, self._allowance.burst
        assert rate is not None
        self._tokens = min(float(burst), self._tokens + (now - self._seen) * rate)
        self._seen = now
        if self._tokens < 1:
            return (1 - self._tokens) / rate
        self._tokens -= 1
        return 0.0

    def full_at(self) -> float:
        """Return the moment from which it is as good as a new one."""
        rate, burst = self._allowance.rate, self._allowance.burst
        assert rate is not None
        return self._seen + (burst - self._tokens) / rate


class Limits:
    """Holds every workspace to what it may do.

    Parameters
    ----------
    usual
        What a workspace may do that is not named.
    named
        What others may do, by workspace.
    clock
        Seconds.
    """

    def __init__(
        self,
        usual: Allowance,
        named: Mapping[str, Allowance],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._usual = usual
        self._named = named
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}
        self._solves: Counter[str] = Counter()

    def call(self, workspace: str) -> None:
        """Count a call.

        Raises
        ------
        ServiceError
            RATE_LIMITED.
        """
        allowed = self.of(workspace)
        if allowed.rate is None:
            return
        now = self._clock()
        if workspace not in self._buckets:
            self._make_room(now)
            self._buckets[workspace] = Bucket(allowed, now)
        wait = self._buckets[workspace].take(now)
        if wait > 0:
            text = f"Workspace '{workspace}' may make {allowed.rate:g} calls a second; wait a bit."
            about = {"workspace": workspace, "rate_per_second": f"{allowed.rate:g}"}
            raise ServiceError(Reason.RATE_LIMITED, text, about, retry_seconds=wait)

    @contextmanager
    def solve(self, workspace: str) -> Iterator[None]:
        """Count a solve while it is in progress.

        Raises
        ------
        ServiceError
            QUOTA_EXCEEDED.
        """
        most = self.of(workspace).solves
        if most is not None and self._solves[workspace] >= most:
            text = f"Workspace '{workspace}' has {most} solves in progress, as many as it may."
            about = {"workspace": workspace, "workspace_solves": str(most)}
            raise ServiceError(
                Reason.QUOTA_EXCEEDED, text, about, retry_seconds=SOLVE_RETRY_SECONDS
            )
        self._solves[workspace] += 1
        try:
            yield
        finally:
            self._solves[workspace] -= 1
            if not self._solves[workspace]:
                del self._solves[workspace]

    def of(self, workspace: str) -> Allowance:
        """Return what a workspace may do."""
        return self._named.get(workspace, self._usual)

    def _make_room(self, now: float) -> None:
        if len(self._buckets) >= KEPT:
            kept = {name: b for name, b in self._buckets.items() if b.full_at() > now}
            self._buckets = kept
