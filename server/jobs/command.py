"""``alatau jobs``: look at the jobs of a server, follow and end them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from alatau.jobs.v1 import jobs_pb2
from alatau_client import ApiError, Client
from google.protobuf.json_format import MessageToDict

from router.cli.output import JsonOption, console, print_json, table

EXIT_FAILED = 1
"""The call failed, or the job ended without a plan."""
MOST = 20
"""Jobs that a list shows if nothing is said."""

app = typer.Typer(help="List, show, watch and cancel jobs.", no_args_is_help=True)
SolveJob = jobs_pb2.SolveJob

ServerOption = Annotated[
    str, typer.Option("--server", envvar="ALATAU_SERVER", help="Address of the server.")
]
KeyOption = Annotated[
    str | None, typer.Option("--key", envvar="ALATAU_API_KEY", help="API key.", show_default=False)
]
TlsOption = Annotated[bool, typer.Option("--tls", help="Use TLS with the system's certificates.")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the job.")]
ADDRESS = "localhost:50051"


@app.command(name="list")
def list_jobs(
    server: ServerOption = ADDRESS,
    key: KeyOption = None,
    tls: TlsOption = False,
    state: Annotated[list[str] | None, typer.Option(help="Only in this state.")] = None,
    label: Annotated[
        list[str] | None, typer.Option(help="Only with this label, key=value.")
    ] = None,
    most: Annotated[int, typer.Option(help="How many.", min=1, max=1000)] = MOST,
    as_json: JsonOption = False,
) -> None:
    """List the workspace's jobs, newest first."""
    with _client(server, key, tls=tls) as client:
        listed = client.jobs.list(
            states=[_state_named(name) for name in state or ()],
            labels=dict(_label(text) for text in label or ()),
            page_size=most,
        )
        found = [job for job, _ in zip(listed, range(most), strict=False)]
    if as_json:
        print_json({"jobs": [_as_json(job) for job in found]})
        return
    for job in found:
        console().print(_line(job), soft_wrap=True)


@app.command()
def show(
    name: NameArgument,
    server: ServerOption = ADDRESS,
    key: KeyOption = None,
    tls: TlsOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show a job with its history."""
    with _client(server, key, tls=tls) as client:
        job = client.jobs.get(name).latest
    _show(job, as_json=as_json)


@app.command()
def watch(
    name: NameArgument,
    server: ServerOption = ADDRESS,
    key: KeyOption = None,
    tls: TlsOption = False,
    as_json: JsonOption = False,
) -> None:
    """Follow a job until it is done; exit code 1 if it ends without a plan."""
    with _client(server, key, tls=tls) as client:
        job = client.jobs.get(name)
        for status in job.watch():
            if not as_json:
                console().print(_line(status), soft_wrap=True)
        if as_json:
            _show(job.latest, as_json=True)
    if job.latest.state not in (SolveJob.STATE_SUCCEEDED, SolveJob.STATE_INFEASIBLE):
        raise SystemExit(EXIT_FAILED)


@app.command()
def cancel(
    name: NameArgument,
    server: ServerOption = ADDRESS,
    key: KeyOption = None,
    tls: TlsOption = False,
    keep_best: Annotated[bool, typer.Option("--keep-best", help="Keep the best plan.")] = False,
    as_json: JsonOption = False,
) -> None:
    """End a job, and wait until it has ended."""
    with _client(server, key, tls=tls) as client:
        job = client.jobs.get(name)
        job.cancel(keep_best=keep_best)
        ended = job.wait()
    _show(ended, as_json=as_json)


@contextmanager
def _client(server: str, key: str | None, *, tls: bool) -> Iterator[Client]:
    """Connect; what fails is said in one sentence, exit code 1.

    Raises
    ------
    OSError
        If a call fails.
    """
    try:
        with Client(server, api_key=key, tls=tls) as client:
            yield client
    except (ApiError, ValueError) as failure:
        raise OSError(f"{server}: {failure}") from failure


def _show(job: SolveJob, *, as_json: bool) -> None:
    if as_json:
        print_json(_as_json(job))
        return
    console().print(_line(job), soft_wrap=True)
    rows = [
        (
            event.time.ToJsonString(),
            SolveJob.State.Name(event.state).removeprefix("STATE_"),
            event.note,
        )
        for event in job.history
    ]
    console().print(table("History", ("time", "state", "note"), rows))
    for violation in job.error.violations:
        console().print(f"{violation.path}: {violation.message} [{violation.code}]", soft_wrap=True)


def _line(job: SolveJob) -> str:
    """Return a job in one line."""
    parts = [job.name, job.kind, _state(job)]
    if job.queue_position:
        parts.append(f"place {job.queue_position}")
    progress = job.progress
    if progress.HasField("objective"):
        parts.append(f"objective {progress.objective:g}")
    if progress.HasField("gap"):
        parts.append(f"gap {progress.gap:.2%}")
    if progress.iterations:
        parts.append(f"{progress.iterations} iterations")
    if progress.total:
        parts.append(f"{progress.served} of {progress.total} served")
    if job.error.reason:
        parts.append(f"{job.error.reason}: {job.error.message}")
    return "  ".join(parts)


def _as_json(job: SolveJob) -> dict[str, Any]:
    found: dict[str, Any] = MessageToDict(job, preserving_proto_field_name=True)
    return found


def _state(job: SolveJob) -> str:
    return SolveJob.State.Name(job.state).removeprefix("STATE_")


def _state_named(name: str) -> str:
    known = [state.removeprefix("STATE_") for state in SolveJob.State.keys()[1:]]
    if name.upper() not in known:
        raise typer.BadParameter(f"'{name}' is none of {', '.join(known)}.")
    return name.upper()


def _label(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise typer.BadParameter(f"'{text}' is no label; give key=value.")
    return key, value
