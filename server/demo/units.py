"""Amounts as people read them."""

from __future__ import annotations

from collections.abc import Sequence


def thousands(value: float) -> str:
    """Return a whole number with thin spaces between thousands."""
    return f"{value:,.0f}".replace(",", "\u202f")


def money(minor: float, currency: str = "KZT") -> str:
    """Return an amount given in hundredths of the currency, in whole units."""
    return f"{thousands(minor / 100)}\u00a0{currency}"


def percent(share: float | None) -> str:
    """Return a share as per cent, a dash where there is none."""
    return "–" if share is None else f"{100 * share:.2f}\u00a0%"


def part_of(some: int, everything: int) -> str:
    """Return ``some of everything`` with its share."""
    share = f" ({100 * some / everything:.1f}\u00a0%)" if everything else ""
    return f"{thousands(some)} of {thousands(everything)}{share}"


def duration(seconds: float) -> str:
    """Return a span in hours and minutes, or minutes and seconds."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600}\u00a0h {whole % 3600 // 60:02d}\u00a0min"
    return f"{whole // 60}\u00a0min {whole % 60:02d}\u00a0s" if whole >= 60 else f"{whole}\u00a0s"


def mean(values: Sequence[float]) -> float:
    """Return the mean, 0 of nothing."""
    return sum(values) / len(values) if values else 0.0
