"""How fast the machine is while something else is measured.

A core of a shared machine does the same work in 18 ms now and in 30 a minute later.
What is measured at two moments can be compared only beside that.
"""

from __future__ import annotations

import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import mean

WORK = 30_000
"""Additions of one sample, some 3 ms."""
PAUSE = 0.5
"""Seconds between two samples."""

Sample = tuple[float, float]
"""Moment of ``time.monotonic()`` and additions a second of the processor's time."""


class Pace:
    """Samples of one run, complete once it has ended."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []

    def between(self, begin: float, end: float) -> float:
        """Return additions a second between two moments of ``time.monotonic()``."""
        return mean(speed for moment, speed in self.samples if begin <= moment <= end)


@contextmanager
def pacing() -> Iterator[Pace]:
    """Sample in a process of its own until the context ends."""
    pace = Pace()
    process = subprocess.Popen(
        [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield pace
    finally:
        printed, _ = process.communicate()  # the end of its input ends it
        for line in printed.splitlines():
            moment, speed = line.split()
            pace.samples.append((float(moment), float(speed)))


def sample() -> Sample:
    """Do the work once."""
    began = time.thread_time()
    total = 0
    for number in range(WORK):
        total += number
    return time.monotonic(), WORK / (time.thread_time() - began)


def main() -> None:
    """Print samples until standard input ends."""
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        print(*sample(), flush=True)


if __name__ == "__main__":
    main()
