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
    found = [*_unknown_variables(), *_missing_file()]
    settings = None
    try:
        settings = Settings(**flags)  # type: ignore[arg-type]
    except pydantic.ValidationError as refused:
        found += [violation for fault in refused.errors() for violation in _violations(fault)]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        found.append(Violation("SYNTAX", str(config_file()), f"is not TOML: {fault}."))
    except OSError as fault:
        text = f"cannot be read: {fault.strerror}."
        found.append(Violation("SETTING", str(config_file()), text))
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


def _missing_file() -> Iterator[Violation]:
    """Find that the file which was named is none.

    The usual one need not be there, and the null device says that there shall be none.
    """
    named = os.environ.get(CONFIG_VARIABLE)
    if named not in (None, os.devnull) and not Path(named).is_file():
        text = f"names {named}, which is no file; make it, or unset the variable."
        yield Violation("SETTING", CONFIG_VARIABLE, text)


def _violations(fault: Any) -> Iterator[Violation]:
    """Yield what one fault says; rules between settings come a line each."""
    path = ".".join(map(str, fault["loc"]))
    if fault["type"] == "extra_forbidden":
        text = f"is no setting.{_meant(path, Settings.model_fields)}"
        yield Violation("SETTING", f"settings.{path}", text)
        return
    where = f"settings.{path}" if path else "settings"
    for text in fault["msg"].removeprefix("Value error, ").splitlines():
        yield Violation("SETTING", where, text.rstrip(".") + ".")


def _meant(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, known, 1)
    return f" Did you mean {close[0]}?" if close else " See docs/serving.md for those there are."
