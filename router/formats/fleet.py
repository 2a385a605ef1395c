"""The vehicles of a benchmark file, as types and as numbers.

A file numbers its vehicles from 1; a problem groups those that do not differ.
Solution files name the driver of a route by the file's number where vehicles
differ, and number routes as they come where all are alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

Vehicle = tuple[str, int]
"""Vehicle type and number within the type, from 0."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Each vehicle of the file in its order; empty where the fleet is unlimited."""

    vehicles: Sequence[Vehicle]

    @property
    def differs(self) -> bool:
        """Whether there are vehicles that differ."""
        return len({kind for kind, _ in self.vehicles}) > 1

    def driver(self, number: int) -> Vehicle | None:
        """Return the file's vehicle ``number``, from 1, if there is one."""
        if not self.vehicles:
            return ("1", number - 1) if number > 0 else None
        return self.vehicles[number - 1] if 0 < number <= len(self.vehicles) else None


def group(features: Iterable[Hashable]) -> tuple[Fleet, list[int]]:
    """Return the fleet, and for each of its types the index of its first vehicle.

    ``features`` holds all that may differ, one item a vehicle. Types are named
    1, 2, … in order of first appearance.
    """
    names: dict[Hashable, str] = {}
    first: list[int] = []
    used: Counter[str] = Counter()
    vehicles = []
    for i, feature in enumerate(features):
        if feature not in names:
            names[feature] = str(len(names) + 1)
            first.append(i)
        kind = names[feature]
        vehicles.append((kind, used[kind]))
        used[kind] += 1
    return Fleet(tuple(vehicles)), first
