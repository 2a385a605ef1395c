"""Everything that is used may be used: permissive or weak copyleft licences."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def licences() -> dict[str, Any]:
    """Load the script that writes the table."""
    return runpy.run_path(str(ROOT / "tools/licences.py"))


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Apache-2.0", True),
        ("MIT OR GPL-3.0-only", True),
        ("MPL-2.0", True),
        ("LGPL-3.0-only", True),
        ("GPL-3.0-or-later", False),
        ("AGPL-3.0", False),
        ("?", False),
    ],
)
def test_strong_copyleft_and_unknown_are_refused(
    licences: dict[str, Any], text: str, verdict: bool
) -> None:
    """A choice of licences counts as its most permissive one."""
    assert licences["accepted"](text) is verdict


def test_every_package_has_an_accepted_licence(licences: dict[str, Any]) -> None:
    """No package that the product or its development needs is under a strong copyleft."""
    assert [row for row in licences["table"]() if not licences["accepted"](row[2])] == []


def test_the_document_names_every_package_of_the_product(licences: dict[str, Any]) -> None:
    """docs/licences.md lists what is shipped with or needed by the product."""
    text = (ROOT / "docs/licences.md").read_text(encoding="utf-8")
    missing = [
        name
        for name, use, _ in licences["table"]()
        if use == "product" and f"| {name} |" not in text
    ]
    assert missing == []
