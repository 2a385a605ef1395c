"""Reads VRPLIB files in the dialect of PyVRP.

The fields are those of that project's page "The VRPLIB format"; distances and
durations are the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from router.formats import lengths
from router.formats.faults import Faults
from router.formats.raw import Column, Lists, RawInstance
from router.formats.rows import fleet_size, ordered, table, whole
from router.formats.sections import Sections, split

MOST_LOCATIONS = 2_000_000


def read_vrplib(text: str, faults: Faults) -> RawInstance | None:
    """Return the instance, or ``None`` with at least one fault noted."""
    parts = split(text, faults)
    reader = _Reader(parts, faults, 0, 0)
    size = reader.count("DIMENSION")
    if size is None or not 1 <= size <= MOST_LOCATIONS:
        if size is not None or "DIMENSION" not in parts.specifications:
            line = parts.specifications.get("DIMENSION", (0, ""))[0]
            message = f"needs DIMENSION, the number of locations, 1 to {MOST_LOCATIONS}."
            faults.add("DIMENSION", line, message)
        return None
    depots = reader.depots()
    reader = _Reader(parts, faults, size, depots)
    raw = reader.instance()
    return None if len(faults) else raw


@dataclass(frozen=True, slots=True)
class _Reader:
    """The parts of a file, and where its faults go."""

    parts: Sections
    faults: Faults
    size: int
    depots_known: int

    def instance(self) -> RawInstance:
        """Return what the file says; meaningless where faults were noted."""
        vehicles = self._vehicles()
        pairs = self.column("PICKUP_AND_DELIVERY", self.size, width=6)
        if pairs is not None:
            self._no_clash_with_pairs()
        coordinates = self.column("NODE_COORD", self.size, width=2)
        return RawInstance(
            file=self.faults.name,
            name=self.word("NAME"),
            kind=self.word("TYPE").upper(),
            size=self.size,
            depots=self.depots_known,
            coordinates=coordinates,
            lengths=lengths.given(self.parts, coordinates, self.size, self.faults),
            deliver=self._deliver(),
            collect=self.column("BACKHAUL", self.size),
            windows=self._windows(pairs),
            service=self._service(pairs),
            release=self.column("RELEASE_TIME", self.size, width=1),
            prize=self.column("PRIZE", self.size, width=1),
            shipments=None if pairs is None else pairs.part(0, 4, 5),
            groups=self.lists("MUTUALLY_EXCLUSIVE_GROUP", None),
            vehicles=vehicles,
            capacity=self.column("CAPACITY", vehicles),
            vehicle_depot=self.column("VEHICLES_DEPOT", vehicles, width=1),
            reload_depots=self.lists("VEHICLES_RELOAD_DEPOT", vehicles),
            max_reloads=self.column("VEHICLES_MAX_RELOADS", vehicles, width=1),
            max_distance=self.column("VEHICLES_MAX_DISTANCE", vehicles, width=1),
            max_duration=self.column("VEHICLES_MAX_DURATION", vehicles, width=1),
            fixed_cost=self.column("VEHICLES_FIXED_COST", vehicles, width=1),
            distance_cost=self.column("VEHICLES_UNIT_DISTANCE_COST", vehicles, width=1),
            allowed=self.lists("VEHICLES_ALLOWED_CLIENTS", vehicles),
        )

    def word(self, name: str) -> str:
        """Return a specification's text, empty where there is none."""
        return self.parts.specifications.get(name, (0, ""))[1]

    def count(self, name: str) -> int | None:
        """Return a specification that counts something."""
        if name not in self.parts.specifications:
            return None
        line, word = self.parts.specifications[name]
        return whole(word, line, name, self.faults)

    def depots(self) -> int:
        """Return how many of the first locations are depots."""
        section = self.parts.sections.get("DEPOT")
        if section is None:
            return 1
        found = []
        for line, content in section.rows:
            for word in content.split():
                value = whole(word, line, "DEPOT_SECTION", self.faults)
                if value is not None and value != -1:
                    found.append(value)
        if found != list(range(1, len(found) + 1)) or not found:
            message = f"lists {found[:9]}; depots are the first locations: 1, 2, … in order."
            self.faults.add("DEPOTS", section.line, message)
        return len(found)

    def column(self, name: str, rows: int | None, width: int | None = None) -> Column | None:
        """Return a section, or one value for all; ``None`` where there is neither.

        ``rows`` is how many there must be, ``None`` where the file does not say.
        """
        if name in self.parts.specifications and name not in self.parts.sections:
            line, word = self.parts.specifications[name]
            value = table([(line, word)], 1, name, self.faults)
            return None if value is None else Column.constant(value.values[0, 0], rows or 1, line)
        section = self.parts.sections.get(name)
        if section is None:
            return None
        read = table(section.rows, None if width is None else width + 1, name, self.faults)
        return None if read is None else ordered(read, name, rows, self.faults)

    def lists(self, name: str, rows: int | None) -> Lists | None:
        """Return a section of rows of any length: an index from 1 and a list."""
        section = self.parts.sections.get(name)
        if section is None:
            return None
        values, lines = [], []
        for line, content in section.rows:
            numbers = [whole(word, line, name, self.faults) for word in content.split()]
            if None not in numbers:
                values.append([number for number in numbers if number is not None])
                lines.append(line)
        if len(values) < len(section.rows):
            return None
        keys = Column(np.array([row[:1] for row in values], float).reshape(-1, 1), np.array(lines))
        if ordered(keys, name, rows, self.faults) is None:
            return None
        order = sorted(range(len(values)), key=lambda i: values[i][0])
        return Lists([values[i][1:] for i in order], [lines[i] for i in order])

    def _vehicles(self) -> int | None:
        """Return VEHICLES, or the rows of the first section about vehicles."""
        if "VEHICLES" in self.parts.specifications:
            line, word = self.parts.specifications["VEHICLES"]
            return fleet_size(word, line, self.faults)
        for name, section in self.parts.sections.items():
            if name == "CAPACITY" or name.startswith("VEHICLES_"):
                return len(section.rows)
        return None

    def _deliver(self) -> Column | None:
        if "DEMAND" in self.parts.sections and "LINEHAUL" in self.parts.sections:
            line = self.parts.sections["LINEHAUL"].line
            message = "LINEHAUL_SECTION and DEMAND_SECTION mean the same; keep one."
            self.faults.add("CONFLICT", line, message)
        name = "DEMAND" if "DEMAND" in self.parts.sections else "LINEHAUL"
        return self.column(name, self.size)

    def _windows(self, pairs: Column | None) -> Column | None:
        if pairs is not None:
            return pairs.part(1, 2)
        return self.column("TIME_WINDOW", self.size, width=2)

    def _service(self, pairs: Column | None) -> Column | None:
        """Return service times; a single value is for clients only."""
        if pairs is not None:
            return pairs.part(3)
        column = self.column("SERVICE_TIME", self.size, width=1)
        if column is not None and "SERVICE_TIME" not in self.parts.sections:
            column.values[: self.depots_known] = 0
        return column

    def _no_clash_with_pairs(self) -> None:
        """CONFLICT: all that is not a depot is a shipment's stop, told in one section."""
        for name in ("DEMAND", "LINEHAUL", "BACKHAUL", "TIME_WINDOW", "SERVICE_TIME", "PRIZE"):
            if name in self.parts.sections:
                line = self.parts.sections[name].line
                message = f"{name}_SECTION says again what PICKUP_AND_DELIVERY_SECTION does."
                self.faults.add("CONFLICT", line, message + " Keep one.")
