"""Judges a flow plan against its problem, sharing no code with any solver.

Every rule is one small function that looks at the plan as stated and notes
what it breaks; the cost is counted anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import TypeVar

from router.errors import Violations
from router.freight.claims import check_claims
from router.freight.flows.plan import FlowPlan
from router.freight.flows.problem import Commodity, FlowProblem, Mode
from router.solving import CheckReport, Cost

_Key = TypeVar("_Key", str, tuple[str, Mode, Mode])


def check(problem: FlowProblem, plan: FlowPlan) -> CheckReport:
    """Return every broken rule of ``plan`` and its cost counted anew."""
    return _Judge(problem, plan).verdict()


class _Judge:
    """The problem and the plan as tables, and the rules on them."""

    def __init__(self, problem: FlowProblem, plan: FlowPlan) -> None:
        self.problem, self.plan = problem, plan
        self.found = Violations()
        self.lanes = {lane.id: lane for lane in problem.lanes}
        self.goods = {goods.id: goods for goods in problem.commodities}
        self.changes = {(c.node, c.from_mode, c.to_mode): c for c in problem.interchanges}
        flows = [(f.lane, f.commodity, f.amount) for f in plan.flows]
        moves = [
            ((m.node, m.from_mode, m.to_mode), m.commodity, m.amount) for m in plan.interchanges
        ]
        self.flows = self._amounts(flows, self.lanes, "flows", "LANE")
        self.moves = self._amounts(moves, self.changes, "interchanges", "INTERCHANGE")
        self.departures = self._departures()
        self.unshipped = self._unshipped()

    def verdict(self) -> CheckReport:
        """Apply every rule and count the cost."""
        self._lane_capacity()
        self._handling_capacity()
        for goods in self.problem.commodities:
            self._conservation(goods)
        cost = self._cost()
        check_claims(self.plan, cost, self.found)
        return CheckReport(tuple(self.found), cost)

    def _amounts(
        self,
        items: Iterable[tuple[_Key, str, int]],
        known: Collection[_Key],
        path: str,
        kind: str,
    ) -> Counter[tuple[_Key, str]]:
        """UNKNOWN_…, NOT_POSITIVE: return amounts by (lane or change, commodity)."""
        amounts: Counter[tuple[_Key, str]] = Counter()
        for i, (key, commodity, amount) in enumerate(items):
            if key not in known:
                text = f"the problem has no {kind.lower()} '{_spoken(key)}'."
                self.found.add(f"UNKNOWN_{kind}", f"{path}[{i}]", text)
            elif commodity not in self.goods:
                text = f"'{commodity}' is not among the commodities."
                self.found.add("UNKNOWN_COMMODITY", f"{path}[{i}].commodity", text)
            elif amount <= 0:
                text = f"is {amount}; list amounts above 0 only."
                self.found.add("NOT_POSITIVE", f"{path}[{i}].amount", text)
            else:
                amounts[key, commodity] += amount
        return amounts

    def _departures(self) -> Counter[str]:
        """UNKNOWN_LANE, NOT_POSITIVE, TOO_MANY_DEPARTURES: return counts by lane."""
        counts: Counter[str] = Counter()
        for i, item in enumerate(self.plan.departures):
            path = f"departures[{i}]"
            if item.lane not in self.lanes:
                text = f"'{item.lane}' is not among the lanes."
                self.found.add("UNKNOWN_LANE", f"{path}.lane", text)
            elif item.count <= 0:
                text = f"is {item.count}; list lanes with departures only."
                self.found.add("NOT_POSITIVE", f"{path}.count", text)
            else:
                counts[item.lane] += item.count
        for name, count in counts.items():
            most = self.lanes[name].max_departures
            if most is not None and count > most:
                text = f"{count} departures on '{name}', which has at most {most}."
                self.found.add("TOO_MANY_DEPARTURES", "departures", text)
        return counts

    def _unshipped(self) -> Counter[str]:
        """UNKNOWN_COMMODITY, NOT_POSITIVE, REQUIRED_COMMODITY: amounts left."""
        left: Counter[str] = Counter()
        for i, item in enumerate(self.plan.unshipped):
            path = f"unshipped[{i}]"
            if item.commodity not in self.goods:
                text = f"'{item.commodity}' is not among the commodities."
                self.found.add("UNKNOWN_COMMODITY", f"{path}.commodity", text)
            elif item.amount <= 0:
                text = f"is {item.amount}; list amounts above 0 only."
                self.found.add("NOT_POSITIVE", f"{path}.amount", text)
            else:
                left[item.commodity] += item.amount
                if self.goods[item.commodity].penalty is None:
                    text = f"{item.amount} of '{item.commodity}' are left, but all must be shipped."
                    self.found.add("REQUIRED_COMMODITY", path, text)
        return left

    def _lane_capacity(self) -> None:
        """LANE_CAPACITY: departures carry what flows."""
        for lane in self.problem.lanes:
            load = sum(self.flows[lane.id, goods] for goods in self.goods)
            room = lane.capacity * self.departures[lane.id]
            if load > room:
                text = f"carries {load}, but its departures have room for {room}."
                self.found.add("LANE_CAPACITY", f"lanes[{lane.id}]", text)

    def _handling_capacity(self) -> None:
        """HANDLING_CAPACITY: no node changes the mode of more than it can."""
        handled: Counter[str] = Counter()
        for ((node, _, _), _), amount in self.moves.items():
            handled[node] += amount
        for place in self.problem.nodes:
            room = place.handling_capacity
            if room is not None and handled[place.id] > room:
                text = f"handles {handled[place.id]}, but can handle {room}."
                self.found.add("HANDLING_CAPACITY", f"nodes[{place.id}]", text)

    def _conservation(self, goods: Commodity) -> None:
        """AMOUNT, CONSERVATION: what enters a place in a mode leaves it in that mode."""
        net: Counter[tuple[str, Mode]] = Counter()
        for lane in self.problem.lanes:
            amount = self.flows[lane.id, goods.id]
            net[lane.origin, lane.mode] -= amount
            net[lane.destination, lane.mode] += amount
        for node, before, after in self.changes:
            amount = self.moves[(node, before, after), goods.id]
            net[node, before] -= amount
            net[node, after] += amount
        sent = -sum(v for (node, _), v in net.items() if node == goods.origin)
        path = f"commodities[{goods.id}]"
        left = self.unshipped[goods.id]
        if sent + left != goods.amount:
            text = f"{sent} shipped and {left} left do not sum to {goods.amount}."
            self.found.add("AMOUNT", path, text)
        for (node, mode), value in sorted(net.items()):
            allowed = (node == goods.origin and value <= 0) or (
                node == goods.destination and value >= 0
            )
            if value and not allowed:
                text = f"{mode} brings {value:+d} more to '{node}' than it takes on."
                self.found.add("CONSERVATION", path, text)

    def _cost(self) -> Cost:
        opening = departures = transport = interchange = time = 0
        for lane in self.problem.lanes:
            opening += lane.opening_cost if self.departures[lane.id] else 0
            departures += lane.departure_cost * self.departures[lane.id]
        for (name, commodity), amount in self.flows.items():
            lane = self.lanes[name]
            transport += amount * lane.unit_cost
            time += amount * self._time_cost(commodity, lane.duration)
        for (key, commodity), amount in self.moves.items():
            change = self.changes[key]
            interchange += amount * change.unit_cost
            time += amount * self._time_cost(commodity, change.duration)
        left = sum((self.goods[k].penalty or 0) * amount for k, amount in self.unshipped.items())
        return Cost.of(
            opening=opening,
            departures=departures,
            transport=transport,
            interchange=interchange,
            time=time,
            unshipped=left,
        )

    def _time_cost(self, commodity: str, duration: int) -> int:
        return -(-self.goods[commodity].hour_cost * duration // 3600)


def _spoken(key: str | tuple[str, Mode, Mode]) -> str:
    return key if isinstance(key, str) else " ".join(key)
