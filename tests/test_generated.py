"""The committed stubs are what the protos generate."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROTO = ROOT / "proto"
BINARIES = os.pathsep.join(
    [str(Path(sys.executable).parent), str(ROOT / ".cache/go/bin"), os.environ["PATH"]]
)
PLUGINS = {
    "typescript": ROOT / "clients/typescript/node_modules/.bin/protoc-gen-es",
    "go": ROOT / ".cache/go/bin/protoc-gen-go-grpc",
}
STUBS = {"typescript": "clients/typescript/src/gen/alatau", "go": "clients/go/gen/alatau"}


def run(*command: str) -> None:
    """Run a command in the folder of the protos, with the environment's plugins found."""
    done = subprocess.run(
        command,
        check=False,
        cwd=PROTO,
        env=os.environ | {"PATH": BINARIES},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def texts(folder: Path, *suffixes: str) -> dict[str, str]:
    """Return the files below a folder that end so, by relative path."""
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and path.name.endswith(suffixes)
    }


def test_python_stubs_are_what_the_protos_generate(tmp_path: Path) -> None:
    """`make generate` would change no Python stub, add none and leave none over."""
    run("sh", "generate.sh", str(tmp_path))
    stubs = ("_pb2.py", "_pb2.pyi", "_pb2_grpc.py", "_pb2_grpc.pyi")
    assert texts(ROOT / "clients/python/alatau", *stubs) == texts(tmp_path / "alatau", *stubs)


@pytest.mark.parametrize("language", ["typescript", "go"])
def test_other_stubs_are_what_the_protos_generate(tmp_path: Path, language: str) -> None:
    """`make generate` would change no stub, where the language's plugin is installed."""
    if not PLUGINS[language].exists() or not shutil.which("buf", path=BINARIES):
        pytest.skip(f"the {language} plugin is not installed; `make generate` installs it")
    template = f"../clients/{language}/buf.gen.yaml"
    run("buf", "generate", "--template", template, "--output", str(tmp_path / "proto"))
    assert texts(ROOT / STUBS[language], "") == texts(tmp_path / STUBS[language], "")
