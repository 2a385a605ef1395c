"""What-if changes of a problem: ``fleet=12``, ``chargers=x2``, ``pooling=off``.

A change is a name and an amount: a number (the new value), ``+2`` or ``-2`` (added to
what is there) or ``x1.5`` (a factor). A name may be followed by ``@`` and an id, which
limits it to one vertiport or aircraft type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from router.airtaxi.charging import ChargeCurve
from router.airtaxi.fleet import AircraftType
from router.airtaxi.network import ChargerGroup, TariffStep, Vertiport
from router.airtaxi.problem import AirTaxiProblem
from router.errors import Violations

_PATTERN = re.compile(r"([a-z_]+)(?:@([^=]+))?=(.+)")
_AMOUNT = re.compile(r"([x+-]?)(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Amount:
    """A new value, a difference or a factor."""

    sign: str
    number: float

    def of(self, before: int, least: int = 0) -> int:
        """Return the value after the change, a whole number of at least ``least``."""
        after = {
            "": self.number,
            "+": before + self.number,
            "-": before - self.number,
            "x": before * self.number,
        }[self.sign]
        return max(least, round(after))


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a problem, as it was asked for."""

    text: str
    name: str
    where: str | None
    value: str

    def amount(self) -> Amount:
        """Return the value as an amount, which has been found to be one."""
        found = _AMOUNT.fullmatch(self.value)
        assert found is not None
        return Amount(found[1], float(found[2]))


def parse_changes(texts: Iterable[str]) -> tuple[Change, ...]:
    """Return the changes that some texts ask for.

    Raises
    ------
    InvalidInput
        With a violation for each text that is no change.
    """
    found = Violations("changes")
    changes = []
    for i, text in enumerate(texts):
        match = _PATTERN.fullmatch(text.strip())
        name = "" if match is None else match[1]
        if match is None or (name not in _AMOUNTS and name not in _CHOICES):
            known = ", ".join(sorted([*_AMOUNTS, *_CHOICES]))
            found.add("CHANGE", f"[{i}]", f"is {text!r}; give NAME=VALUE with one of {known}.")
        elif name in _CHOICES and match[3] not in _CHOICES[name]:
            values = " or ".join(_CHOICES[name])
            found.add("CHANGE", f"[{i}]", f"is {text!r}; give {name}={values}.")
        elif name in _AMOUNTS and not _AMOUNT.fullmatch(match[3]):
            found.add("CHANGE", f"[{i}]", f"is {text!r}; give a number, +N, -N or xF after '='.")
        elif match[2] is not None and name not in _PLACED:
            found.add("CHANGE", f"[{i}]", f"is {text!r}; {name} holds everywhere, drop the '@'.")
        else:
            changes.append(Change(text.strip(), name, match[2], match[3]))
    found.raise_if_any()
    return tuple(changes)


def changed(problem: AirTaxiProblem, changes: Sequence[Change]) -> AirTaxiProblem:
    """Return a problem with changes made in their order.

    Raises
    ------
    InvalidInput
        With a violation for each place that is not in the problem, or where the changed
        problem breaks a rule.
    """
    found = Violations("changes")
    for i, change in enumerate(changes):
        places = {v.id for v in problem.vertiports} | {k.id for k in problem.types}
        if change.where is not None and change.where not in places:
            kind = "vertiport or aircraft type"
            found.add("UNKNOWN_ID", f"[{i}]", f"names {change.where!r}, which is no {kind}.")
    found.raise_if_any()
    for change in changes:
        problem = (_AMOUNTS.get(change.name) or _CHOICES[change.name][change.value])(
            problem, change
        )
    return problem


