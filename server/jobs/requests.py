"""What callers say about jobs, checked: settings, filters, options."""

from __future__ import annotations

import re
from typing import Any

from alatau.jobs.v1 import jobs_pb2, jobs_service_pb2

from router.errors import InvalidInput, Violation, Violations
from server.jobs.kinds import KINDS
from server.settings import Settings
from server.store.records import Cancel, JobFilter, State

MOST_LABELS, LONGEST_KEY, LONGEST_VALUE = 32, 63, 255
"""Bounds of labels."""
PAGE, MOST_ON_PAGE = 50, 1000
"""Jobs on a page: where nothing is said, and at most."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_FIRST, _LAST = 0, 253_402_300_799


def check_settings(given: jobs_pb2.JobSettings, found: Violations) -> None:
    """Note REQUEST_ID, LABELS, TIME_TO_LIVE and TIME_RANGE."""
    if given.request_id and not _REQUEST_ID.fullmatch(given.request_id):
        text = "is not 1 to 64 letters, digits or any of `._:-`."
        found.add("REQUEST_ID", "request_id", text)
    check_labels(given.labels, found)
    if given.HasField("time_to_live") and given.time_to_live.seconds < 1:
        found.add("TIME_TO_LIVE", "time_to_live", "is below a second; give at least one.")
    if given.HasField("deadline"):
        check_moment(given, "deadline", found)


def check_labels(labels: Any, found: Violations) -> None:
    """Note LABELS: too many, or one that is empty or too long."""
    if len(labels) > MOST_LABELS:
        found.add("LABELS", "labels", f"has {len(labels)} labels; give at most {MOST_LABELS}.")
    for key, value in labels.items():
        if not 0 < len(key) <= LONGEST_KEY or len(value) > LONGEST_VALUE:
            text = f"has a key or value that is too long: 1 to {LONGEST_KEY}, 0 to {LONGEST_VALUE}."
            found.add("LABELS", f"labels[{key[:LONGEST_KEY]}]", text)
        if "\0" in key or "\0" in value:
            path = f"labels[{key[:LONGEST_KEY]!a}]"
            found.add("LABELS", path, "has a character 0; leave it out.")


def check_moment(message: Any, field: str, found: Violations) -> None:
    """Note TIME_RANGE."""
    if not _FIRST <= getattr(message, field).seconds <= _LAST:
        found.add("TIME_RANGE", field, "is not from 1970 to 9999.")


def microseconds(moment: Any) -> int:
    """Return a Timestamp or Duration in microseconds."""
    return int(moment.seconds * 1_000_000 + moment.nanos // 1000)


def keep(given: jobs_pb2.JobSettings, settings: Settings) -> int:
    """Return how long a job is kept once it ended, in microseconds."""
    most = round(settings.job_keep_seconds * 1e6)
    return min(microseconds(given.time_to_live), most) if given.HasField("time_to_live") else most


def seconds(options: Any, settings: Settings) -> float:
    """Return the time that the solve of a job may take.

    A limit that breaks a rule is left to the worker, which refuses it with all other
    faults of the request.
    """
    limit = options.time_limit
    wanted = limit.seconds + limit.nanos / 1e9
    return min(wanted if wanted > 0 else settings.default_seconds, settings.max_seconds)


def job_filter(request: jobs_service_pb2.ListJobsRequest, found: Violations) -> JobFilter:
    """Return the conditions of a list.

    Notes UNKNOWN_VALUE, LABELS and TIME_RANGE.
    """
    known = {int(state) for state in State}
    for index, state in enumerate(request.states):
        if state not in known:
            found.add("UNKNOWN_VALUE", f"states[{index}]", f"is {state}, which is no state.")
    if request.kind and request.kind not in {kind.name for kind in KINDS}:
        names = ", ".join(kind.name for kind in KINDS)
        found.add("UNKNOWN_VALUE", "kind", f"is '{request.kind[:40]}'; give one of {names}.")
    check_labels(request.labels, found)
    moments = {}
    for field in ("created_from", "created_before"):
        if request.HasField(field):
            check_moment(request, field, found)
            moments[field] = microseconds(getattr(request, field))
    return JobFilter(
        states=tuple(State(state) for state in request.states if state in known),
        kind=request.kind,
        labels=dict(request.labels),
        **moments,
    )


def cancel_mode(given: int) -> Cancel:
    """Return what is to become of the best plan.

    Raises
    ------
    InvalidInput
        UNKNOWN_VALUE: a wish of a later version must not discard a plan.
    """
    if given not in jobs_pb2.CancelMode.values():
        text = f"is {given}, which is no mode; give DISCARD or KEEP_BEST."
        raise InvalidInput([Violation("UNKNOWN_VALUE", "mode", text)])
    return Cancel(given) or Cancel.DISCARD


def page_size(given: int, found: Violations) -> int:
    """Return the size of a page; notes PAGE_SIZE."""
    if given < 0:
        found.add("PAGE_SIZE", "page_size", f"is {given}; give 0 or more.")
    return min(given or PAGE, MOST_ON_PAGE)
