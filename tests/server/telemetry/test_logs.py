"""Logs: one form for all, ids in every line, and no secret by whatever way it came."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import structlog

from server.telemetry.logs import configure, redacted

KEY = "alatau_1f2e3d4c_" + "s" * 43
TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"found {KEY} here", "found alatau_1f2e3d4c_*** here"),
        (f"authorization: Bearer {TOKEN}", "authorization: Bearer ***"),
        (f"bad token {TOKEN}.", "bad token ***."),
        ("Bearer abcdefgh12345", "Bearer ***"),
        ("postgresql://alatau:pa55word@db:5432/x", "postgresql://alatau:***@db:5432/x"),
        ("nothing to hide: alatau_workers, a@b, http://x/y", None),
    ],
)
def test_what_looks_like_a_secret_is_hidden(said: str, shown: str | None) -> None:
    """Keys, tokens, bearers and passwords; nothing else changes."""
    assert redacted(said) == (said if shown is None else shown)


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_way_leads_a_secret_into_the_log(form: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """As a value, inside one, in an exception, from a library: hidden each time."""
    configure(form, "info")
    try:
        log = structlog.get_logger("test")
        log.info("one", value=KEY, inside={"header": f"Bearer {TOKEN}"})
        try:
            raise RuntimeError(f"cannot open postgresql://a:hunter2hunter2@db with {KEY}")
        except RuntimeError as fault:
            log.error("two", exc_info=fault)
            logging.getLogger("a.library").error("three %s", TOKEN, exc_info=fault)
        logging.getLogger("a.library").info("chatter")
        said = capsys.readouterr().err
        for secret in ("s" * 43, TOKEN, "hunter2hunter2"):
            assert secret not in said
        assert "RuntimeError" in said
        assert "a.library" in said
        assert "chatter" not in said
        if form == "json":
            assert [json.loads(line)["event"] for line in said.splitlines()] == [
                "one",
                "two",
                "three ***",
            ]
    finally:
        structlog.reset_defaults()
        logging.basicConfig(force=True, level=logging.WARNING)
