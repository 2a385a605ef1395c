"""What a process and all below it have used, read from ``/proc``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a tree of processes uses now.

    Attributes
    ----------
    cpu_seconds
        Time on a core since each process began; those that ended are missing.
    memory_mib
        Resident memory, shared pages by their share (PSS).
    descriptors
        Open files and sockets of the first process.
    processes
        How many there are.
    """

    cpu_seconds: float
    memory_mib: float
    descriptors: int
    processes: int


def usage(pid: int) -> Usage:
    """Return what a process and all below it use."""
    tree = list(family(pid))
    return Usage(
        cpu_seconds=sum(map(cpu_seconds, tree)),
        memory_mib=sum(map(memory_mib, tree)),
        descriptors=len(os.listdir(f"/proc/{pid}/fd")),
        processes=len(tree),
    )


def family(pid: int) -> Iterator[int]:
    """Yield a process id and those of all processes below it."""
    yield pid
    for child in children(pid):
        yield from family(child)


def children(pid: int) -> list[int]:
    """Return the process ids of the children of a process."""
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                found += map(int, (task / "children").read_text().split())
    return found


def cpu_seconds(pid: int) -> float:
    """Return the time on a core of a process, 0 where it has ended."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK
    return 0.0


def memory_mib(pid: int) -> float:
    """Return the resident memory of a process by its share (PSS), 0 where it has ended."""
    return _mapped(pid, "Pss:")


def private_mib(pid: int) -> float:
    """Return the memory that only this process has, 0 where it has ended.

    What it shares with others changes with how many they are, and says nothing of growth.
    """
    return _mapped(pid, "Private_Clean:", "Private_Dirty:")


def _mapped(pid: int, *names: str) -> float:
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith(names)) / 1024
    return 0.0
