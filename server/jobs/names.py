"""Names of jobs and uploads, and tokens of pages: what callers hold on to."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import secrets
import time

from router.errors import InvalidInput, Violation
from server.errors import Reason, ServiceError
from server.store.records import JobFilter

_NAME = re.compile(r"workspaces/([^/]{1,64})/(solveJobs|uploads)/([^/]{1,64})")
_ID = re.compile(r"[0-9a-f]{28}")


def new_id() -> str:
    """Return an id that sorts by the time it was made."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(8)}"


def job_name(workspace: str, job: str) -> str:
    """Return the full name of a job."""
    return f"workspaces/{workspace}/solveJobs/{job}"


def upload_name(workspace: str, upload: str) -> str:
    """Return the full name of an upload."""
    return f"workspaces/{workspace}/uploads/{upload}"


def job_id(name: str, workspace: str) -> str:
    """Return the id in the name of a job of this workspace.

    Raises
    ------
    InvalidInput
        NAME, if it is no name of a job.
    ServiceError
        NOT_FOUND, if it is another workspace's.
    """
    return _id(name, workspace, "solveJobs", "name")


def upload_id(name: str, workspace: str, field: str = "name") -> str:
    """Return the id in the name of an upload; see :func:`job_id`."""
    return _id(name, workspace, "uploads", field)


def _id(name: str, workspace: str, collection: str, field: str) -> str:
    form = _NAME.fullmatch(name)
    if form is None or form[2] != collection:
        text = f"is '{name[:100]}'; give a name of the form workspaces/…/{collection}/…."
        raise InvalidInput([Violation("NAME", field, text)])
    if form[1] != workspace or not _ID.fullmatch(form[3]):
        text = f"There is no {name}; it may have expired."
        raise ServiceError(Reason.NOT_FOUND, text)
    return form[3]


def page_token(created: int, job: str, wanted: JobFilter) -> str:
    """Return a token for the jobs after this one, under the same conditions."""
    text = json.dumps([created, job, _mark(wanted)])
    return base64.urlsafe_b64encode(text.encode()).decode()


def read_page_token(token: str, wanted: JobFilter) -> tuple[int, str]:
    """Return what a token says.

    Raises
    ------
    InvalidInput
        PAGE_TOKEN, if it was not made here or for other conditions.
    """
    try:
        created, job, mark = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
        if (
            type(created) is int
            and abs(created) < 2**63
            and _ID.fullmatch(job)
            and mark == _mark(wanted)
        ):
            return created, job
    except (ValueError, TypeError, binascii.Error, RecursionError):
        pass
    text = "is not from a page with these conditions; begin with the first page."
    raise InvalidInput([Violation("PAGE_TOKEN", "page_token", text)])


def _mark(wanted: JobFilter) -> str:
    conditions = [
        list(wanted.states),
        wanted.kind,
        sorted(wanted.labels.items()),
        wanted.created_from,
        wanted.created_before,
    ]
    return hashlib.sha256(json.dumps(conditions).encode()).hexdigest()[:12]
