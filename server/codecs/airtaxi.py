"""Codec of air-taxi problems and day plans."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

from alatau.airtaxi.v1 import planning_pb2 as pb

from router.airtaxi.charging import ChargeCurve
from router.airtaxi.demand import TimetableFlight, Trip
from router.airtaxi.fleet import Aircraft, AircraftType, Downtime, Pilot
from router.airtaxi.network import ChargerGroup, Corridor, LegStep, TariffStep, Vertiport
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import Charge, Flight, FlightPlan, UnservedReason, UnservedTrip
from router.errors import Violations
from router.solving import Cost, Termination
from router.timewindow import FOREVER, TimeWindow
from server.codecs import common
from server.codecs.clock import Clock
from server.codecs.common import Reader, each, whole

PASSENGER_KG = 90
"""Weight of a passenger where a trip states none."""
_REASONS = {
    value: UnservedReason(name.removeprefix("REASON_"))
    for name, value in pb.UnservedTrip.Reason.items()
    if value
}
_REASON_VALUES = {reason: value for value, reason in _REASONS.items()}
_RENAMED = (
    (re.compile(r"^types\["), "aircraft_types["),
    (re.compile(r"\.curve\.points"), ".charge_curve"),
    (re.compile(r"\.(lat)$"), ".position.latitude"),
    (re.compile(r"\.(lon)$"), ".position.longitude"),
    (re.compile(r"\.(takeoff|landing|taxi|headway|turnaround|connect|disconnect)_s$"), r".\1"),
    (re.compile(r"\.(max_duty|max_flight|max_work|max_ride)_s$"), r".\1"),
    (re.compile(r"\.break_s$"), ".least_break"),
    (re.compile(r"legs(.*)\.seconds$"), r"legs\1.flight_time"),
    (re.compile(r"_per(_flight)?_s$"), r"_per\1_second"),
    (re.compile(r"\.arrive_by$"), ".arrive_by_time"),
    (re.compile(r"\.available_(from|until)$"), r".available_\1_time"),
)
"""Paths of the domain and what they are called in the messages."""


def decode_problem(
    message: pb.AirTaxiProblem, found: Violations
) -> tuple[AirTaxiProblem | None, Clock]:
    """Return the problem, or ``None`` with every violation noted, and its clock."""
    before = len(found)
    clock, horizon = _horizon(message, found)
    reader = _ProblemReader(clock, horizon)
    problem = common.build(
        AirTaxiProblem,
        found,
        _field_path,
        name=message.name,
        vertiports=each(reader.vertiport, message.vertiports, "vertiports", found),
        corridors=each(reader.corridor, message.corridors, "corridors", found),
        types=each(reader.aircraft_type, message.aircraft_types, "aircraft_types", found),
        aircraft=each(reader.aircraft, message.aircraft, "aircraft", found),
        trips=each(reader.trip, message.trips, "trips", found),
        timetable=each(reader.timetable_flight, message.timetable, "timetable", found),
        pilots=each(reader.pilot, message.pilots, "pilots", found),
        horizon=horizon,
        currency=message.currency or "KZT",
    )
    return (problem if len(found) == before else None), clock


def decode_plan(
    message: pb.FlightPlan, problem: AirTaxiProblem, clock: Clock, found: Violations
) -> FlightPlan:
    """Return a plan to judge; trips that it names nowhere count as left out."""
    reader = _PlanReader(clock)
    flights = each(reader.flight, message.flights, "flights", found)
    listed = each(reader.unserved, message.unserved, "unserved", found)
    named = {u.trip for u in listed} | {trip for flight in flights for trip in flight.trips}
    silent = (UnservedTrip(t.id, (UnservedReason.LIMIT,)) for t in problem.trips)
    return FlightPlan(
        flights=flights,
        charges=each(reader.charge, message.charges, "charges", found),
        unserved=(*listed, *(u for u in silent if u.trip not in named)),
        revenue=message.revenue,
        cost=_cost(message, found),
        bound=_bound(message, found),
        bound_name=message.bound_name,
    )


def encode_plan(plan: FlightPlan, problem: AirTaxiProblem, clock: Clock) -> pb.FlightPlan:
    """Return a plan as a message."""
    return pb.FlightPlan(
        flights=[_encode_flight(flight, clock) for flight in plan.flights],
        charges=[_encode_charge(charge, clock) for charge in plan.charges],
        unserved=[
            pb.UnservedTrip(trip=u.trip, reasons=[_REASON_VALUES[r] for r in u.reasons])
            for u in plan.unserved
        ],
        revenue=plan.revenue,
        cost=common.encode_cost(plan.cost),
        value=plan.value,
        infeasible=common.encode_violations(
            replace(v, path=f"problem.{_field_path(v.path)}") for v in plan.infeasible
        ),
        bound_name=plan.bound_name,
        summary=common.encode_summary(
            termination=Termination(plan.termination),
            seconds=plan.seconds,
            objective=plan.value,
            bound=plan.bound,
            gap=plan.gap,
        ),
    )


def _encode_flight(flight: Flight, clock: Clock) -> pb.Flight:
    return pb.Flight(
        aircraft=flight.aircraft,
        origin=flight.origin,
        destination=flight.destination,
        off_block_time=clock.outside(flight.off_block),
        departure_time=clock.outside(flight.departure),
        landing_time=clock.outside(flight.landing),
        on_block_time=clock.outside(flight.on_block),
        trips=flight.trips,
        energy_wh=flight.energy_wh,
        soc_before_wh=flight.soc_before_wh,
        soc_after_wh=flight.soc_after_wh,
        timetable_flight=flight.timetable,
        pilot=flight.pilot,
    )


def _encode_charge(charge: Charge, clock: Clock) -> pb.Charge:
    return pb.Charge(
        aircraft=charge.aircraft,
        vertiport=charge.vertiport,
        charger=charge.charger,
        start_time=clock.outside(charge.start),
        end_time=clock.outside(charge.end),
        power_w=charge.power_w,
        soc_before_wh=charge.soc_before_wh,
        soc_after_wh=charge.soc_after_wh,
    )


class _ProblemReader(Reader):
    """Reads the nouns of one air-taxi problem."""

    def __init__(self, clock: Clock, horizon: TimeWindow) -> None:
        super().__init__(clock)
        self.horizon = horizon

    def vertiport(self, message: pb.Vertiport, found: Violations) -> Vertiport:
        return Vertiport(
            id=message.id,
            name=message.name or message.id,
            lat=message.position.latitude,
            lon=message.position.longitude,
            elevation_m=message.elevation_m,
            pads=message.pads,
            takeoff_s=self._span(message, "takeoff", 60, found),
            landing_s=self._span(message, "landing", 60, found),
            taxi_s=self.duration(message, "taxi", found),
            stands=message.stands,
            chargers=tuple(
                ChargerGroup(
                    id=group.id,
                    count=group.count,
                    power_w=group.power_w,
                    efficiency_permille=(
                        group.efficiency_permille if group.HasField("efficiency_permille") else 1000
                    ),
                )
                for group in message.chargers
            ),
            power_limit_w=message.power_limit_w if message.HasField("power_limit_w") else None,
            opening=self.windows(message.opening, "opening", found),
            tariff=each(self._tariff, message.tariff, "tariff", found),
            landing_fee=message.landing_fee,
            stand_cost_per_hour=message.stand_cost_per_hour,
        )

    def corridor(self, message: pb.Corridor, found: Violations) -> Corridor:
        own: dict[str, tuple[LegStep, ...]] = {}
        for i, legs in enumerate(message.type_legs):
            at = found.at(f"type_legs[{i}]")
            if legs.aircraft_type in own:
                at.add("DUPLICATE_ID", "aircraft_type", f"{legs.aircraft_type!r} stands twice.")
            own[legs.aircraft_type] = each(self._leg, legs.steps, "steps", at)
        return Corridor(
            origin=message.origin,
            destination=message.destination,
            distance_m=message.distance_m,
            headway_s=self.duration(message, "headway", found),
            legs=each(self._leg, message.legs, "legs", found),
            type_legs=own,
            closures=self.windows(message.closures, "closures", found),
        )

    def aircraft_type(self, message: pb.AircraftType, found: Violations) -> AircraftType:
        return AircraftType(
            id=message.id,
            seats=message.seats,
            payload_kg=message.payload_kg,
            battery_wh=message.battery_wh,
            reserve_wh=message.reserve_wh,
            curve=ChargeCurve(tuple((p.soc_wh, p.power_w) for p in message.charge_curve)),
            turnaround_s=self._span(message, "turnaround", 300, found),
            connect_s=self.duration(message, "connect", found),
            disconnect_s=self.duration(message, "disconnect", found),
            cost_per_flight=message.cost_per_flight,
            cost_per_flight_s=message.cost_per_flight_second,
            day_cost=message.day_cost,
            needs_pilot=message.needs_pilot,
        )

    def aircraft(self, message: pb.Aircraft, found: Violations) -> Aircraft:
        return Aircraft(
            id=message.id,
            type=message.aircraft_type,
            start=message.start,
            soc_wh=message.soc_wh,
            available_from=self.moment(message, "available_from_time", 0, found),
            available_until=self.moment(message, "available_until_time", FOREVER, found),
            downtimes=each(self._downtime, message.downtimes, "downtimes", found),
            end=message.end if message.HasField("end") else None,
            final_soc_wh=message.final_soc_wh,
        )

    def trip(self, message: pb.Trip, found: Violations) -> Trip:
        party = message.party if message.HasField("party") else 1
        has_weight, has_end = message.HasField("weight_kg"), message.HasField("arrive_by_time")
        return Trip(
            id=message.id,
            origin=message.origin,
            destination=message.destination,
            party=party,
            weight_kg=message.weight_kg if has_weight else PASSENGER_KG * max(0, party),
            departure=self._window(message, "departure", found),
            arrive_by=self.moment(message, "arrive_by_time", 0, found) if has_end else None,
            max_stops=message.max_stops,
            max_ride_s=self._limit(message, "max_ride", None, found),
            value=message.value,
            wait_cost_per_s=message.wait_cost_per_second,
            promised=message.promised,
            may_share=not message.alone,
        )

    def timetable_flight(self, message: pb.TimetableFlight, found: Violations) -> TimetableFlight:
        if not message.HasField("off_block"):
            found.add("REQUIRED", "off_block", "is not set; say when it goes off block.")
        return TimetableFlight(
            id=message.id,
            origin=message.origin,
            destination=message.destination,
            off_block=self._window(message, "off_block", found),
            types=frozenset(message.aircraft_types),
            required=not message.skippable,
            value=message.value,
        )

    def pilot(self, message: pb.Pilot, found: Violations) -> Pilot:
        return Pilot(
            id=message.id,
            base=message.base,
            shift=self._window(message, "shift", found),
            types=frozenset(message.aircraft_types),
            max_duty_s=self._limit(message, "max_duty", FOREVER, found),
            max_flight_s=self._limit(message, "max_flight", FOREVER, found),
            max_work_s=self._limit(message, "max_work", FOREVER, found),
            break_s=self.duration(message, "least_break", found),
        )

    def _downtime(self, message: pb.Downtime, found: Violations) -> Downtime:
        if not message.HasField("window"):
            found.add("REQUIRED", "window", "is not set; say when.")
        return Downtime(
            window=self._window(message, "window", found),
            vertiport=message.vertiport if message.HasField("vertiport") else None,
        )

    def _tariff(self, message: pb.TariffStep, found: Violations) -> TariffStep:
        return TariffStep(self.moment(message, "start_time", 0, found), message.price_per_kwh)

    def _leg(self, message: pb.LegStep, found: Violations) -> LegStep:
        return LegStep(
            self.moment(message, "start_time", 0, found),
            self.duration(message, "flight_time", found),
            message.energy_wh,
        )

    def _span(self, message: Any, field: str, unset: int, found: Violations) -> int:
        return self.duration(message, field, found) if message.HasField(field) else unset

    def _limit(self, message: Any, field: str, unset: Any, found: Violations) -> Any:
        return self.duration(message, field, found) if message.HasField(field) else unset

    def _window(self, message: Any, field: str, found: Violations) -> TimeWindow:
        if not message.HasField(field):
            return self.horizon
        return self.window(getattr(message, field), found.at(field))


class _PlanReader(Reader):
    """Reads the events of one day plan."""

    def flight(self, message: pb.Flight, found: Violations) -> Flight:
        return Flight(
            aircraft=message.aircraft,
            origin=message.origin,
            destination=message.destination,
            off_block=self._stated(message, "off_block_time", found),
            departure=self._stated(message, "departure_time", found),
            landing=self._stated(message, "landing_time", found),
            on_block=self._stated(message, "on_block_time", found),
            trips=tuple(message.trips),
            energy_wh=message.energy_wh,
            soc_before_wh=message.soc_before_wh,
            soc_after_wh=message.soc_after_wh,
            timetable=message.timetable_flight if message.HasField("timetable_flight") else None,
            pilot=message.pilot if message.HasField("pilot") else None,
        )

    def charge(self, message: pb.Charge, found: Violations) -> Charge:
        return Charge(
            aircraft=message.aircraft,
            vertiport=message.vertiport,
            charger=message.charger,
            start=self._stated(message, "start_time", found),
            end=self._stated(message, "end_time", found),
            power_w=whole(message.power_w, "power_w", found),
            soc_before_wh=message.soc_before_wh,
            soc_after_wh=message.soc_after_wh,
        )

    def unserved(self, message: pb.UnservedTrip, found: Violations) -> UnservedTrip:
        for i, reason in enumerate(message.reasons):
            if reason not in _REASONS:
                found.add("ENUM", f"reasons[{i}]", f"is {reason}, no reason of this version.")
        return UnservedTrip(
            message.trip, tuple(_REASONS[r] for r in message.reasons if r in _REASONS)
        )

    def _stated(self, message: Any, field: str, found: Violations) -> int:
        if not message.HasField(field):
            found.add("REQUIRED", field, "is not set; a plan states every moment.")
        return self.moment(message, field, 0, found)


def _horizon(message: pb.AirTaxiProblem, found: Violations) -> tuple[Clock, TimeWindow]:
    """Return the clock that counts from the horizon's start, and the horizon."""
    stated = message.horizon
    for field in ("start_time", "end_time"):
        if not stated.HasField(field):
            found.add("REQUIRED", f"horizon.{field}", "is not set; give both ends of the day.")
    start = Reader(Clock()).moment(stated, "start_time", 0, found.at("horizon"))
    clock = Clock(start)
    end = Reader(clock).moment(stated, "end_time", 1, found.at("horizon"))
    return clock, TimeWindow(0, max(1, end))


def _bound(message: pb.FlightPlan, found: Violations) -> int | None:
    if not message.summary.HasField("bound"):
        return None
    if not math.isfinite(message.summary.bound):
        found.add("NOT_FINITE", "summary.bound", "is no finite number; leave it unset.")
        return None
    return math.ceil(message.summary.bound)


def _cost(message: pb.FlightPlan, found: Violations) -> Cost:
    try:
        return Cost(message.cost.total, dict(message.cost.components))
    except ValueError as fault:
        found.add("COST", "cost", str(fault).capitalize())
        return Cost(0)


def _field_path(path: str) -> str:
    """Return the message's path of a path of the domain."""
    for pattern, name in _RENAMED:
        path = pattern.sub(name, path)
    return path
