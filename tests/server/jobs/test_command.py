"""``alatau jobs`` against a real server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from alatau_client import Client

from tests.api.test_routing import line_problem
from tests.serving import ServerProcess, running_server

RUN = "import sys; from router.cli.main import main; main(['jobs', *sys.argv[1:]])"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Run a server."""
    with running_server(tmp_path_factory.mktemp("command"), workers=1) as running:
        yield running


def run(server: ServerProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    command = [sys.executable, "-c", RUN, *arguments, "--server", server.address]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_list_show_watch_and_cancel(server: ServerProcess) -> None:
    """One job that runs is listed, shown and cancelled; one that ends is watched."""
    with Client(server.address) as client:
        long = client.jobs.create(line_problem(), time_limit=60, labels={"n": "long"}).name
        next(s for s in client.jobs.get(long).watch() if s.progress.HasField("cost"))
        listed = json.loads(run(server, "list", "--label", "n=long", "--json").stdout)
        assert [job["name"] for job in listed["jobs"]] == [long]
        assert long.rpartition("/")[2] in run(server, "list", "--state", "running").stdout
        shown = run(server, "show", long).stdout
        assert "RUNNING" in shown and "QUEUED" in shown
        cancelled = json.loads(run(server, "cancel", long, "--keep-best", "--json").stdout)
        assert cancelled["state"] == "STATE_SUCCEEDED"
        short = client.jobs.create(line_problem(), time_limit=0.5).name
    watched = run(server, "watch", short)
    assert watched.returncode == 0
    assert "SUCCEEDED" in watched.stdout.splitlines()[-1]
    assert "2 of 2 served" in watched.stdout


def test_faults_are_one_sentence(server: ServerProcess) -> None:
    """An unknown job, a label without a value, a server that is not there."""
    missing = run(server, "show", f"workspaces/local/solveJobs/{'0' * 28}")
    assert missing.returncode == 1 and "NOT_FOUND" in missing.stderr
    assert run(server, "list", "--label", "x").returncode == 2
    assert run(server, "list", "--state", "happy").returncode == 2
    with Client(server.address) as client:
        bad = line_problem()
        bad.visits[0].location = "nowhere"
        job = client.jobs.create(bad).name
    failed = run(server, "watch", job)
    assert failed.returncode == 1 and "INVALID_INPUT" in failed.stdout
    for ended in (missing, failed):
        assert "Traceback" not in ended.stderr
