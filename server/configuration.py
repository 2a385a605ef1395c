"""Reading the settings, with a sentence for each fault, and showing what holds."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pydantic

from router.errors import InvalidInput, Violation
from server.registry import INSTEAD
from server.settings import CONFIG_FILE, CONFIG_VARIABLE, PREFIX, Settings
from server.telemetry.logs import redacted

OTHERS = frozenset({CONFIG_VARIABLE, INSTEAD}) | {
    f"{PREFIX}{name}"
    for name in ("ADDRESS", "CHECKS", "EXAMPLES", "INSTANCES", "NATIVE", "SANITIZE", "VECTORS")
}
"""Environment variables of the project, its build and its tests that are no settings."""


def read_settings(**flags: object) -> Settings:
    """Return the settings, flags before environment before file.

    Raises
    ------
    InvalidInput
        With every setting that is wrong, or that is none.
    """
    found = list(_unknown_variables())
    settings = None
    try:
        settings = Settings(**flags)  # type: ignore[arg-type]
    except pydantic.ValidationError as refused:
        found += map(_violation, refused.errors())
    except tomllib.TOMLDecodeError as fault:
        found.append(Violation("SYNTAX", str(config_file()), f"is not TOML: {fault}."))
    if found or settings is None:
        raise InvalidInput(found)
    return settings


def config_file() -> Path:
    """Return the TOML file that counts, whether or not it is there."""
    return Path(os.environ.get(CONFIG_VARIABLE, CONFIG_FILE))


def effective(settings: Settings, flags: Iterable[str] = ()) -> str:
    """Return what holds as TOML: each setting, where it comes from, secrets hidden."""
    lines = []
    for name, source in _sources(flags).items():
        value = settings.model_dump(mode="json", exclude_none=True).get(name)
        shown = f"{name} = {_toml(value)}" if value is not None else f"# {name} is not set"
        lines.append(redacted(f"{shown}  # {source}"))
    return "\n".join(lines) + "\n"


def _sources(flags: Iterable[str]) -> Mapping[str, str]:
    """Return where each setting comes from."""
    file = config_file()
    in_file = set(tomllib.loads(file.read_text("utf-8"))) if file.is_file() else set()
    in_environment = {name.upper() for name in os.environ}
    given = set(flags)

    def source(name: str) -> str:
        if name in given:
            return "flag"
        if f"{PREFIX}{name.upper()}" in in_environment:
            return "environment"
        return str(file) if name in in_file else "default"

    return {name: source(name) for name in Settings.model_fields}


def _toml(value: Any) -> str:
    """Return a value as TOML; for what settings hold, that is JSON but for tables."""
    if isinstance(value, Mapping):
        items = (f"{_key(k)} = {_toml(v)}" for k, v in value.items())
        return "{" + ", ".join(items) + "}"
    return json.dumps(value)


def _key(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() else json.dumps(name)


def _unknown_variables() -> Iterator[Violation]:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | OTHERS
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            yield Violation("SETTING", name, f"is no setting.{_meant(name, known)}")


def _violation(fault: Any) -> Violation:
    path = ".".join(map(str, fault["loc"]))
    if fault["type"] != "extra_forbidden":
        where = f"settings.{path}" if path else "settings"
        return Violation("SETTING", where, fault["msg"].removeprefix("Value error, ") + ".")
    return Violation(
        "SETTING", f"settings.{path}", f"is no setting.{_meant(path, Settings.model_fields)}"
    )


def _meant(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, known, 1)
    return f" Did you mean {close[0]}?" if close else " See docs/serving.md for those there are."
