"""Print what pyproject.toml asks for, one requirement a line, with the extras named.

The set-up installs these before the distribution itself, so that a change of
the compiled core reinstalls nothing else.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

EXTRAS = ("dev",)


def requirements(pyproject: Path, extras: tuple[str, ...]) -> list[str]:
    """Return the dependencies of a distribution and of some of its extras."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    # The client comes from this clone and is installed already.
    return [line for line in wanted if not line.startswith("alatau-")]


if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    extras = tuple(sys.argv[1:]) or EXTRAS
    print("\n".join(requirements(root / "pyproject.toml", extras)))
