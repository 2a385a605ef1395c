"""HiGHS in a process of its own: heard while it works, ended when wanted.

The parent sends one request; the child answers with frames: solutions, bounds,
and the end. The child dies with its parent's end of the pipe. HiGHS appends each
improving solution to a file, which the child flushes and reads on the way.
"""

from __future__ import annotations

import ctypes
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from router.exact import frames
from router.exact.outcome import TICK_S, Limits, Outcome, Snapshot, Status

if TYPE_CHECKING:
    from ortools.math_opt import model_pb2

Doubles = npt.NDArray[np.float64]

GRACE_S = 0.3
"""Time beyond the limit in which the child may still hand in its result."""
_LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class _Request:
    model: bytes
    limits: Limits
    ends: float
    """By :func:`time.monotonic`, which the processes of a machine share."""
    hint: Doubles | None
    folder: str

    def write(self, pipe: IO[bytes]) -> None:
        """Write it as a frame: the hint, where there is one, before the model."""
        hint = b"" if self.hint is None else self.hint.astype(np.float64).tobytes()
        fields = {
            "limits": asdict(self.limits),
            "ends": self.ends,
            "hint": None if self.hint is None else len(hint),
            "folder": self.folder,
        }
        frames.write(pipe, fields, hint + self.model)

    @classmethod
    def read(cls, pipe: IO[bytes]) -> _Request:
        """Return what :meth:`write` wrote."""
        fields, data = frames.read(pipe)
        size = fields["hint"]
        return cls(
            model=data[size or 0 :],
            limits=Limits(**fields["limits"]),
            ends=fields["ends"],
            hint=None if size is None else frames.doubles(data[:size]),
            folder=fields["folder"],
        )


@dataclass(frozen=True, slots=True)
class _Found:
    objective: float
    values: Doubles


@dataclass(frozen=True, slots=True)
class _Bound:
    bound: float
    nodes: int


_Frame: TypeAlias = _Found | _Bound | Outcome[Doubles]
"""What the child says."""


def _said(frame: _Frame) -> tuple[dict[str, object], bytes]:
    """Return a frame as JSON and bytes."""
    if isinstance(frame, _Bound):
        return {"kind": "bound", **asdict(frame)}, b""
    if isinstance(frame, _Found):
        return {"kind": "found", "objective": frame.objective}, frame.values.tobytes()
    about: dict[str, object] = {
        "kind": "outcome",
        "status": frame.status.value,
        "solved": frame.solution is not None,
        "objective": frame.objective,
        "bound": frame.bound,
        "iterations": frame.iterations,
    }
    return about, b"" if frame.solution is None else frame.solution.tobytes()


def _heard(fields: dict[str, Any], data: bytes) -> _Frame:
    """Return what :func:`_said` was given."""
    if fields["kind"] == "bound":
        return _Bound(fields["bound"], fields["nodes"])
    if fields["kind"] == "found":
        return _Found(fields["objective"], frames.doubles(data))
    return Outcome(
        Status(fields["status"]),
        frames.doubles(data) if fields["solved"] else None,
        fields["objective"],
        fields["bound"],
        fields["iterations"],
    )


def run(
    proto: model_pb2.ModelProto,
    limits: Limits,
    listen: Callable[[Snapshot[Doubles]], bool],
    hint: Doubles | None,
) -> Outcome[Doubles]:
    """Solve in a child process; see :func:`router.exact.mip.minimise`."""
    with tempfile.TemporaryDirectory(prefix="alatau-mip-") as folder:
        child = _start()
        assert child.stdin is not None
        ends = time.monotonic() + limits.seconds_left
        request = _Request(proto.SerializeToString(), limits, ends, hint, folder)
        listener = _Parent(child, limits, listen)
        try:
            with suppress(BrokenPipeError):  # a child that died is heard of below
                request.write(child.stdin)
            return listener.wait()
        finally:
            child.kill()
            child.wait()
            listener.reader.join()
            for pipe in (child.stdin, child.stdout):
                _close(pipe)


def _close(pipe: IO[bytes] | None) -> None:
    with suppress(BrokenPipeError):
        if pipe is not None:
            pipe.close()


def _start() -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    return subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    )


