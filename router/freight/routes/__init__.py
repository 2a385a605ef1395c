"""Vehicle routes: the problem, plans and their checker.

``docs/constraints.md`` defines what a plan must keep and costs. The solver is
:func:`router.freight.routes.solve.solve`; importing it loads the compiled search.
"""

from router.freight.routes.check import check as check_plan
from router.freight.routes.check import price as price
from router.freight.routes.plan import Route as Route
from router.freight.routes.plan import RoutePlan as RoutePlan
from router.freight.routes.plan import Stop as Stop
from router.freight.routes.plan import StopKind as StopKind
from router.freight.routes.plan import Unserved as Unserved
from router.freight.routes.plan import UnservedReason as UnservedReason
from router.freight.routes.problem import BackhaulRule as BackhaulRule
from router.freight.routes.problem import Depot as Depot
from router.freight.routes.problem import Group as Group
from router.freight.routes.problem import Location as Location
from router.freight.routes.problem import RoutingProblem as RoutingProblem
from router.freight.routes.problem import Shipment as Shipment
from router.freight.routes.problem import ShipmentStop as ShipmentStop
from router.freight.routes.problem import VehicleType as VehicleType
from router.freight.routes.problem import Visit as Visit
from router.freight.routes.schedule import RouteSchedule as RouteSchedule
from router.freight.routes.schedule import schedule as schedule_plan

__all__ = [
    "BackhaulRule",
    "Depot",
    "Group",
    "Location",
    "Route",
    "RoutePlan",
    "RouteSchedule",
    "RoutingProblem",
    "Shipment",
    "ShipmentStop",
    "Stop",
    "StopKind",
    "Unserved",
    "UnservedReason",
    "VehicleType",
    "Visit",
    "check_plan",
    "price",
    "schedule_plan",
]
