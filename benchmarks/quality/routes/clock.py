"""Which clock the limits of runs are kept by."""

from __future__ import annotations

import os
import subprocess
import sys
from enum import StrEnum
from pathlib import Path

SOURCE = Path(__file__).parent / "cpu_clock.c"


class Clock(StrEnum):
    """What a second of a limit is."""

    WALL = "wall"
    """A second on the wall, as users have it."""
    CPU = "cpu"
    """A second of processor time, so that shared machines give comparable figures."""


def environment(clock: Clock, folder: Path) -> dict[str, str]:
    """Return the environment of a run's process; what it needs is built in the folder.

    One thread only: the processor time of several passes as many times as fast.

    Raises
    ------
    RuntimeError
        If this machine cannot replace its clock.
    """
    found = dict(os.environ)
    if clock is Clock.WALL:
        return found
    if sys.platform != "linux":
        raise RuntimeError("--clock cpu needs Linux; use --clock wall.")
    library = folder / "cpu_clock.so"
    command = [os.environ.get("CC", "cc"), "-O2", "-shared", "-fPIC", "-o", str(library)]
    try:
        subprocess.run([*command, str(SOURCE)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as failed:
        raise RuntimeError(f"--clock cpu needs a C compiler: {failed}") from failed
    return found | {"LD_PRELOAD": str(library), "OMP_NUM_THREADS": "1"}
