"""Tell the licence of every package in use: ``python tools/licences.py``.

Prints the table of docs/licences.md and ends with 1 if a licence is not
accepted.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ACCEPTED = re.compile(
    r"Apache|MIT|BSD|LGPL|ISC|PSF|Python Software|MPL|Mozilla|CMU|Zlib|HPND"
    r"|^License agreement for matplotlib",
    re.IGNORECASE,
)
"""Permissive and weak copyleft."""
REFUSED = re.compile(r"\b(A?GPL|GNU (Affero )?General)", re.IGNORECASE)


def licence(name: str) -> str:
    """Return the licence that an installed distribution states of itself, or ``"?"``."""
    about = metadata.metadata(name)
    classified = [
        line.rsplit(" :: ", 1)[1]
        for line in about.get_all("Classifier") or []
        if line.startswith("License :: OSI Approved ::")
    ]
    stated = "".join(about.get_all("License") or []).strip().splitlines()[:1]
    told = ["".join(about.get_all("License-Expression") or []), *stated, ", ".join(classified)]
    return next((text for text in told if accepted(text)), "") or next(filter(None, told), "?")


def accepted(text: str) -> bool:
    """Return whether a licence is permissive or weak copyleft."""
    choices = re.split(r"\bOR\b", text)
    return any(ACCEPTED.search(choice) and not REFUSED.search(choice) for choice in choices)


def required(names: list[str]) -> set[str]:
    """Return the installed distributions that some need, themselves included."""
    found: set[str] = set()
    while names:
        name = canonical(names.pop())
        if name in found or name.startswith("alatau-"):
            continue
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # for another platform or Python
        found.add(name)
        names += [need for need in needs if "extra ==" not in need]
    return found


def canonical(requirement: str) -> str:
    """Return the name in a requirement as registries compare it."""
    name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> tuple[list[str], list[str]]:
    """Return what the product and what its development depend on directly."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["dependencies"], project["optional-dependencies"]["dev"]


def table() -> list[tuple[str, str, str]]:
    """Return name, use and licence of every package, those of the product first."""
    product, development = declared()
    shipped = required(list(product))
    others = required(list(development)) - shipped
    return [(name, "product", licence(name)) for name in sorted(shipped)] + [
        (name, "development", licence(name)) for name in sorted(others)
    ]


if __name__ == "__main__":
    rows = table()
    print("| Package | Used by | Licence |\n|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    sys.exit(any(not accepted(row[2]) for row in rows))
