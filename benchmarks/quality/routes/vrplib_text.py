"""Text formats as VRPLIB, for peers that read nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from router.formats.faults import Faults
from router.formats.files import read_text
from router.formats.instance import reader_of
from router.formats.raw import Column, RawInstance
from router.formats.vrplib import read_vrplib


def vrplib_copy(path: Path, folder: Path) -> Path:
    """Return ``path``, or a copy of it in VRPLIB below ``folder`` where it is not."""
    text = read_text(path)
    faults = Faults(str(path))
    reader = reader_of(text, faults)
    if reader is read_vrplib:
        return path
    raw = reader(text, faults)
    faults.raise_if_any()
    assert raw is not None
    copy = folder / f"{path.stem}.vrp"
    copy.write_text("\n".join(_lines(raw)) + "\n")
    return copy


def _lines(raw: RawInstance) -> Iterator[str]:
    assert raw.capacity is not None
    yield f"NAME : {raw.name or 'copy'}"
    yield f"TYPE : {raw.kind}"
    yield f"DIMENSION : {raw.size}"
    yield f"VEHICLES : {raw.vehicles}"
    yield f"CAPACITY : {raw.capacity.values[0, 0]:g}"
    yield "EDGE_WEIGHT_TYPE : EUC_2D"
    yield from _section("NODE_COORD", raw.coordinates)
    if raw.shipments is None:
        yield from _section("DEMAND", raw.deliver)
        yield from _section("TIME_WINDOW", raw.windows)
        yield from _section("SERVICE_TIME", raw.service)
    else:
        yield "PICKUP_AND_DELIVERY_SECTION"
        yield from _pairs(raw)
    yield "DEPOT_SECTION\n1\n-1\nEOF"


def _section(name: str, column: Column | None) -> Iterator[str]:
    if column is not None:
        yield f"{name}_SECTION"
        for i, row in enumerate(column.values.tolist(), 1):
            yield " ".join([str(i), *(f"{value:.15g}" for value in row)])


def _pairs(raw: RawInstance) -> Iterator[str]:
    assert raw.shipments is not None
    assert raw.windows is not None
    assert raw.service is not None
    rows = zip(raw.shipments.values, raw.windows.values, raw.service.values, strict=True)
    for i, (pair, window, service) in enumerate(rows, 1):
        numbers = [pair[0], *window, service[0], pair[1], pair[2]]
        yield " ".join([str(i), *(f"{value:.15g}" for value in numbers)])
