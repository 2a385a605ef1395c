"""The recipe of the image: what runs is small, not root, watched, and well configured."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from dockerfile_parse import DockerfileParser

from server import probe
from server.settings import Settings
from tests.serving import running_server

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy/Dockerfile"


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, str]]:
    """Return the instructions of the last stage, in order."""
    parser = DockerfileParser(str(DOCKERFILE))
    found = [(step["instruction"], step["value"]) for step in parser.structure]
    last = max(k for k, (name, _) in enumerate(found) if name == "FROM")
    return found[last:]


def test_what_runs_is_not_root_and_has_no_compiler(steps: list[tuple[str, str]]) -> None:
    """The last stage is slim, takes the environment alone from the first, and drops root."""
    assert "slim" in steps[0][1]
    assert [value for name, value in steps if name == "COPY"] == [
        "--from=build /opt/alatau /opt/alatau"
    ]
    names = [name for name, _ in steps]
    assert dict(steps)["USER"] == "10001:10001"
    assert names.index("USER") > names.index("COPY")
    assert "ADD" not in names
    assert json.loads(dict(steps)["ENTRYPOINT"]) == ["alatau"]


def test_no_image_is_taken_without_a_version() -> None:
    """Each stage begins with a version of its base."""
    images = DockerfileParser(str(DOCKERFILE)).parent_images
    assert len(images) == 2
    assert all(":3." in image for image in images)


def test_what_is_copied_is_there_and_let_through() -> None:
    """Each source of the first stage exists and stands in .dockerignore as wanted."""
    wanted = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")
    }
    copies = [
        step["value"].split()[:-1]
        for step in DockerfileParser(str(DOCKERFILE)).structure
        if step["instruction"] == "COPY" and "--from" not in step["value"]
    ]
    sources = {source for copy in copies for source in copy}
    assert sources == wanted
    assert all((ROOT / source).exists() for source in sources)


def test_settings_are_known_and_shut_the_door() -> None:
    """Each variable is a setting; without keys and a certificate the server refuses to start."""
    given = {
        name.removeprefix("ALATAU_").lower(): value
        for name, value in DockerfileParser(str(DOCKERFILE)).envs.items()
        if name.startswith("ALATAU_")
    }
    assert given["host"] == "0.0.0.0"
    assert set(given) <= set(Settings.model_fields)
    with pytest.raises(ValueError, match="keys_file"):
        Settings(**given)


def test_the_probe_tells_life_from_death(tmp_path: Path) -> None:
    """0 while the listener answers, 1 afterwards."""
    with running_server(tmp_path, http_port=0) as server:
        port = int(server.web.rsplit(":", 1)[1])
        assert probe.alive(port, secured=False)
        assert not probe.alive(port, secured=True)
    assert not probe.alive(port, secured=False)


def test_the_linter_has_nothing_to_say() -> None:
    """Run hadolint, where it is installed."""
    linter = shutil.which("hadolint")
    if linter is None:
        pytest.skip("hadolint is not installed")
    said = subprocess.run([linter, str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert said.stdout == ""
    assert said.returncode == 0
