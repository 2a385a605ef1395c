"""Which vehicles may visit which clients, told as skills.

A file lists the clients that each vehicle may visit. Clients that the same
vehicles may visit share one skill; a client open to all needs none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from router.formats.faults import Faults
from router.formats.raw import RawInstance

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SkillSets:
    """Skills that each location asks for and each vehicle has."""

    location: Sequence[frozenset[str]]
    vehicle: Sequence[frozenset[str]]
    """Empty where vehicles do not differ."""


def skill_sets(raw: RawInstance, faults: Faults) -> SkillSets:
    """Return the skills that stand for the file's lists of allowed clients."""
    if raw.allowed is None:
        return SkillSets([NONE] * raw.size, ())
    allowed = [set(clients) for clients in raw.allowed.values]
    for clients, line in zip(allowed, raw.allowed.lines, strict=True):
        for client in sorted(clients):
            if not 1 <= client <= raw.size:
                message = f"allows {client}, which is no location of the file."
                faults.add("UNKNOWN_VISIT", line, message)
    return _by_signature(allowed, raw)


def _by_signature(allowed: Sequence[set[int]], raw: RawInstance) -> SkillSets:
    kinds = {frozenset(clients): k for k, clients in enumerate(allowed)}
    everyone = frozenset(kinds.values())
    locations = [NONE] * raw.size
    vehicles: dict[int, set[str]] = defaultdict(set)
    names: dict[frozenset[int], str] = {}
    for i in range(raw.depots, raw.size):
        able = frozenset(k for clients, k in kinds.items() if i + 1 in clients)
        if able == everyone:
            continue
        name = names.setdefault(able, f"site{len(names) + 1}")
        locations[i] = frozenset({name})
        for k in able:
            vehicles[k].add(name)
    skills = {clients: frozenset(vehicles[k]) for clients, k in kinds.items()}
    return SkillSets(locations, [skills[frozenset(clients)] for clients in allowed])
