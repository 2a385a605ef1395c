"""Files are read whole or refused, and written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from router.errors import InvalidInput
from router.formats.files import read_text, replacing, write_json, write_text


def code_of(path: Path | str) -> str:
    """Return the only code with which reading ``path`` is refused."""
    with pytest.raises(InvalidInput) as refused:
        read_text(path)
    (violation,) = refused.value.violations
    assert violation.path
    return violation.code


def test_text_is_read_without_its_byte_order_mark(tmp_path: Path) -> None:
    """A file saved on Windows begins with a mark that is not content."""
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfNAME: x\n")
    assert read_text(tmp_path / "a.txt") == "NAME: x\n"


def test_each_bad_file_has_its_own_code(tmp_path: Path) -> None:
    """Missing, a directory, below a file, empty, binary, and a name with NUL."""
    (tmp_path / "empty").write_bytes(b" \n")
    (tmp_path / "binary").write_bytes(b"\x89PNG\xff\xfe")
    (tmp_path / "nul").write_bytes(b"a\0b")
    assert code_of(tmp_path / "missing") == "FILE_NOT_FOUND"
    assert code_of(tmp_path / "empty" / "below") == "FILE_NOT_FOUND"
    assert code_of(tmp_path) == "FILE_IS_DIRECTORY"
    assert code_of(tmp_path / "empty") == "FILE_EMPTY"
    assert code_of(tmp_path / "binary") == "FILE_NOT_TEXT"
    assert code_of(tmp_path / "nul") == "FILE_NOT_TEXT"
    assert code_of("a\0b") in {"FILE_UNREADABLE", "FILE_NOT_FOUND"}
    assert code_of("") == "FILE_NOT_FOUND"


def test_write_makes_folders_and_keeps_nothing_else(tmp_path: Path) -> None:
    """The folder holds exactly the file asked for, readable as others are."""
    target = tmp_path / "out" / "plan.json"
    write_json(target, {"name": "Қонаев"})
    assert target.read_text(encoding="utf-8") == '{\n "name": "Қонаев"\n}\n'
    assert os.listdir(target.parent) == ["plan.json"]
    (tmp_path / "plain").touch()
    assert target.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """NaN is refused after the temporary file is begun; the old text stays."""
    target = tmp_path / "plan.json"
    write_text(target, "old")
    with pytest.raises(ValueError, match="JSON"):
        write_json(target, {"gap": float("nan")})
    with pytest.raises(KeyboardInterrupt), replacing(target) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["plan.json"]


def test_temporary_file_keeps_the_suffix(tmp_path: Path) -> None:
    """Writers that choose their format by the suffix see the right one."""
    with replacing(tmp_path / "map.png") as temporary:
        assert temporary.suffix == ".png"


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """A directory, and a folder that is a file, are no places for a file."""
    (tmp_path / "file").write_text("x")
    for target in (tmp_path, tmp_path / "file" / "plan.json"):
        with pytest.raises(InvalidInput) as refused:
            write_text(target, "text")
        assert refused.value.violations[0].code == "OUTPUT_UNWRITABLE"