class _Parent:
    """Collects frames, and decides when to end."""

    def __init__(
        self,
        child: subprocess.Popen[bytes],
        limits: Limits,
        listen: Callable[[Snapshot[Doubles]], bool],
    ) -> None:
        assert child.stdout is not None
        self._limits, self._listen = limits, listen
        self._frames: queue.Queue[Any] = queue.Queue()
        self._best: _Found | None = None
        self._bound: float | None = None
        self._nodes = 0
        self.reader = threading.Thread(target=self._read, args=(child.stdout,), daemon=True)
        self.reader.start()

    def wait(self) -> Outcome[Doubles]:
        """Return the outcome of the child, or the best until it was ended."""
        next_look = time.monotonic() + TICK_S
        fresh: Doubles | None = None
        while True:
            try:
                frame = self._frames.get(timeout=max(0.0, next_look - time.monotonic()))
            except queue.Empty:
                if not self._listen(self._snapshot(fresh)):
                    return self._ended(Status.STOPPED)
                fresh, next_look = None, time.monotonic() + TICK_S
                if time.monotonic() > self._limits.deadline + GRACE_S:
                    return self._ended(Status.LIMIT)
                continue
            if isinstance(frame, Outcome):
                return frame if frame.status is not Status.LIMIT else self._merged(frame)
            if isinstance(frame, _Found):
                self._best, fresh = frame, frame.values
            elif isinstance(frame, _Bound):
                self._bound = max(frame.bound, self._bound or -np.inf)
                self._nodes = frame.nodes
            else:
                raise RuntimeError(f"the process that runs HiGHS ended: {frame}.")

    def _read(self, pipe: IO[bytes]) -> None:
        try:
            while True:
                self._frames.put(_heard(*frames.read(pipe)))
        except (EOFError, ValueError, KeyError, TypeError) as fault:
            self._frames.put(f"{type(fault).__name__} {fault}")

    def _snapshot(self, fresh: Doubles | None) -> Snapshot[Doubles]:
        objective = None if self._best is None else self._best.objective
        return Snapshot(fresh, objective, self._bound, self._nodes)

    def _ended(self, status: Status) -> Outcome[Doubles]:
        best = self._best
        return Outcome(
            status,
            None if best is None else best.values,
            None if best is None else best.objective,
            self._bound,
            self._nodes,
        )

    def _merged(self, last: Outcome[Doubles]) -> Outcome[Doubles]:
        bounds = [b for b in (last.bound, self._bound) if b is not None]
        self._bound = max(bounds, default=None)
        if last.solution is not None and last.objective is not None:
            self._best = _Found(last.objective, last.solution)
        return self._ended(Status.LIMIT)


def main() -> None:
    """Serve one request: the child's side."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    request = _Request.read(sys.stdin.buffer)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _Child(request, out).solve()


def _die_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


class _Child:
    """Solves one request and sends frames."""

    def __init__(self, request: _Request, out: IO[bytes]) -> None:
        self._request, self._out = request, out
        self._lock = threading.Lock()
        self._file = Path(request.folder) / "solutions.txt"
        self._done = threading.Event()

    def solve(self) -> None:
        """Run HiGHS and send its result."""
        from ortools.math_opt import model_pb2
        from ortools.math_opt.python import mathopt

        from router.exact import mip

        proto = model_pb2.ModelProto.FromString(self._request.model)
        model, limits = mathopt.Model.from_model_proto(proto), self._request.limits
        parameters = mip.solve_parameters(limits, max(0.01, self._request.ends - time.monotonic()))
        parameters.highs.int_options["threads"] = limits.threads
        parameters.highs.string_options["mip_improving_solution_file"] = str(self._file)
        parameters.highs.bool_options["mip_improving_solution_save"] = True
        parameters.highs.bool_options["mip_improving_solution_report_sparse"] = True
        watcher = threading.Thread(target=self._watch, args=(len(proto.variables.ids),))
        watcher.start()
        result = mathopt.solve(
            model,
            mathopt.SolverType.HIGHS,
            params=parameters,
            model_params=mip.hinted(model, self._request.hint),
            msg_cb=self._take_log,
        )
        self._done.set()
        watcher.join()
        self._send(mip.to_outcome(result, len(proto.variables.ids)))

    def _send(self, frame: _Frame) -> None:
        fields, data = _said(frame)
        with self._lock:
            frames.write(self._out, fields, data)

    def _take_log(self, lines: Sequence[str]) -> None:
        for line in lines:
            if (bound := bound_of(line)) is not None:
                self._send(bound)

    def _watch(self, size: int) -> None:
        flush, sent = ctypes.CDLL(None).fflush, None
        while not self._done.wait(_LOOK_S):
            flush(None)
            if not self._file.exists():
                continue
            found = last_solution(self._file.read_text(), size)
            if found is not None and found.objective != sent:
                sent = found.objective
                self._send(found)


def bound_of(line: str) -> _Bound | None:
    """Return the bound in a line of HiGHS's branch-and-bound log, if it is one.

    Its columns are: processed and queued nodes | leaves and explored share |
    best bound, best solution and gap | ….
    """
    words = line.split()
    shares = [i for i, word in enumerate(words) if word.endswith("%")]
    if not shares or shares[0] < 3 or len(words) < shares[0] + 3:
        return None
    i = shares[0]
    try:
        bound, nodes = float(words[i + 1]), int(words[i - 3])
    except ValueError:
        return None
    return _Bound(bound, nodes) if np.isfinite(bound) else None


def last_solution(text: str, size: int) -> _Found | None:
    """Return the last complete solution of HiGHS's file of improving solutions.

    A solution is a line ``Objective c``, a line ``# Columns -k`` and k lines of
    value and column.
    """
    for block in reversed(text.split("Objective ")[1:]):
        lines = block.split("\n")
        if len(lines) < 3 or not lines[1].startswith("# Columns -"):
            continue
        count = int(lines[1].rpartition("-")[2])
        entries = [line.split() for line in lines[2 : 2 + count]]
        if len(lines) <= 2 + count or any(len(entry) != 2 for entry in entries):
            continue
        values = np.zeros(size)
        for value, column in entries:
            values[int(column)] = float(value)
        return _Found(float(lines[0]), values)
    return None
