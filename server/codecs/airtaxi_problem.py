"""Air-taxi problems as messages: what a caller sends who has the domain object.

The reverse of :func:`server.codecs.airtaxi.decode_problem`, which gives back an
equal problem where the horizon starts at 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from alatau.airtaxi.v1 import planning_pb2 as pb
from alatau.common.v1 import time_pb2, travel_pb2
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from router.airtaxi.demand import TimetableFlight, Trip
from router.airtaxi.fleet import Aircraft, AircraftType, Pilot
from router.airtaxi.network import ChargerGroup, Corridor, LegStep, Vertiport
from router.airtaxi.problem import AirTaxiProblem
from router.timewindow import FOREVER, TimeWindow
from server.codecs.clock import Clock


def encode_problem(problem: AirTaxiProblem, clock: Clock) -> pb.AirTaxiProblem:
    """Return the message of a problem whose times count from the clock's start."""
    writer = _Writer(clock)
    return pb.AirTaxiProblem(
        name=problem.name,
        horizon=writer.window(problem.horizon),
        vertiports=[writer.vertiport(port) for port in problem.vertiports],
        corridors=[writer.corridor(corridor) for corridor in problem.corridors],
        aircraft_types=[_aircraft_type(kind) for kind in problem.types],
        aircraft=[writer.aircraft(tail) for tail in problem.aircraft],
        trips=[writer.trip(trip) for trip in problem.trips],
        timetable=[writer.timetable_flight(flight) for flight in problem.timetable],
        pilots=[writer.pilot(pilot) for pilot in problem.pilots],
        currency=problem.currency,
    )


class _Writer:
    """Writes the nouns of one problem that hold moments."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def window(self, window: TimeWindow) -> time_pb2.TimeWindow:
        return time_pb2.TimeWindow(
            start_time=self._clock.outside(window.start), end_time=self._bounded(window.end)
        )

    def vertiport(self, port: Vertiport) -> pb.Vertiport:
        tariff = (
            pb.TariffStep(
                start_time=self._clock.outside(step.start), price_per_kwh=step.price_per_kwh
            )
            for step in port.tariff
        )
        return pb.Vertiport(
            id=port.id,
            name=port.name,
            position=travel_pb2.GeoPoint(latitude=port.lat, longitude=port.lon),
            elevation_m=port.elevation_m,
            pads=port.pads,
            takeoff=Duration(seconds=port.takeoff_s),
            landing=Duration(seconds=port.landing_s),
            taxi=Duration(seconds=port.taxi_s),
            stands=port.stands,
            chargers=[_charger(group) for group in port.chargers],
            power_limit_w=port.power_limit_w,
            opening=[self.window(window) for window in port.opening],
            tariff=tariff,
            landing_fee=port.landing_fee,
            stand_cost_per_hour=port.stand_cost_per_hour,
        )

    def corridor(self, corridor: Corridor) -> pb.Corridor:
        own = (
            pb.TypeLegs(aircraft_type=kind, steps=self._legs(steps))
            for kind, steps in corridor.type_legs.items()
        )
        return pb.Corridor(
            origin=corridor.origin,
            destination=corridor.destination,
            distance_m=corridor.distance_m,
            headway=Duration(seconds=corridor.headway_s),
            legs=self._legs(corridor.legs),
            type_legs=own,
            closures=[self.window(window) for window in corridor.closures],
        )

    def aircraft(self, tail: Aircraft) -> pb.Aircraft:
        downtimes = (
            pb.Downtime(window=self.window(down.window), vertiport=down.vertiport)
            for down in tail.downtimes
        )
        return pb.Aircraft(
            id=tail.id,
            aircraft_type=tail.type,
            start=tail.start,
            soc_wh=tail.soc_wh,
            available_from_time=self._clock.outside(tail.available_from),
            available_until_time=self._bounded(tail.available_until),
            downtimes=downtimes,
            end=tail.end,
            final_soc_wh=tail.final_soc_wh,
        )

    def trip(self, trip: Trip) -> pb.Trip:
        by = None if trip.arrive_by is None else self._clock.outside(trip.arrive_by)
        return pb.Trip(
            id=trip.id,
            origin=trip.origin,
            destination=trip.destination,
            party=trip.party,
            weight_kg=trip.weight_kg,
            departure=self.window(trip.departure),
            arrive_by_time=by,
            max_stops=trip.max_stops,
            max_ride=_span(trip.max_ride_s),
            value=trip.value,
            wait_cost_per_second=trip.wait_cost_per_s,
            promised=trip.promised,
            alone=not trip.may_share,
        )

    def timetable_flight(self, flight: TimetableFlight) -> pb.TimetableFlight:
        return pb.TimetableFlight(
            id=flight.id,
            origin=flight.origin,
            destination=flight.destination,
            off_block=self.window(flight.off_block),
            aircraft_types=sorted(flight.types),
            skippable=not flight.required,
            value=flight.value,
        )

    def pilot(self, pilot: Pilot) -> pb.Pilot:
        return pb.Pilot(
            id=pilot.id,
            base=pilot.base,
            shift=self.window(pilot.shift),
            aircraft_types=sorted(pilot.types),
            max_duty=_limit(pilot.max_duty_s),
            max_flight=_limit(pilot.max_flight_s),
            max_work=_limit(pilot.max_work_s),
            least_break=Duration(seconds=pilot.break_s),
        )

    def _legs(self, steps: Sequence[LegStep]) -> list[pb.LegStep]:
        return [
            pb.LegStep(
                start_time=self._clock.outside(step.start),
                flight_time=Duration(seconds=step.seconds),
                energy_wh=step.energy_wh,
            )
            for step in steps
        ]

    def _bounded(self, moment: int) -> Timestamp | None:
        return None if moment >= FOREVER else self._clock.outside(moment)


def _aircraft_type(kind: AircraftType) -> pb.AircraftType:
    return pb.AircraftType(
        id=kind.id,
        seats=kind.seats,
        payload_kg=kind.payload_kg,
        battery_wh=kind.battery_wh,
        reserve_wh=kind.reserve_wh,
        charge_curve=[
            pb.ChargePoint(soc_wh=soc, power_w=power) for soc, power in kind.curve.points
        ],
        turnaround=Duration(seconds=kind.turnaround_s),
        connect=Duration(seconds=kind.connect_s),
        disconnect=Duration(seconds=kind.disconnect_s),
        cost_per_flight=kind.cost_per_flight,
        cost_per_flight_second=kind.cost_per_flight_s,
        day_cost=kind.day_cost,
        needs_pilot=kind.needs_pilot,
    )


def _charger(group: ChargerGroup) -> pb.ChargerGroup:
    return pb.ChargerGroup(
        id=group.id,
        count=group.count,
        power_w=group.power_w,
        efficiency_permille=group.efficiency_permille,
    )


def _span(seconds: int | None) -> Duration | None:
    return None if seconds is None else Duration(seconds=seconds)


def _limit(seconds: int) -> Duration | None:
    return None if seconds >= FOREVER else Duration(seconds=seconds)
