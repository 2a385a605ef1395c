"""Collects the faults of one text file, each with its line."""

from __future__ import annotations

from router.errors import InvalidInput, Violation


class Faults:
    """Every fault found in the file so far, in the order of its lines."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._found: list[tuple[int, Violation]] = []

    def add(self, code: str, line: int, message: str) -> None:
        """Note a fault at ``line``, from 1; 0 for the file as a whole."""
        path = f"{self.name}:{line}" if line else self.name
        self._found.append((line, Violation(code, path, message)))

    def raise_if_any(self) -> None:
        """Raise :class:`InvalidInput` with everything found, each once, if anything was."""
        if self._found:
            ordered = sorted(dict.fromkeys(self._found), key=lambda fault: fault[0])
            raise InvalidInput(violation for _, violation in ordered)

    def __len__(self) -> int:
        return len(self._found)
