"""Jobs are cancelled at any moment of their life: each ends once, and soon."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from random import Random

import grpc
from alatau.jobs.v1 import jobs_pb2
from alatau.jobs.v1 import jobs_service_pb2 as pb
from alatau.jobs.v1.jobs_service_pb2_grpc import SolveJobServiceStub

from tests.faults.history import History, State, now
from tests.faults.promises import breaches
from tests.faults.traffic import client, until
from tests.serving import running_server

ROUNDS = 8
MODES = (jobs_pb2.CANCEL_MODE_DISCARD, jobs_pb2.CANCEL_MODE_KEEP_BEST)
SOON = 15.0
"""Seconds within which a cancelled job has ended; one where nobody else uses the machine."""


def test_cancelled_at_any_moment(tmp_path: Path) -> None:
    """One job runs and one waits; both are cancelled after 0 to 0.3 s, twice, in both modes."""
    history, random, seen = History(), Random(1), Counter[int]()
    with (
        running_server(tmp_path, job_workers=1, workers=1) as server,
        client(server.address, history) as asking,
        grpc.insecure_channel(server.address) as channel,
    ):
        stub = SolveJobServiceStub(channel)
        for number in range(ROUNDS):
            names = [str(asking.create(f"{number}-{n}", 30.0)) for n in range(2)]
            time.sleep(random.random() * 0.3)
            for name in names:
                seen[asking.get(name).state] += 1
                for mode in (MODES[number % 2], random.choice(MODES)):
                    stub.CancelJob(pb.CancelJobRequest(name=name, mode=mode), timeout=20)
            cancelled = now()
            until(lambda names=names: all(asking.get(name).done for name in names), SOON)
            assert now() - cancelled < SOON
        asking.finish()
        ends = {asking.get(name).state for name in history.acknowledged()}
    assert breaches(history) == []
    assert ends <= {State.STATE_CANCELLED, State.STATE_SUCCEEDED}
    assert len(history.listed) == 2 * ROUNDS
    assert {State.STATE_QUEUED, State.STATE_RUNNING} <= set(seen)
