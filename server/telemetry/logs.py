"""Structured logs on standard error, one line an event, without secrets.

Libraries that log by the standard library (gRPC, uvicorn, asyncio, SQLAlchemy)
come out in the same form from level warning on. The finished line is searched
for what looks like a secret, so that none gets out by whatever way it came in.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

SECRETS = (
    (re.compile(r"(alatau_[0-9a-f]{8}_)[A-Za-z0-9_-]{8,}"), r"\1***"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"), "***"),
    (re.compile(r"(?i)(bearer\s+)[A-Za-z0-9._~+/=-]{8,}"), r"\1***"),
    (re.compile(r"(\w://[^/\s:@\"']*:)[^/\s@\"']+@"), r"\1***@"),
)
"""What looks like an API key, a JSON web token, a bearer token, or the password
in a URL, and what is shown in its place."""


def redacted(text: str) -> str:
    """Return a text without what looks like a secret."""
    for pattern, shown in SECRETS:
        text = pattern.sub(shown, text)
    return text


class Redacting:
    """Renders an event by another renderer and hides secrets in the outcome."""

    def __init__(self, renderer: structlog.types.Processor) -> None:
        self._renderer = renderer

    def __call__(self, logger: Any, name: str, event: MutableMapping[str, Any]) -> str:
        """Return the line."""
        return redacted(str(self._renderer(logger, name, event)))


def configure(form: Literal["json", "console"], level: str) -> None:
    """Set up logging for the process."""
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if form == "json":
        shared.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*shared, Redacting(renderer)],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    _take_in_libraries(shared, Redacting(renderer))


def _take_in_libraries(shared: list[structlog.types.Processor], last: Redacting) -> None:
    """Have what libraries log come out in the same form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
