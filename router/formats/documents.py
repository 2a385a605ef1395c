"""YAML and JSON files as plain data, with the line of each field.

A document is read strictly: no key twice in a mapping, no NaN or infinity, no
aliases (a few bytes could stand for gigabytes), plain scalars as in YAML 1.2
(``06:00`` and ``no`` are text). A JSON Schema then finds all violations at
once. Nothing here knows what a document is about.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import jsonschema
import yaml

from router.errors import InvalidInput, Violation
from router.formats.files import read_text

Field: TypeAlias = tuple[str | int, ...]
"""Keys and positions from the top of a document down to a value."""

MOST_BYTES = 64 * 2**20
"""Largest file that is read."""

_YamlLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?(\.inf|\.nan|inf|nan|infinity)", re.IGNORECASE)

_CODES = {
    "required": "MISSING_FIELD",
    "additionalProperties": "UNKNOWN_FIELD",
    "unevaluatedProperties": "UNKNOWN_FIELD",
    "type": "WRONG_TYPE",
    "enum": "UNKNOWN_VALUE",
    "const": "UNKNOWN_VALUE",
    "minimum": "OUT_OF_RANGE",
    "maximum": "OUT_OF_RANGE",
    "exclusiveMinimum": "OUT_OF_RANGE",
    "exclusiveMaximum": "OUT_OF_RANGE",
    "minItems": "TOO_FEW",
    "maxItems": "TOO_MANY",
    "minLength": "OUT_OF_RANGE",
    "maxLength": "OUT_OF_RANGE",
    "pattern": "BAD_FORMAT",
}


@dataclass(frozen=True, slots=True)
class Document:
    """The data of one file.

    Attributes
    ----------
    name
        The file's name as the caller gave it, for messages.
    data
        Dicts, lists, strings, integers, finite floats, booleans and ``None``.
    lines
        Line of each field, from 1; empty for JSON.
    """

    name: str
    data: Any
    lines: Mapping[Field, int] = field(default_factory=dict, repr=False)

    def where(self, at: Field) -> str:
        """Return ``file:line: a.b[2]`` of a field, for messages."""
        line = next((self.lines[at[:n]] for n in range(len(at), -1, -1) if at[:n] in self.lines), 0)
        return ": ".join(
            part for part in (f"{self.name}:{line}" if line else self.name, path_of(at)) if part
        )


def path_of(at: Sequence[str | int]) -> str:
    """Return a field's path as text.

    >>> path_of(("vertiports", 2, "lat"))
    'vertiports[2].lat'
    """
    text = ""
    for step in at:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def load_document(path: Path | str) -> Document:
    """Read a YAML (``.yaml``, ``.yml``) or JSON file.

    Raises
    ------
    InvalidInput
        If there is no such file, or it cannot be read as its format.
    """
    text = read_text(path, MOST_BYTES)
    path = Path(path)
    return parse_document(text, str(path), as_json=path.suffix.lower() == ".json")


def parse_document(text: str, name: str, *, as_json: bool = False) -> Document:
    """Read a document from text; ``name`` stands in messages.

    Raises
    ------
    InvalidInput
        With every repeated key, non-finite number and alias, or the first
        fault of syntax.
    """
    found: list[Violation] = []
    try:
        document = _parse_json(text, name, found) if as_json else _parse_yaml(text, name, found)
    except RecursionError:
        raise _refused("NESTING", name, "is nested too deeply; flatten it.") from None
    if found:
        raise InvalidInput(found)
    return document


def validate_document(document: Document, schema: Mapping[str, Any]) -> None:
    """Check a document against a JSON Schema (draft 2020-12).

    Raises
    ------
    InvalidInput
        With all violations, in the order of the fields.
    """
    faults = jsonschema.Draft202012Validator(dict(schema)).iter_errors(document.data)
    found = [v for fault in faults for v in _violations(document, fault)]
    if found:
        raise InvalidInput(sorted(found, key=lambda v: _line_of(v.path)))


def _line_of(path: str) -> tuple[int, str]:
    match = re.search(r":(\d+): ", path)
    return (int(match.group(1)) if match else 0, path)


def _violations(document: Document, fault: Any) -> list[Violation]:
    at: Field = tuple(fault.absolute_path)
    keyword = str(fault.validator)
    if keyword in ("oneOf", "anyOf") and fault.context:
        deepest = max(
            fault.context, key=lambda f: (len(f.absolute_path), f.validator != "required")
        )
        return _violations(document, deepest)
    if keyword == "required":
        keys = [k for k in fault.validator_value if k not in fault.instance]
        # One fault is raised for each missing key; its message names it.
        keys = [k for k in keys if repr(k) in fault.message]
        return [
            Violation("MISSING_FIELD", document.where(at), f"lacks {k!r}; add it.") for k in keys
        ]
    if keyword == "additionalProperties":
        known = set(fault.schema.get("properties", {}))
        return [
            Violation(
                "UNKNOWN_FIELD",
                document.where((*at, key)),
                f"is not a known field; known are {', '.join(sorted(known))}.",
            )
            for key in fault.instance
            if key not in known
        ]
    return [Violation(_CODES.get(keyword, "SCHEMA"), document.where(at), _sentence(fault))]


def _sentence(fault: Any) -> str:
    value = json.dumps(fault.instance, ensure_ascii=False, default=str)
    value = value if len(value) <= 60 else value[:57] + "..."
    wanted: Any = fault.validator_value
    hint: str = fault.schema.get("description", "")
    rules = {
        "type": f"give {' or '.join(wanted) if isinstance(wanted, list) else wanted}",
        "enum": f"give one of {wanted}",
        "const": f"give {wanted!r}",
        "minimum": f"give at least {wanted}",
        "maximum": f"give at most {wanted}",
        "exclusiveMinimum": f"give more than {wanted}",
        "exclusiveMaximum": f"give less than {wanted}",
        "minItems": f"give at least {wanted}",
        "maxItems": f"give at most {wanted}",
        "minLength": "give some text",
        "pattern": f"give text like {wanted}",
    }
    rule = rules.get(str(fault.validator), f"it breaks the rule {fault.validator!r}")
    note = f" ({hint.rstrip('.')})" if hint else ""
    return f"is {value}; {rule}{note}."


def _refused(code: str, path: Path | str, message: str) -> InvalidInput:
    return InvalidInput([Violation(code, str(path), message)])


def _parse_json(text: str, name: str, found: list[Violation]) -> Document:
    def constant(word: str) -> float:
        found.append(Violation("NOT_FINITE", name, f"holds {word}; give finite numbers."))
        return 0.0

    def number(word: str) -> float:
        value = float(word)
        return value if math.isfinite(value) else constant(word)

    def whole(word: str) -> int:
        return int(word) if len(word) <= 19 else int(constant(word))

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in pairs:
            if key in data:
                message = f"has the key {key!r} twice in one object; keep one."
                found.append(Violation("DUPLICATE_KEY", name, message))
            data[key] = value
        return data

    try:
        data = json.loads(
            text,
            object_pairs_hook=mapping,
            parse_constant=constant,
            parse_float=number,
            parse_int=whole,
        )
    except json.JSONDecodeError as fault:
        raise _refused("SYNTAX", f"{name}:{fault.lineno}", f"is not JSON: {fault.msg}.") from None
    return Document(name, data)


def _parse_yaml(text: str, name: str, found: list[Violation]) -> Document:
    try:
        node = yaml.compose(text, Loader=_YamlLoader)
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        raise _refused("SYNTAX", f"{name}:{line}", f"is not YAML: {fault.problem}.") from None
    except yaml.YAMLError as fault:
        raise _refused("SYNTAX", name, f"is not YAML: {fault}.") from None
    if node is None:
        raise _refused("SYNTAX", name, "is empty; give a mapping.")
    builder = _Builder(name, found)
    return Document(name, builder.value(node, ()), builder.lines)


class _Builder:
    """Turns YAML nodes into data, and notes lines and faults."""

    def __init__(self, name: str, found: list[Violation]) -> None:
        self.name = name
        self.found = found
        self.lines: dict[Field, int] = {}
        self._seen: set[int] = set()

    def value(self, node: Any, at: Field) -> Any:
        """Return the data of a node at a place in the document."""
        line = node.start_mark.line + 1
        self.lines.setdefault(at, line)
        if id(node) in self._seen:
            self._fault("ALIAS", line, at, "is an alias; write the value out.")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*at, i)) for i, item in enumerate(node.value)]
        return self._scalar(node, at)

    def _mapping(self, node: Any, at: Field) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._fault("WRONG_TYPE", line, at, "has a key that is no text; give a name.")
                continue
            if key in data:
                self._fault("DUPLICATE_KEY", line, (*at, key), "stands twice; keep one.")
                continue
            self.lines[(*at, key)] = line
            data[key] = self.value(value_node, (*at, key))
        return data

    def _scalar(self, node: Any, at: Field) -> Any:
        text: str = node.value
        if node.style in ("'", '"', "|", ">"):
            return text
        if text in ("", "~", "null", "Null", "NULL"):
            return None
        if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
            return text.lower() == "true"
        if _INT.fullmatch(text):
            return int(text)
        number = float(text) if _FLOAT.fullmatch(text) else 0.0
        if _NOT_FINITE.fullmatch(text) or not math.isfinite(number):
            line = node.start_mark.line + 1
            self._fault("NOT_FINITE", line, at, f"is {text}; give a finite number.")
            return 0
        return number if _FLOAT.fullmatch(text) else text

    def _fault(self, code: str, line: int, at: Field, message: str) -> None:
        where = f"{self.name}:{line}" + (f": {path_of(at)}" if at else "")
        self.found.append(Violation(code, where, message))
