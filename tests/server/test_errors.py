"""The error catalogue: a code for each reason, and details that clients accept."""

from __future__ import annotations

from google.rpc import error_details_pb2

from router.errors import InvalidInput, Violation
from server.errors import CODES, DEFAULT_DETAIL_BYTES, Reason, ServiceError


def bad_input(count: int) -> ServiceError:
    """Return the error of a request with so many faults."""
    return ServiceError.of_input(
        InvalidInput(Violation("NEGATIVE", f"visits[{i}]", "is -1.") for i in range(count))
    )


def test_every_reason_has_a_code() -> None:
    """No reason falls through to UNKNOWN."""
    assert set(CODES) == set(Reason)


def test_a_single_violation_is_told_in_the_singular() -> None:
    """And it is there whole: field, sentence and code."""
    status = bad_input(1).status("id-1")
    assert status.code == 3
    assert status.message == "The request breaks 1 rule; see the violations."
    bad = error_details_pb2.BadRequest()
    assert any(packed.Unpack(bad) for packed in status.details)
    found = bad.field_violations[0]
    assert (found.field, found.description, found.reason) == ("visits[0]", "is -1.", "NEGATIVE")


def test_the_status_fits_what_clients_accept() -> None:
    """100,000 violations leave a status below 8 KiB, and more room shows more."""
    error = bad_input(100_000)
    assert len(error.status("x" * 32).SerializeToString()) < 8 * 1024
    assert DEFAULT_DETAIL_BYTES < len(error.status(room=100_000).SerializeToString()) < 101_000


def test_retry_info_has_milliseconds() -> None:
    """1.2345 s are rounded to 1.234 or 1.235 s."""
    status = ServiceError(Reason.QUEUE_FULL, "full", retry_seconds=1.2345).status()
    info = error_details_pb2.RetryInfo()
    assert any(packed.Unpack(info) for packed in status.details)
    assert info.retry_delay.ToMilliseconds() in (1234, 1235)
