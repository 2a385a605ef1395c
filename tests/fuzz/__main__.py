"""``python -m tests.fuzz``: fuzz jobs and calls one after the other, each in a process of its own.

``python -m tests.fuzz --seconds 600`` fuzzes every job, ``--target routes.solve`` one.
What was interesting is kept in ``.cache/fuzz/JOB`` and begins the next run; a request
that breaks a job is kept in ``out/fuzz``, and ``--replay FILE --target JOB`` runs it
again. Needs the extra ``fuzz`` (atheris).
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

LONGEST = 8_000
"""Bytes of a request."""
PATIENCE = 30
"""Seconds after which one request counts as a hang."""
MEMORY_MIB = 3000
"""Memory of the process at which a request counts as a bomb."""
INSTRUMENTED = (
    "server.codecs",
    "server.jobs",
    "server.part",
    "server.servicers",
    "server.store",
    "router.errors",
    "router.freight",
    "router.airtaxi",
)
"""Packages whose coverage guides the search."""


def main() -> int:
    """Fuzz what the arguments name; return 1 where a request broke a job."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="time of each job")
    parser.add_argument("--target", action="append", help="a job; unset: all of them")
    parser.add_argument("--replay", type=Path, help="run one kept request, without atheris")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        fuzz(given.target[0], given.seconds)
    from tests.fuzz.targets import targets

    names = given.target or list(targets())
    if given.replay:
        targets()[names[0]].run(given.replay.read_bytes())
        return 0
    return run_all(names, given.seconds)


def run_all(names: Sequence[str], seconds: int) -> int:
    """Fuzz each job in a process of its own and print a line for each."""
    log = Path("out/fuzz")
    log.mkdir(parents=True, exist_ok=True)
    broken = 0
    for name in names:
        start = time.monotonic()
        arguments = [sys.executable, "-m", "tests.fuzz", "--here", "--target", name]
        with (log / f"{name}.log").open("w") as output:
            ended = subprocess.run(
                [*arguments, "--seconds", str(seconds)],
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        broken += ended.returncode != 0
        verdict = "ok" if ended.returncode == 0 else f"BROKEN, see {log / name}.log"
        spent = time.monotonic() - start
        print(f"{name:<20} {spent:6.0f} s  {runs(log / f'{name}.log')}  {verdict}", flush=True)
    return int(broken > 0)


def runs(log: Path) -> str:
    """Return the last figures of a log: requests tried, coverage, requests kept."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if "cov: " in line]
    return " ".join(lines[-1].split()[:8]) if lines else "no figures"


def fuzz(name: str, seconds: int) -> None:
    """Fuzz one job in this process; never returns."""
    import atheris

    with atheris.instrument_imports(include=list(INSTRUMENTED), enable_loader_override=False):
        from tests.fuzz.targets import crossed, mutated, targets

        target = targets()[name]
    corpus = Path(".cache/fuzz") / name
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds():
        (corpus / hashlib.sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        """Mostly break the message, sometimes its bytes."""
        changed = mutated(target, data, most, seed) if seed % 8 else None
        return atheris.Mutate(data, most) if changed is None else changed

    def cross(one: bytes, other: bytes, most: int, seed: int) -> bytes:
        """Merge two messages."""
        changed = crossed(target, one, other, most, seed)
        return one if changed is None else changed

    atheris.Setup(
        [
            sys.argv[0],
            f"-max_total_time={seconds}",
            f"-max_len={LONGEST}",
            f"-timeout={PATIENCE}",
            f"-rss_limit_mb={MEMORY_MIB}",
            f"-artifact_prefix=out/fuzz/{name}-",
            "-print_final_stats=1",
            str(corpus),
        ],
        target.run,
        custom_mutator=mutate,
        custom_crossover=cross,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
