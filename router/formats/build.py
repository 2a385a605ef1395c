"""Makes a routing problem of a benchmark file: rounding, ids, vehicle types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from router.formats.faults import Faults
from router.formats.fleet import Fleet
from router.formats.raw import Column, RawInstance
from router.formats.rounding import Rounding
from router.formats.skills import SkillSets, skill_sets
from router.formats.vehicles import vehicle_types
from router.formats.whole import Whole
from router.freight.routes.problem import (
    BackhaulRule,
    Depot,
    Group,
    Location,
    RoutingProblem,
    Shipment,
    ShipmentStop,
    Visit,
)
from router.matrix import Euclidean, Matrix, Travel
from router.timewindow import TimeWindow

Row = tuple[int, ...]


def build_problem(
    raw: RawInstance, rounding: Rounding, name: str, faults: Faults
) -> tuple[RoutingProblem, Fleet]:
    """Return the problem of ``raw``, and its vehicles in the file's order.

    Raises
    ------
    InvalidInput
        With every fault in what the file means.
    """
    whole = Whole(rounding, faults)
    skills = skill_sets(raw, faults)
    work = _Work(raw, whole, faults, skills)
    rows = work.rows()
    groups = work.groups()
    visits = tuple(work.visits(rows, {v for group in groups for v in group.visits}))
    shipments = tuple(work.shipments(rows))
    kinds, fleet = vehicle_types(raw, whole, rows.windows, skills, faults)
    travel = _travel(raw, whole)
    faults.raise_if_any()
    problem = RoutingProblem(
        locations=tuple(_locations(raw)),
        depots=tuple(
            Depot(id=str(i), location=str(i), service=rows.service[i][0]) for i in range(raw.depots)
        ),
        vehicle_types=tuple(kinds),
        travel={"default": travel},
        visits=visits,
        shipments=shipments,
        groups=tuple(groups),
        dimensions=tuple(_dimensions(raw)),
        backhaul=BackhaulRule.LINEHAUL_REQUIRED if raw.kind == "VRPB" else BackhaulRule.MIXED,
        name=name,
    )
    return problem, fleet


@dataclass(frozen=True, slots=True)
class _Rows:
    """Whole numbers a location, ready to be made into visits."""

    deliver: Sequence[Row]
    collect: Sequence[Row]
    windows: Sequence[tuple[TimeWindow, ...]]
    service: Sequence[Row]
    release: Sequence[Row]
    prize: Sequence[Row]


@dataclass(frozen=True, slots=True)
class _Work:
    """The visits and shipments of a file."""

    raw: RawInstance
    whole: Whole
    faults: Faults
    skills: SkillSets

    def rows(self) -> _Rows:
        """Return every row a location, noting negative and reversed values."""
        raw, whole = self.raw, self.whole
        return _Rows(
            deliver=self._rows(raw.deliver, "demand"),
            collect=self._rows(raw.collect, "backhaul"),
            windows=_windows(whole, raw.windows, raw.size, self.faults),
            service=self._rows(raw.service, "service time"),
            release=self._rows(raw.release, "release time"),
            prize=self._rows(raw.prize, "prize"),
        )

    def _rows(self, column: Column | None, what: str) -> Sequence[Row]:
        empty = (0,) if what in ("service time", "release time", "prize") else ()
        if column is None:
            return [empty] * self.raw.size
        rows = self.whole.rows(column, what)
        return rows if len(rows) == self.raw.size else [rows[0]] * self.raw.size

    def visits(self, rows: _Rows, grouped: set[str]) -> Iterator[Visit]:
        """Yield the visits; none where the file has shipments."""
        if self.raw.shipments is not None:
            return
        for i in range(self.raw.depots, self.raw.size):
            prize = rows.prize[i][0]
            if prize and str(i) in grouped:
                line = 0 if self.raw.prize is None else int(self.raw.prize.lines[i])
                message = f"location {i + 1} has a prize and is in a group; keep one of the two."
                self.faults.add("GROUP_PRIZE", line, message)
            yield Visit(
                id=str(i),
                location=str(i),
                deliver=rows.deliver[i],
                collect=rows.collect[i],
                windows=rows.windows[i],
                service=rows.service[i][0],
                release=rows.release[i][0],
                prize=prize or None,
                skills=self.skills.location[i],
            )

    def groups(self) -> list[Group]:
        """Return the groups of at least two; one alone is simply visited."""
        if self.raw.groups is None:
            return []
        found = []
        for i, (members, line) in enumerate(
            zip(self.raw.groups.values, self.raw.groups.lines, strict=True)
        ):
            for member in members:
                if not self.raw.depots < member <= self.raw.size:
                    message = f"group {i + 1} has {member}, which is no client of the file."
                    self.faults.add("UNKNOWN_VISIT", line, message)
            if len(members) > 1:
                found.append(Group(id=str(i + 1), visits=tuple(str(m - 1) for m in members)))
        return found

    def shipments(self, rows: _Rows) -> Iterator[Shipment]:
        """Yield the pairs of pickup and delivery."""
        if self.raw.shipments is None:
            return
        amounts = self.whole.rows(self.raw.shipments.part(0), "demand", least=None)
        named = self.raw.shipments.values[:, 1:]
        odd = (named != np.trunc(named)) | (np.abs(named) > self.raw.size)
        partners = np.where(odd, -1, named).astype(np.int64)
        for i in range(self.raw.depots, self.raw.size):
            partner = self._partner(i, amounts, partners)
            if partner is None:
                continue
            stops = [
                ShipmentStop(location=str(k), windows=rows.windows[k], service=rows.service[k][0])
                for k in (i, partner)
            ]
            yield Shipment(
                id=f"{i}-{partner}",
                pickup=stops[0],
                delivery=stops[1],
                load=amounts[i],
                skills=self.skills.location[i] | self.skills.location[partner],
            )

    def _partner(
        self,
        i: int,
        amounts: Sequence[Row],
        partners: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    ) -> int | None:
        """Return where the goods picked up at ``i`` go; ``None`` at a delivery."""
        assert self.raw.shipments is not None
        line = int(self.raw.shipments.lines[i])
        pickup, delivery = (int(value) for value in partners[i])
        other = delivery or pickup
        if bool(pickup) == bool(delivery) or not self.raw.depots < other <= self.raw.size:
            message = "needs either the index of its pickup or that of its delivery, a client."
            self.faults.add("PAIRING", line, message)
            return None
        if tuple(partners[other - 1]) != ((i + 1, 0) if delivery else (0, i + 1)):
            message = f"names row {other} as its partner, which does not name this row in turn."
            self.faults.add("PAIRING", line, message)
        elif delivery and (amounts[i][0] < 0 or amounts[other - 1][0] != -amounts[i][0]):
            message = f"picks up {amounts[i][0]}, but row {other} has {amounts[other - 1][0]}; "
            self.faults.add("PAIRING", line, message + "a delivery's demand is minus its pickup's.")
        elif delivery:
            return delivery - 1
        return None


def _windows(
    whole: Whole, column: Column | None, size: int, faults: Faults
) -> list[tuple[TimeWindow, ...]]:
    """Return one window a location; none where the file has no windows."""
    if column is None:
        return [()] * size
    found: list[tuple[TimeWindow, ...]] = []
    for (start, end), line in zip(
        whole.rows(column, "time window"), column.lines.tolist(), strict=True
    ):
        if start > end:
            message = f"has a reversed time window: it starts at {start}, ends at {end}."
            faults.add("WINDOW_REVERSED", line, message)
            start = end
        found.append((TimeWindow(start, end),))
    return found


def _locations(raw: RawInstance) -> Iterator[Location]:
    if raw.coordinates is None:
        yield from (Location(str(i)) for i in range(raw.size))
        return
    for i, (x, y) in enumerate(raw.coordinates.values.tolist()):
        yield Location(str(i), x, y)


def _travel(raw: RawInstance, whole: Whole) -> Travel:
    """Return Euclidean travel, or the matrix that the file gives."""
    if raw.lengths is not None:
        lengths = whole.lengths(raw.lengths)
        return Matrix(lengths, lengths)
    assert raw.coordinates is not None, "a reader gives lengths or coordinates"
    xs, ys = (np.ascontiguousarray(column) for column in raw.coordinates.values.T)
    return Euclidean(xs, ys, float(whole.rounding.scale), whole.rounding.mode)


def _dimensions(raw: RawInstance) -> Iterator[str]:
    """Yield a name for each dimension of load: ``load``, then ``load2`` and so on."""
    columns = (raw.deliver, raw.collect, raw.capacity)
    width = max((c.values.shape[1] for c in columns if c is not None), default=1)
    yield "load"
    yield from (f"load{k}" for k in range(2, width + 1))
