"""What is installed is what was tested."""

from __future__ import annotations

import re
import tomllib

from tests.serving import ROOT

PIN = re.compile(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.+!]+)")


def normal(name: str) -> str:
    """Return the name of a package as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def versions() -> dict[str, str]:
    """Return the version of each package that constraints.txt pins."""
    lines = (ROOT / "constraints.txt").read_text("ascii").splitlines()
    found = [PIN.fullmatch(line) for line in lines]
    return {normal(match[1]): match[2] for match in found if match}


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


HASHED = re.compile(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.+!]+)((?: --hash=sha256:[0-9a-f]{64})+)")


def test_the_image_takes_known_files_alone() -> None:
    """Each of its packages has the version that was tested, and the hashes of its files."""
    text = (ROOT / "deploy/requirements.txt").read_text("ascii").replace(" \\\n   ", "")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    found = [HASHED.fullmatch(line) for line in lines]
    assert all(found), "a line is no name==version with hashes"
    hashed = {normal(match[1]): match[2] for match in found if match}
    about = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*about["dependencies"], *about["optional-dependencies"]["postgresql"]]
    names = {normal(re.split(r"[^A-Za-z0-9._-]", line)[0]) for line in wanted}
    assert names - set(hashed) == {"alatau-client"}
    assert hashed.items() <= versions().items()
    recipe = (ROOT / "deploy/Dockerfile").read_text("utf-8")
    assert "--require-hashes" in recipe
    assert "--no-deps" in recipe