def _fleet(problem: AirTaxiProblem, change: Change) -> AirTaxiProblem:
    """Take aircraft evenly from the row, or repeat the row with new ids."""
    row = problem.aircraft
    count = change.amount().of(len(row), 1)
    if count <= len(row):
        kept = tuple(row[i * len(row) // count] for i in range(count))
        return replace(problem, aircraft=kept)
    more = tuple(
        replace(row[i % len(row)], id=f"{row[i % len(row)].id}+{i // len(row)}")
        for i in range(len(row), count)
    )
    return replace(problem, aircraft=(*row, *more))


def _at_ports(
    problem: AirTaxiProblem, change: Change, make: Callable[[Vertiport, Amount], Vertiport]
) -> AirTaxiProblem:
    amount = change.amount()
    return replace(
        problem,
        vertiports=tuple(
            make(v, amount) if change.where in (None, v.id) else v for v in problem.vertiports
        ),
    )


def _chargers(port: Vertiport, amount: Amount) -> Vertiport:
    groups = (replace(g, count=amount.of(g.count)) for g in port.chargers)
    return replace(port, chargers=tuple(g for g in groups if g.count))


def _charger_power(port: Vertiport, amount: Amount) -> Vertiport:
    def stronger(group: ChargerGroup) -> ChargerGroup:
        return replace(group, power_w=amount.of(group.power_w, 1))

    return replace(port, chargers=tuple(map(stronger, port.chargers)))


def _site_power(port: Vertiport, amount: Amount) -> Vertiport:
    limit = port.power_limit_w
    return replace(port, power_limit_w=amount.of(0 if limit is None else limit))


def _electricity(port: Vertiport, amount: Amount) -> Vertiport:
    steps = (TariffStep(s.start, amount.of(s.price_per_kwh)) for s in port.tariff)
    return replace(port, tariff=tuple(steps))


def _of_types(
    problem: AirTaxiProblem, change: Change, make: Callable[[AircraftType, Amount], AircraftType]
) -> AirTaxiProblem:
    amount = change.amount()
    return replace(
        problem,
        types=tuple(make(k, amount) if change.where in (None, k.id) else k for k in problem.types),
    )


def _headway(problem: AirTaxiProblem, change: Change) -> AirTaxiProblem:
    amount = change.amount()
    ways = tuple(replace(c, headway_s=amount.of(c.headway_s)) for c in problem.corridors)
    return replace(problem, corridors=ways)


def _fares(problem: AirTaxiProblem, change: Change) -> AirTaxiProblem:
    amount = change.amount()
    return replace(
        problem, trips=tuple(replace(t, value=amount.of(t.value)) for t in problem.trips)
    )


def _patience(problem: AirTaxiProblem, change: Change) -> AirTaxiProblem:
    """Change how long parties wait: the length of their departure windows."""
    amount = change.amount()

    def end(start: int, before: int) -> int:
        return start + amount.of(before - start)

    trips = tuple(
        replace(t, departure=replace(t.departure, end=end(t.departure.start, t.departure.end)))
        for t in problem.trips
    )
    return replace(problem, trips=trips)


def _alone(problem: AirTaxiProblem, _: Change) -> AirTaxiProblem:
    return replace(problem, trips=tuple(replace(t, may_share=False) for t in problem.trips))


def _together(problem: AirTaxiProblem, _: Change) -> AirTaxiProblem:
    return replace(problem, trips=tuple(replace(t, may_share=True) for t in problem.trips))


def _no_charging(problem: AirTaxiProblem, _: Change) -> AirTaxiProblem:
    ports = tuple(replace(v, chargers=()) for v in problem.vertiports)
    return replace(problem, vertiports=ports)


def _linear(problem: AirTaxiProblem, _: Change) -> AirTaxiProblem:
    """Charge at the power that the empty battery accepts, up to full."""
    kinds = tuple(
        replace(k, curve=ChargeCurve.constant(k.battery_wh, k.curve.points[0][1]))
        for k in problem.types
    )
    return replace(problem, types=kinds)


def _as_it_is(problem: AirTaxiProblem, _: Change) -> AirTaxiProblem:
    return problem


Apply = Callable[[AirTaxiProblem, Change], AirTaxiProblem]

_AMOUNTS: dict[str, Apply] = {
    "fleet": _fleet,
    "pads": lambda p, c: _at_ports(p, c, lambda v, a: replace(v, pads=a.of(v.pads, 1))),
    "stands": lambda p, c: _at_ports(p, c, lambda v, a: replace(v, stands=a.of(v.stands))),
    "chargers": lambda p, c: _at_ports(p, c, _chargers),
    "charger_power": lambda p, c: _at_ports(p, c, _charger_power),
    "site_power": lambda p, c: _at_ports(p, c, _site_power),
    "electricity": lambda p, c: _at_ports(p, c, _electricity),
    "landing_fee": lambda p, c: _at_ports(
        p, c, lambda v, a: replace(v, landing_fee=a.of(v.landing_fee))
    ),
    "seats": lambda p, c: _of_types(p, c, lambda k, a: replace(k, seats=a.of(k.seats, 1))),
    "turnaround": lambda p, c: _of_types(
        p, c, lambda k, a: replace(k, turnaround_s=a.of(k.turnaround_s))
    ),
    "reserve": lambda p, c: _of_types(p, c, lambda k, a: replace(k, reserve_wh=a.of(k.reserve_wh))),
    "flight_cost": lambda p, c: _of_types(
        p,
        c,
        lambda k, a: replace(
            k,
            cost_per_flight=a.of(k.cost_per_flight),
            cost_per_flight_s=a.of(k.cost_per_flight_s),
        ),
    ),
    "leave_with": lambda p, _: p,  # the planner's affair
    "headway": _headway,
    "fares": _fares,
    "patience": _patience,
}
_CHOICES: dict[str, dict[str, Apply]] = {
    "pooling": {"on": _together, "off": _alone},
    "charging": {"partial": _as_it_is, "linear": _linear, "none": _no_charging},
}
_PLACED = {
    "pads",
    "stands",
    "chargers",
    "charger_power",
    "site_power",
    "electricity",
    "landing_fee",
    "seats",
    "turnaround",
    "reserve",
    "flight_cost",
}
