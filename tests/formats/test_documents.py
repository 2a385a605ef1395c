"""Strict YAML and JSON, and schema violations all at once."""

from pathlib import Path

import pytest

from router.errors import InvalidInput
from router.formats.documents import load_document, parse_document, validate_document

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "stops"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "stops": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "mode": {"enum": ["air", "road"]},
    },
}


def faults(text: str, *, as_json: bool = False) -> list[str]:
    """Return ``path|code`` of everything that is wrong with a document."""
    try:
        validate_document(parse_document(text, "f", as_json=as_json), SCHEMA)
    except InvalidInput as fault:
        return [f"{v.path}|{v.code}" for v in fault.violations]
    return []


def test_a_good_document_passes_in_both_formats() -> None:
    """The same data as YAML and as JSON."""
    assert faults("id: a\nstops: [1, 2]\nmode: air") == []
    assert faults('{"id": "a", "stops": [1, 2]}', as_json=True) == []


def test_all_violations_come_at_once_with_their_lines() -> None:
    """Five faults on five lines, in the order of the lines."""
    text = "stops:\n  - -1\n  - x\nmode: sea\nspeed: 3\nid: ''\n"
    assert faults(text) == [
        "f:2: stops[0]|OUT_OF_RANGE",
        "f:3: stops[1]|WRONG_TYPE",
        "f:4: mode|UNKNOWN_VALUE",
        "f:5: speed|UNKNOWN_FIELD",
        "f:6: id|OUT_OF_RANGE",
    ]


def test_each_missing_field_is_named() -> None:
    """An empty mapping lacks both fields."""
    assert faults("{}") == ["f:1|MISSING_FIELD", "f:1|MISSING_FIELD"]


def test_plain_times_and_no_stay_text() -> None:
    """YAML 1.1 would read 360 and false."""
    assert parse_document("[06:00, no, 0x10, 1e3, .5]", "f").data == [
        "06:00",
        "no",
        "0x10",
        1000.0,
        0.5,
    ]


@pytest.mark.parametrize("word", [".nan", "-.inf", "1e999", "NaN"])
def test_yaml_numbers_must_be_finite(word: str) -> None:
    """Each way to write no finite number."""
    assert faults(f"id: a\nstops: [{word}]") == ["f:2: stops[0]|NOT_FINITE"]


@pytest.mark.parametrize("word", ["NaN", "Infinity", "1e999", "9" * 30])
def test_json_numbers_must_be_finite(word: str) -> None:
    """Python's reader would let the first three pass."""
    assert faults(f'{{"id": "a", "stops": [{word}]}}', as_json=True) == ["f|NOT_FINITE"]


def test_a_key_twice_is_refused() -> None:
    """In both formats; every repetition is told."""
    assert faults("id: a\nid: b\nid: c\nstops: []") == [
        "f:2: id|DUPLICATE_KEY",
        "f:3: id|DUPLICATE_KEY",
    ]
    assert faults('{"id": "a", "id": "b"}', as_json=True) == ["f|DUPLICATE_KEY"]


def test_aliases_are_refused() -> None:
    """An alias could stand for gigabytes."""
    assert faults("id: a\nstops: &s [1]\nmode: *s")[0].endswith("|ALIAS")


@pytest.mark.parametrize("text", ["{id: ", "[" * 20_000, "", "a: b: c", "\x00"])
@pytest.mark.parametrize("as_json", [True, False])
def test_broken_syntax_is_one_sentence(text: str, as_json: bool) -> None:
    """Cut off, too deep, empty, ambiguous, not text."""
    with pytest.raises(InvalidInput) as caught:
        parse_document(text, "f", as_json=as_json)
    assert caught.value.violations[0].code in {"SYNTAX", "NESTING"}


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Not there, a folder, not UTF-8."""
    (tmp_path / "latin.yaml").write_bytes(b"id: caf\xe9")
    codes = []
    for name in ("none.yaml", ".", "latin.yaml"):
        with pytest.raises(InvalidInput) as caught:
            load_document(tmp_path / name)
        codes.append(caught.value.violations[0].code)
    assert codes == ["FILE_NOT_FOUND", "FILE_IS_DIRECTORY", "FILE_NOT_TEXT"]
