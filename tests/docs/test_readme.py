"""The README tells the truth: its example runs, its links and folders exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import running_server

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def example() -> str:
    """Return the only Python example of the README."""
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    return str(code)


def test_example_has_about_twenty_lines() -> None:
    """Imports and blank lines apart, the example has at most twenty-two lines."""
    lines = [line for line in example().splitlines() if line.strip()]
    assert len([line for line in lines if not line.startswith(("from", "import"))]) <= 22


def test_example_runs(tmp_path: Path) -> None:
    """Against a real server it plans both orders and the checker agrees."""
    with running_server(tmp_path) as server:
        code = example().replace("localhost:50051", server.address)
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=ROOT,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "feasible: True" in done.stdout
    for place in ("Konaev", "Talgar"):
        assert place in done.stdout


def test_two_commands_stand_in_the_first_screen() -> None:
    """``make demo`` and ``make test`` come within the first 25 lines."""
    head = "\n".join(README.splitlines()[:25])
    assert "make demo" in head
    assert "make test" in head


def test_code_map_names_what_is_there() -> None:
    """Every folder of the code map exists."""
    rows = re.findall(r"^\| (`[^|]+) \|", README, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert len(named) > 12
    for name in named:
        assert list(ROOT.glob(name.rstrip("/"))), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of the README and of docs/ points to a file."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+)", text):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), target


def test_picture_is_small() -> None:
    """The picture that every visitor loads has less than 300 kB."""
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README):
        assert (ROOT / picture).stat().st_size < 300_000
