"""Air taxis: the network, the fleet, the demand, day plans and their checker.

The model is defined to the second and the watt-hour in
``docs/airtaxi_model.md``.
"""

from router.airtaxi.charging import ChargeCurve as ChargeCurve
from router.airtaxi.demand import TimetableFlight as TimetableFlight
from router.airtaxi.demand import Trip as Trip
from router.airtaxi.fleet import Aircraft as Aircraft
from router.airtaxi.fleet import AircraftType as AircraftType
from router.airtaxi.fleet import Downtime as Downtime
from router.airtaxi.fleet import Pilot as Pilot
from router.airtaxi.network import ChargerGroup as ChargerGroup
from router.airtaxi.network import Corridor as Corridor
from router.airtaxi.network import LegStep as LegStep
from router.airtaxi.network import TariffStep as TariffStep
from router.airtaxi.network import Vertiport as Vertiport
from router.airtaxi.problem import AirTaxiProblem as AirTaxiProblem
from router.airtaxi.schedule import Charge as Charge
from router.airtaxi.schedule import Flight as Flight
from router.airtaxi.schedule import FlightPlan as FlightPlan
from router.airtaxi.schedule import UnservedReason as UnservedReason
from router.airtaxi.schedule import UnservedTrip as UnservedTrip
