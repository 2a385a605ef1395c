"""Codec of the messages that all parts share: times, options, progress, cost.

Decoders note every violation at the path of its field and go on with a harmless
value, so that a request is judged as a whole. Encoders are plain translations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from alatau.common.v1 import solving_pb2, time_pb2
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from router.errors import InvalidInput, Violation, Violations
from router.solving import Cost, Progress, SolveOptions, Termination
from router.timewindow import FOREVER, TimeWindow
from server.codecs.clock import Clock

T = TypeVar("T")

LARGEST_MOMENT = 253_402_300_799
"""Last second of the year 9999, as Timestamp allows."""
LARGEST_DURATION = 315_576_000_000
"""10,000 years in seconds, as Duration allows."""
LARGEST_AMOUNT = 2**63 - 1
"""Most that a cost can state."""

_TERMINATIONS = {
    Termination.OPTIMAL: solving_pb2.TERMINATION_OPTIMAL,
    Termination.LIMIT: solving_pb2.TERMINATION_LIMIT,
    Termination.CANCELLED: solving_pb2.TERMINATION_CANCELLED,
    Termination.INFEASIBLE: solving_pb2.TERMINATION_INFEASIBLE,
}


class Reader:
    """Reads fields of one problem and notes what is wrong with them.

    Parameters
    ----------
    clock
        Maps moments of the problem.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def duration(self, message: Any, field: str, found: Violations) -> int:
        """Return a field's whole seconds, 0 where unset.

        Notes WHOLE_SECONDS, NEGATIVE and TIME_RANGE.
        """
        if not message.HasField(field):
            return 0
        value: Duration = getattr(message, field)
        if value.nanos:
            found.add("WHOLE_SECONDS", field, "has a fraction of a second; give whole seconds.")
        if value.seconds < 0:
            found.add("NEGATIVE", field, f"is {value.seconds} s; it must be 0 or more.")
            return 0
        if value.seconds > LARGEST_DURATION:
            found.add("TIME_RANGE", field, f"is {value.seconds} s; give at most 10,000 years.")
            return 0
        return value.seconds

    def moment(self, message: Any, field: str, unset: int, found: Violations) -> int:
        """Return a field's seconds since the horizon's start, ``unset`` where unset.

        Notes WHOLE_SECONDS, TIME_RANGE and BEFORE_HORIZON.
        """
        if not message.HasField(field):
            return unset
        value: Timestamp = getattr(message, field)
        if value.nanos:
            found.add("WHOLE_SECONDS", field, "has a fraction of a second; give whole seconds.")
        if not 0 <= value.seconds <= LARGEST_MOMENT:
            text = f"is {value.seconds} s since 1970; give a moment from 1970 to 9999."
            found.add("TIME_RANGE", field, text)
            return unset
        inside = self.clock.inside(value)
        if inside < 0:
            text = f"lies {-inside} s before the horizon's start; nothing may happen there."
            found.add("BEFORE_HORIZON", field, text)
            return unset
        return inside

    def window(self, message: time_pb2.TimeWindow, found: Violations) -> TimeWindow:
        """Return a window; notes REVERSED where it ends before it starts."""
        start = self.moment(message, "start_time", 0, found)
        end = self.moment(message, "end_time", FOREVER, found)
        if start > end:
            text = f"ends {start - end} s before it starts; swap the two."
            found.add("REVERSED", "", text)
            return TimeWindow(start, start)
        return TimeWindow(start, end)

    def windows(
        self, messages: Sequence[time_pb2.TimeWindow], field: str, found: Violations
    ) -> tuple[TimeWindow, ...]:
        """Return the windows of a repeated field."""
        return tuple(
            self.window(message, found.at(f"{field}[{k}]")) for k, message in enumerate(messages)
        )


def each(
    read: Callable[[Any, Violations], T], messages: Sequence[Any], field: str, found: Violations
) -> tuple[T, ...]:
    """Return what ``read`` makes of every message of a repeated field."""
    return tuple(read(message, found.at(f"{field}[{i}]")) for i, message in enumerate(messages))


def whole(value: int, field: str, found: Violations) -> int:
    """Return a number, 0 where it is negative; notes NEGATIVE."""
    if value < 0:
        found.add("NEGATIVE", field, f"is {value}; it must be 0 or more.")
        return 0
    return value


def optional(message: Any, field: str, found: Violations) -> int | None:
    """Return an optional number, ``None`` where unset; notes NEGATIVE."""
    return whole(getattr(message, field), field, found) if message.HasField(field) else None


