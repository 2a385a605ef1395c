"""Failing calls: their status and the details that they carry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status


def failure(call: Callable[[], Any]) -> tuple[grpc.StatusCode, dict[str, Any]]:
    """Return the status code and the details, by their names, of a call that fails."""
    with pytest.raises(grpc.RpcError) as failed:
        call()
    status = rpc_status.from_call(failed.value)
    details = {}
    for packed in status.details:
        name = packed.TypeName().rpartition(".")[2]
        detail = getattr(error_details_pb2, name)()
        packed.Unpack(detail)
        details[name] = detail
    return failed.value.code(), details


def faults(call: Callable[[], Any]) -> set[tuple[str, str]]:
    """Return (code, field) of every violation of a call that is refused for its input."""
    code, details = failure(call)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert details["ErrorInfo"].reason == "INVALID_INPUT"
    assert details["ErrorInfo"].domain == "alatau.router"
    found = details["BadRequest"].field_violations
    assert all(violation.description for violation in found)
    return {(violation.reason, violation.field) for violation in found}
