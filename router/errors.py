"""What is wrong with an input or a plan, said once and the same everywhere.

A :class:`Violation` is a stable code, the place and one sentence. Readers,
constructors and checkers collect *all* of them and raise :class:`InvalidInput`
once, so that a caller mends a file in one round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule.

    Attributes
    ----------
    code
        Stable UPPER_SNAKE_CASE code, listed in ``docs/errors.md``.
    path
        Where: a field path such as ``visits[3].time_windows[0]``, or
        ``file:line`` for text formats. Never empty.
    message
        One English sentence: what is there, what rule it breaks, what to do.
    """

    code: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message} [{self.code}]"


class InvalidInput(ValueError):
    """The input breaks at least one rule; nothing was solved or written.

    Attributes
    ----------
    violations
        Every fault found, in the order of the input; at least one.
    """

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations: tuple[Violation, ...] = tuple(violations)
        if not self.violations:
            raise ValueError("violations must not be empty.")
        super().__init__("\n".join(str(v) for v in self.violations))

    def __reduce__(self) -> tuple[type[InvalidInput], tuple[tuple[Violation, ...]]]:
        """Cross process borders with the violations kept."""
        return (InvalidInput, (self.violations,))


class Violations:
    """Collects violations below a common path prefix.

    >>> found = Violations("vehicles[0]")
    >>> found.add("EMPTY_FLEET", "count", "0 vehicles; give at least one.")
    >>> [str(v) for v in found]
    ['vehicles[0].count: 0 vehicles; give at least one. [EMPTY_FLEET]']
    """

    def __init__(self, prefix: str = "", into: list[Violation] | None = None) -> None:
        self._prefix = prefix
        self._found: list[Violation] = [] if into is None else into

    @property
    def prefix(self) -> str:
        """Path that everything added here lies below."""
        return self._prefix

    def add(self, code: str, path: str, message: str) -> None:
        """Note one violation at ``path`` below this collector's prefix."""
        self._found.append(Violation(code, self._join(path), message))

    def at(self, path: str) -> Violations:
        """Return a collector below ``path`` that shares this one's list."""
        return Violations(self._join(path), self._found)

    def raise_if_any(self) -> None:
        """Raise :class:`InvalidInput` with everything found, if anything was."""
        if self._found:
            raise InvalidInput(self._found)

    def _join(self, path: str) -> str:
        if not self._prefix or path.startswith("["):
            return self._prefix + path
        return f"{self._prefix}.{path}" if path else self._prefix

    def __iter__(self) -> Iterator[Violation]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
