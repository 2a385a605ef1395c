"""Whatever a request says, the answer is a response or violations, never a fault."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import pytest
from google.protobuf.message import Message

from router.errors import InvalidInput
from server.part import Part
from server.parts.airtaxi import AIRTAXI
from server.parts.docks import DOCKS
from server.parts.flows import FLOWS
from server.parts.routes import ROUTES
from server.workers.seat import Seat
from tests.api import test_airtaxi, test_docks, test_flows, test_routing
from tests.server.codecs.mutations import mutate

TRIALS = 60
"""Messages a case; a thousand and more were tried while this was written."""


class Case(NamedTuple):
    """A part with a good problem and a good plan."""

    part: Part[Any, Any]
    problem: Callable[[], Message]
    plan: Callable[[], Message]


CASES = (
    Case(AIRTAXI, test_airtaxi.day, test_airtaxi.plan),
    Case(DOCKS, test_docks.crossdock, test_docks.crossdock_plan),
    Case(FLOWS, test_flows.network, test_flows.network_plan),
    Case(ROUTES, test_routing.line_problem, test_routing.line_plan),
)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.part.name)


def seat() -> Seat:
    """Return a seat with 20 ms that is told to stop at once."""
    return Seat(0.02, None, lambda: True, lambda message, new: None)


def answered(run: Callable[[bytes, Seat], bytes], request: Message) -> bool:
    """Return whether a job answered; where it refused, its violations are complete."""
    try:
        run(request.SerializeToString(), seat())
    except InvalidInput as refused:
        for violation in refused.violations:
            assert violation.code.isupper(), violation
            assert violation.path, violation
            assert violation.message, violation
        return False
    return True


def broken_request(case: Case, verb: str, seed: int) -> Any:
    """Return a good request with one to three faults, the same for the same seed."""
    random = Random(f"{case.part.name} {verb} {seed}")
    request: Any = getattr(case.part, f"{verb}_request")()
    request.problem.CopyFrom(case.problem())
    if verb == "evaluate":
        request.plan.CopyFrom(case.plan())
        mutate(random.choice([request, request.plan]), random, random.randint(1, 3))
    else:
        request.options.max_iterations = 10
        mutate(request, random, random.randint(1, 3))
    return request


@every_case
@pytest.mark.parametrize("verb", ["solve", "stream", "evaluate"])
def test_a_broken_request_is_answered_or_refused(case: Case, verb: str) -> None:
    """Good requests with faults in random places: some pass, some are refused."""
    run = getattr(case.part, f"run_{verb}")
    outcomes = {answered(run, broken_request(case, verb, seed)) for seed in range(TRIALS)}
    assert outcomes == {True, False}


@every_case
def test_rubbish_within_a_good_message(case: Case) -> None:
    """Unknown fields of a later version are passed over."""
    request = case.part.evaluate_request()
    request.problem.CopyFrom(case.problem())
    request.plan.CopyFrom(case.plan())
    later = b"\xfa\x3e\x03new"
    data = request.SerializeToString() + later
    assert case.part.run_evaluate(data, seat())
