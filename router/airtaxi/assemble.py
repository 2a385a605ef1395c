"""From a scenario's fields to an air-taxi problem.

The fields already keep the schema; this adds what a schema cannot see (ids
that must exist, windows that must not be reversed), expands counts, computes
flight times, and draws the demand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from router.airtaxi.charging import ChargeCurve
from router.airtaxi.demand import TimetableFlight, Trip
from router.airtaxi.fleet import Aircraft, AircraftType, Downtime, Pilot
from router.airtaxi.generate import DemandModel, Flow, generate_trips
from router.airtaxi.network import ChargerGroup, Corridor, LegStep, TariffStep, Vertiport
from router.airtaxi.performance import Performance, Track, WindStep, bearing_deg, leg_steps
from router.airtaxi.problem import DAY, AirTaxiProblem
from router.errors import InvalidInput, Violation
from router.formats.documents import Document, Field
from router.geo import great_circle_m
from router.timewindow import FOREVER, TimeWindow

Fields = Mapping[str, Any]
NOTES = ("source", "assumption", "note")
MOST_PASSENGERS = 1_000_000


def assemble(document: Document, *, passengers: int | None, seed: int) -> AirTaxiProblem:
    """Return the problem that a scenario describes.

    Raises
    ------
    InvalidInput
        With every violation found, each with its line where there is one.
    """
    return _Assembly(document, passengers).problem(seed)


def seconds_of(value: str | int) -> int:
    """Return the seconds of ``HH:MM``, ``HH:MM:SS`` or a number of seconds.

    >>> seconds_of("06:30")
    23400
    """
    if isinstance(value, str):
        parts = [int(p) for p in value.split(":")]
        return parts[0] * 3600 + parts[1] * 60 + (parts[2] if len(parts) > 2 else 0)
    return int(value)


class _Assembly:
    """Builds each part once; notes violations at their place in the file."""

    def __init__(self, document: Document, passengers: int | None) -> None:
        self.document = document
        self.data: Fields = document.data
        self.found: list[Violation] = []
        self.ports: dict[str, Fields] = {v["id"]: v for v in self.data["vertiports"]}
        stated = self.data.get("horizon")
        self.horizon = self._window(stated, ("horizon",)) if stated else DAY
        self.passengers = self._passengers(passengers)
        self.stage = self._stage()

    def problem(self, seed: int) -> AirTaxiProblem:
        """Return the problem, or raise everything found."""
        data = self.data
        vertiports = self._each("vertiports", self._vertiport)
        types = self._each("types", self._type)
        corridors = tuple(c for cs in self._each("corridors", self._corridors) for c in cs)
        aircraft = tuple(a for group in self._each("aircraft", self._aircraft) for a in group)
        trips = self._each("trips", self._trip) + self._drawn(seed)
        timetable = self._each("timetable", self._timetable)
        pilots = self._each("pilots", self._pilot)
        self._each("closures", self._closure)
        if self.found:
            raise InvalidInput(self.found)
        try:
            return AirTaxiProblem(
                vertiports=vertiports,
                corridors=corridors,
                types=types,
                aircraft=aircraft,
                trips=trips,
                timetable=timetable,
                pilots=pilots,
                horizon=self.horizon,
                currency=data.get("currency", "KZT"),
                name=data.get("name", self.document.name),
            )
        except InvalidInput as fault:
            name = self.document.name
            raise InvalidInput(
                replace(v, path=f"{name}: {v.path}") for v in fault.violations
            ) from None

    # Small tools

    def _each(self, key: str, build: Callable[[Fields, Field], Any]) -> tuple[Any, ...]:
        return tuple(build(item, (key, i)) for i, item in enumerate(self.data.get(key, ())))

    def _fault(self, code: str, at: Field, message: str) -> None:
        self.found.append(Violation(code, self.document.where(at), message))

    def _window(self, value: Sequence[str | int], at: Field) -> TimeWindow:
        start, end = seconds_of(value[0]), seconds_of(value[1])
        if start > end:
            self._fault("WINDOW_REVERSED", at, f"starts at {value[0]}, after its end {value[1]}.")
            return TimeWindow(start, start)
        return TimeWindow(start, end)

    def _windows(self, values: Sequence[Sequence[str | int]], at: Field) -> tuple[TimeWindow, ...]:
        return tuple(self._window(w, (*at, i)) for i, w in enumerate(values))

    def _known_port(self, port: str, at: Field) -> bool:
        if port not in self.ports:
            message = f"names {port!r}; no vertiport has this id."
            self._fault("UNKNOWN_ID", at, message)
        return port in self.ports

    # Size and growth

    def _passengers(self, asked: int | None) -> int:
        demand: Fields = self.data.get("demand", {})
        if asked is None:
            return int(demand.get("passengers", 0))
        if not 0 <= asked <= MOST_PASSENGERS:
            message = f"is {asked}; give 0 to {MOST_PASSENGERS}."
            raise InvalidInput([Violation("OUT_OF_RANGE", "passengers", message)])
        if asked and not demand:
            message = "are asked for, but the scenario has no `demand` to draw them from; add it."
            self._fault("NO_DEMAND", (), f"{asked} passengers {message}")
        return asked

    def _stage(self) -> Fields:
        stages: list[Fields] = [
            s for s in self.data.get("stages", ()) if s["passengers_from"] <= self.passengers
        ]
        return max(stages, key=lambda s: int(s["passengers_from"]), default={})

    def _grown(self, number: int, factor: str) -> int:
        return max(min(number, 1), round(number * float(self.stage.get(factor, 1))))

    # Network

    def _vertiport(self, v: Fields, at: Field) -> Vertiport:
        limit = v.get("power_limit_w")
        opening = v.get("opening", self.data.get("opening", ()))
        place = (*at, "opening") if "opening" in v else ("opening",)
        plain = ("lat", "lon", "takeoff_s", "landing_s", "taxi_s", "landing_fee")
        return Vertiport(
            id=v["id"],
            name=v.get("name", v["id"]),
            elevation_m=v.get("elevation_m", 0),
            pads=self._grown(v["pads"], "pads_factor"),
            stands=self._grown(v["stands"], "stands_factor"),
            chargers=tuple(self._charger(c, i) for i, c in enumerate(v.get("chargers", ()))),
            power_limit_w=None if limit is None else self._grown(limit, "chargers_factor"),
            opening=self._open(v["id"], self._windows(opening, place)),
            tariff=tuple(
                TariffStep(seconds_of(s["from"]), s["price_per_kwh"])
                for s in v.get("tariff", self.data.get("tariff", ()))
            ),
            stand_cost_per_hour=v.get("stand_cost_per_hour", 0),
            **{key: v[key] for key in plain if key in v},
        )

    def _closure(self, c: Fields, at: Field) -> None:
        if ("vertiport" in c) == ("corridor" in c):
            self._fault("CLOSURE_PLACE", at, "needs either `vertiport` or `corridor`.")
        for port in [c["vertiport"]] if "vertiport" in c else c.get("corridor", ()):
            self._known_port(port, at)

    def _charger(self, c: Fields, number: int) -> ChargerGroup:
        return ChargerGroup(
            id=c.get("id", f"group-{number + 1}"),
            count=self._grown(c["count"], "chargers_factor"),
            power_w=c["power_w"],
            efficiency_permille=c.get("efficiency_permille", 1000),
        )

    def _open(self, port: str, opening: tuple[TimeWindow, ...]) -> tuple[TimeWindow, ...]:
        """Cut the closures of a vertiport out of its opening windows."""
        windows = list(opening)
        for i, closure in enumerate(self.data.get("closures", ())):
            if closure.get("vertiport") == port:
                shut = self._window(closure["window"], ("closures", i, "window"))
                windows = [part for w in windows or [TimeWindow()] for part in _without(w, shut)]
                windows = windows or [TimeWindow(FOREVER, FOREVER)]
        return tuple(windows)

    def _corridors(self, c: Fields, at: Field) -> tuple[Corridor, ...]:
        if ("between" in c) == ("from" in c and "to" in c):
            self._fault("CORRIDOR_ENDS", at, "needs either `between` or both `from` and `to`.")
            return ()
        a, b = c["between"] if "between" in c else (c["from"], c["to"])
        known = [self._known_port(p, at) for p in (a, b)]
        if not all(known):
            return ()
        ways = ((a, b), (b, a)) if "between" in c else ((a, b),)
        return tuple(self._corridor(c, o, d, at) for o, d in ways)

    def _corridor(self, c: Fields, origin: str, destination: str, at: Field) -> Corridor:
        defaults: Fields = self.data.get("corridor_defaults", {})
        headway = c.get("headway_s", defaults.get("headway_s", 0))
        detour = defaults.get("detour", 1)
        distance = c.get("distance_m", round(self._great_circle_m(origin, destination) * detour))
        legs = _steps(c.get("legs", ()))
        stated = {kind: _steps(steps) for kind, steps in c.get("type_legs", {}).items()}
        computed = {} if legs else self._computed(origin, destination, distance, at)
        closures = [
            self._window(shut["window"], ("closures", i, "window"))
            for i, shut in enumerate(self.data.get("closures", ()))
            if shut.get("corridor") == [origin, destination]
        ]
        closures += self._windows(c.get("closures", ()), (*at, "closures"))
        return Corridor(
            origin=origin,
            destination=destination,
            distance_m=distance,
            headway_s=self._grown(headway, "headway_factor"),
            legs=legs,
            type_legs={**computed, **stated},
            closures=_merged(closures),
        )

    def _great_circle_m(self, origin: str, destination: str) -> int:
        a, b = self.ports[origin], self.ports[destination]
        return round(great_circle_m(a["lat"], a["lon"], b["lat"], b["lon"]))

    def _computed(
        self, origin: str, destination: str, distance: int, at: Field
    ) -> dict[str, tuple[LegStep, ...]]:
        a, b = self.ports[origin], self.ports[destination]
        track = Track(
            distance,
            bearing_deg(a["lat"], a["lon"], b["lat"], b["lon"]),
            a.get("elevation_m", 0),
            b.get("elevation_m", 0),
        )
        winds = [
            WindStep(seconds_of(w["from"]), w["toward_deg"], w["speed_mps"])
            for w in self.data.get("wind", ())
        ]
        steps: dict[str, tuple[LegStep, ...]] = {}
        for kind in self.data["types"]:
            if "performance" not in kind:
                steps[kind["id"]] = ()
                continue
            try:
                steps[kind["id"]] = leg_steps(_performance(kind["performance"]), track, winds)
            except ValueError as fault:
                message = f"to {destination}: {fault} for {kind['id']}; close it for that time."
                self._fault("WIND", at, message)
        return steps

    # Fleet

    def _type(self, t: Fields, at: Field) -> AircraftType:
        skipped = {"name", "charge_curve", "performance", *NOTES}
        return AircraftType(
            curve=ChargeCurve(tuple((p[0], p[1]) for p in t["charge_curve"])),
            **{key: value for key, value in t.items() if key not in skipped},
        )

    def _aircraft(self, a: Fields, at: Field) -> tuple[Aircraft, ...]:
        kind = next((t for t in self.data["types"] if t["id"] == a["type"]), None)
        if kind is None:
            self._fault("UNKNOWN_ID", (*at, "type"), f"names {a['type']!r}; no type has this id.")
            return ()
        battery: int = kind["battery_wh"]
        one = Aircraft(
            id=a["id"],
            type=a["type"],
            start=a["start"],
            soc_wh=int(battery * a["soc"]),
            available_from=seconds_of(a.get("available_from", self.horizon.start)),
            available_until=seconds_of(a.get("available_until", FOREVER)),
            downtimes=tuple(
                Downtime(
                    window=self._window(d["window"], (*at, "downtimes", i)),
                    vertiport=d.get("vertiport"),
                )
                for i, d in enumerate(a.get("downtimes", ()))
            ),
            end=a.get("end"),
            final_soc_wh=-int(-battery * a.get("final_soc", 0)),
        )
        count = self._grown(a.get("count", 1), "aircraft_factor")
        if count == 1 and "count" not in a:
            return (one,)
        width = len(str(count))
        return tuple(replace(one, id=f"{one.id}-{n:0{width}}") for n in range(1, count + 1))

    def _pilot(self, p: Fields, at: Field) -> Pilot:
        plain = ("max_duty_s", "max_flight_s", "max_work_s", "break_s")
        return Pilot(
            id=p["id"],
            base=p["base"],
            shift=self._window(p["shift"], (*at, "shift")),
            types=frozenset(p.get("types", ())),
            **{key: p[key] for key in plain if key in p},
        )

    # Demand

    def _trip(self, t: Fields, at: Field) -> Trip:
        fields = {key: value for key, value in t.items() if key not in NOTES}
        fields["departure"] = self._window(t["departure"], (*at, "departure"))
        if "arrive_by" in t:
            fields["arrive_by"] = seconds_of(t["arrive_by"])
        return Trip(**fields)

    def _timetable(self, f: Fields, at: Field) -> TimetableFlight:
        fields = {key: value for key, value in f.items() if key not in NOTES}
        fields["off_block"] = self._window(f["off_block"], (*at, "off_block"))
        fields["types"] = frozenset(f.get("types", ()))
        return TimetableFlight(**fields)

    def _drawn(self, seed: int) -> tuple[Trip, ...]:
        demand: Fields = self.data.get("demand", {})
        if not demand or not self.passengers:
            return ()
        before = len(self.found)
        flows = tuple(self._flow(f, i) for i, f in enumerate(demand["flows"]))
        self._weights(demand)
        if len(self.found) > before:
            return ()
        distances = {
            (f.origin, f.destination): self._great_circle_m(f.origin, f.destination) for f in flows
        }
        return generate_trips(_model(demand, flows), distances, self.passengers, seed)

    def _flow(self, f: Fields, number: int) -> Flow:
        at = ("demand", "flows", number)
        self._known_port(f["from"], (*at, "from"))
        self._known_port(f["to"], (*at, "to"))
        if f["profile"] not in self.data["demand"]["profiles"]:
            message = f"names {f['profile']!r}; no profile has this name."
            self._fault("UNKNOWN_ID", (*at, "profile"), message)
        return Flow(f["from"], f["to"], f["share"], f["profile"])

    def _weights(self, demand: Fields) -> None:
        """Refuse weights that sum to nothing: nothing could be drawn."""
        at: Field = ("demand", "profiles")
        for name, profile in demand["profiles"].items():
            if sum(profile["hours"].values()) <= 0:
                message = "has no hour with a weight above 0; give at least one."
                self._fault("NO_WEIGHT", (*at, name, "hours"), message)
        sizes = {k: w for k, w in demand["party_sizes"].items() if k not in NOTES}
        if sum(sizes.values()) <= 0:
            message = "has no size with a weight above 0; give at least one."
            self._fault("NO_WEIGHT", ("demand", "party_sizes"), message)


def _model(demand: Fields, flows: tuple[Flow, ...]) -> DemandModel:
    skipped = {"passengers", "flows", "profiles", "party_sizes", *NOTES}
    return DemandModel(
        flows=flows,
        profiles={
            name: {int(hour): weight for hour, weight in profile["hours"].items()}
            for name, profile in demand["profiles"].items()
        },
        party_sizes={int(size): weight for size, weight in demand["party_sizes"].items()},
        **{key: value for key, value in demand.items() if key not in skipped},
    )


def _performance(p: Fields) -> Performance:
    return Performance(**{key: value for key, value in p.items() if key not in NOTES})


def _steps(steps: Sequence[Fields]) -> tuple[LegStep, ...]:
    return tuple(LegStep(seconds_of(s["from"]), s["seconds"], s["energy_wh"]) for s in steps)


def _without(window: TimeWindow, shut: TimeWindow) -> list[TimeWindow]:
    """Return what is left of a closed window outside another one."""
    if not window.overlaps(shut):
        return [window]
    parts = []
    if window.start < shut.start:
        parts.append(TimeWindow(window.start, shut.start - 1))
    if shut.end < window.end:
        parts.append(TimeWindow(shut.end + 1, window.end))
    return parts


def _merged(windows: Sequence[TimeWindow]) -> tuple[TimeWindow, ...]:
    """Return windows in order, those that meet joined."""
    merged: list[TimeWindow] = []
    for window in sorted(windows):
        if merged and window.start <= merged[-1].end + 1:
            merged[-1] = TimeWindow(merged[-1].start, max(merged[-1].end, window.end))
        else:
            merged.append(window)
    return tuple(merged)
