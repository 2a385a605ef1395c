"""What is installed is what was tested."""

from __future__ import annotations

import re
import tomllib

from tests.serving import ROOT

PIN = re.compile(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.+!]+)")


def normal(name: str) -> str:
    """Return the name of a package as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> list[str]:
    """Return the names that constraints.txt pins."""
    lines = (ROOT / "constraints.txt").read_text("ascii").splitlines()
    found = [PIN.fullmatch(line) for line in lines if not line.startswith("#")]
    assert all(found), "a line is no name==version"
    return [normal(match[1]) for match in found if match]


def test_every_dependency_has_one_version() -> None:
    """Of the server, its extras, its build and the client; none is pinned twice."""
    wanted = set()
    for file in ("pyproject.toml", "clients/python/pyproject.toml"):
        about = tomllib.loads((ROOT / file).read_text("utf-8"))["project"]
        for group in (about["dependencies"], *about.get("optional-dependencies", {}).values()):
            wanted |= {normal(re.split(r"[^A-Za-z0-9._-]", line)[0]) for line in group}
    pinned = pins()
    assert len(set(pinned)) == len(pinned)
    assert wanted - set(pinned) - {"alatau-router", "alatau-client"} == set()