def amounts(
    values: Mapping[str, int],
    dimensions: Sequence[str],
    field: str,
    found: Violations,
    missing: Sequence[int] | None = None,
) -> tuple[int, ...]:
    """Return amounts in the order of the dimensions, empty where all are unset.

    ``missing`` gives the amount of a dimension that is left out, 0 by default.
    Notes UNKNOWN_DIMENSION and NEGATIVE.
    """
    if not values:
        return ()
    for name in sorted(values.keys() - set(dimensions)):
        text = f"'{name}' is not among the dimensions {', '.join(dimensions)}."
        found.add("UNKNOWN_DIMENSION", f"{field}[{name}]", text)
    return tuple(
        whole(values[name], f"{field}[{name}]", found)
        if name in values
        else (missing[k] if missing is not None else 0)
        for k, name in enumerate(dimensions)
    )


def build(
    make: Callable[..., T],
    found: Violations,
    rename: Callable[[str], str] = str,
    **fields: object,
) -> T | None:
    """Return ``make(**fields)``, or ``None`` with its violations noted.

    ``rename`` turns the paths of the domain into those of the messages. A path
    that was noted before is not noted twice.
    """
    noted = {violation.path for violation in found}
    try:
        return make(**fields)
    except InvalidInput as refused:
        below = Violations()
        for violation in refused.violations:
            below.add(violation.code, rename(violation.path), violation.message)
        for violation in below:
            at = found.at(violation.path)
            if at.prefix not in noted:
                found.add(violation.code, violation.path, violation.message)
        return None


def decode_options(
    message: solving_pb2.SolveOptions, seconds: float, found: Violations
) -> SolveOptions | None:
    """Return the options of a solve that has ``seconds`` left.

    Notes TIME_LIMIT, SEED, THREADS, ITERATIONS and GAP.
    """
    limit = message.time_limit
    if message.HasField("time_limit") and limit.seconds + limit.nanos / 1e9 <= 0:
        found.add("TIME_LIMIT", "time_limit", "is not above 0; give a positive time.")
    fields = {
        "seconds": seconds,
        "seed": message.random_seed if message.HasField("random_seed") else 1,
        "threads": message.threads or 1,
        "max_iterations": message.max_iterations if message.HasField("max_iterations") else None,
        "relative_gap": message.relative_gap if message.HasField("relative_gap") else None,
    }
    return build(SolveOptions, found, _option_path, **fields)


def _option_path(path: str) -> str:
    name = path.removeprefix("options.")
    return {"seconds": "time_limit", "seed": "random_seed"}.get(name, name)


def encode_seconds(seconds: float) -> Duration:
    """Return a span with milliseconds."""
    milliseconds = round(seconds * 1000)
    return Duration(seconds=milliseconds // 1000, nanos=milliseconds % 1000 * 1_000_000)


def encode_cost(cost: Cost) -> solving_pb2.Cost:
    """Return a cost with its components.

    Raises
    ------
    InvalidInput
        If the cost of the plan that was sent is more than a message can state.
    """
    amounts = (cost.total, *cost.components.values())
    if max(map(abs, amounts)) > LARGEST_AMOUNT:
        text = "costs 2**63 or more, which cannot be stated; give smaller amounts."
        raise InvalidInput([Violation("TOO_LARGE", "plan", text)])
    return solving_pb2.Cost(total=cost.total, components=dict(cost.components))


def encode_violations(violations: Iterable[Violation]) -> list[solving_pb2.Violation]:
    """Return violations in their order."""
    return [solving_pb2.Violation(code=v.code, path=v.path, message=v.message) for v in violations]


def encode_progress(progress: Progress) -> solving_pb2.Progress:
    """Return where a solve stands."""
    return solving_pb2.Progress(
        elapsed=encode_seconds(progress.seconds),
        objective=finite(progress.objective),
        bound=finite(progress.bound),
        gap=finite(progress.gap),
        iterations=progress.iterations,
        served=progress.served,
        total=progress.total,
    )


def encode_summary(
    *,
    termination: Termination,
    seconds: float,
    objective: float,
    bound: float | None = None,
    gap: float | None = None,
    iterations: int = 0,
    curve: Iterable[tuple[float, float]] = (),
) -> solving_pb2.SolveSummary:
    """Return how a plan came about; ``curve`` holds (seconds, objective)."""
    return solving_pb2.SolveSummary(
        termination=_TERMINATIONS[termination],
        elapsed=encode_seconds(seconds),
        iterations=iterations,
        objective=finite(objective),
        bound=finite(bound),
        gap=finite(gap),
        improvements=[
            solving_pb2.Improvement(elapsed=encode_seconds(at), objective=value)
            for at, value in curve
        ],
    )


def finite(value: float | None) -> float | None:
    """Return a number that a client can use, ``None`` for infinities."""
    return value if value is not None and math.isfinite(value) else None
