"""``docs/errors.md`` lists every code of the code base, and none that is gone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"[A-Z][A-Z0-9]+(_[A-Z0-9]+)*")
RAISERS = {"add", "Violation", "_fault", "_refused", "_refusal"}
"""Functions that take a code as their first or second argument."""
LISTS = {"documents.py": "_CODES"}
"""Tables whose values are codes."""
DERIVED = re.compile(r"UNKNOWN_[A-Z]+|DISTANCE|DURATION")
"""Codes and reasons that the code puts together from parts."""


def sources() -> Iterator[tuple[Path, ast.Module]]:
    """Yield every module of the library, the server and the benchmarks."""
    for folder in ("router", "server", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def is_code(node: ast.AST) -> bool:
    """Return whether a node is a text that looks like a code."""
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CODE.fullmatch(node.value) is not None
    )


def raised(tree: ast.Module) -> Iterator[str]:
    """Yield the codes that calls of raisers name, and those of their conditions."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name in RAISERS:
            for argument in call.args[:2]:
                choices = (
                    [argument.body, argument.orelse]
                    if isinstance(argument, ast.IfExp)
                    else [argument]
                )
                yield from (c.value for c in choices if is_code(c))  # type: ignore[attr-defined]


def listed(path: Path, tree: ast.Module) -> Iterator[str]:
    """Yield the codes of tables, and the members of enumerations of reasons."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name.endswith("Reason"):
            yield from (c.value for c in ast.walk(node) if is_code(c))  # type: ignore[attr-defined]
        if isinstance(node, ast.Assign) and path.name in LISTS:
            names = [getattr(target, "id", "") for target in node.targets]
            if LISTS[path.name] in names and isinstance(node.value, ast.Dict):
                yield from (c.value for c in node.value.values if is_code(c))  # type: ignore[attr-defined]


def in_code() -> set[str]:
    """Return every code that the code base can give."""
    found: set[str] = set()
    for path, tree in sources():
        found |= set(raised(tree)) | set(listed(path, tree))
    return found


def in_index() -> set[str]:
    """Return every code that stands in a first column of the index."""
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]+) \|", page, re.MULTILINE)
    return {code for row in rows for code in re.findall(r"`([A-Z0-9_]+)`", row)}


def test_every_code_is_in_the_index() -> None:
    """A code that a user may meet is explained there."""
    assert sorted(in_code() - in_index()) == []


def test_no_code_of_the_index_is_gone() -> None:
    """Whoever looks a code up finds what still exists."""
    texts = "\n".join(path.read_text(encoding="utf-8") for path, _ in sources())
    gone = {
        code
        for code in in_index() - in_code()
        if f'"{code}"' not in texts and not DERIVED.fullmatch(code)
    }
    assert sorted(gone) == []


def test_every_row_says_what_to_do() -> None:
    """Each row has a meaning and a remedy."""
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    for row in re.findall(r"^\| `.*$", page, re.MULTILINE):
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert len(cells) == 3, row
        assert all(cells), row
