"""Which kernels a problem needs."""

from __future__ import annotations

import numpy as np

from router.freight.routes.compile.tables import Arrays
from router.freight.routes.problem import BackhaulRule, RoutingProblem
from router.search.problem import FAR, Feature, Kind
from router.timewindow import FOREVER, TimeWindow


def classify(problem: RoutingProblem, stops: Arrays, fleet: Arrays) -> tuple[Kind, Feature, Arrays]:
    """Return the kind, the features, and the loads that simply add up."""
    features = _features(problem, stops, fleet)
    deliver, collect = stops["deliver"], stops["collect"]
    nature = (deliver.any(axis=1) * 1 + collect.any(axis=1) * 2).astype(np.int32)
    ruled = problem.backhaul is not BackhaulRule.MIXED
    both = bool(deliver.any() and collect.any())
    if both and not ruled:
        features |= Feature.MIXED
    plain_natures = bool(np.isin(nature, (1, 2)).all())
    if ruled and plain_natures:
        features |= Feature.BACKHAUL
    pairs = bool(features & Feature.PAIRS)
    used = [np.flatnonzero(table.any(axis=0)) for table in (deliver, collect)]
    add = np.concatenate([deliver[:, used[0]], collect[:, used[1]]], axis=1)
    hold = fleet["hold"]
    capacity = np.concatenate([hold[:, used[0]], hold[:, used[1]]], axis=1)
    loads = {
        "add": np.ascontiguousarray(add),
        "capacity": np.ascontiguousarray(capacity),
        "nature": nature,
    }
    hard = bool(features & (Feature.RELOADS | Feature.MIXED | Feature.RELEASES))
    hard = hard or (ruled and not plain_natures) or len(problem.travel) > 1
    hard = hard or (pairs and (bool(problem.visits) or bool(features & Feature.DURATION)))
    hard = hard or bool(features & Feature.WINDOWS and features & Feature.DURATION)
    if hard:
        return Kind.GENERAL, features, loads
    if pairs:
        return Kind.PAIRED, features, loads
    if features & Feature.DURATION:
        return Kind.SPANNED, features, loads
    return (Kind.TIMED if _timed(problem, stops) else Kind.PLAIN), features, loads


def _features(problem: RoutingProblem, stops: Arrays, fleet: Arrays) -> Feature:
    kinds = problem.vehicle_types
    found = Feature(0)
    if len(kinds) > 1 or fleet["per_distance"][0] != 1:
        found |= Feature.FLEET
    if len(set(fleet["twin"].tolist())) < len(kinds):
        found |= Feature.TWINS
    if (fleet["max_distance"] < FAR).any() or (fleet["max_stops"] < 2**31 - 1).any():
        found |= Feature.LIMITS
    if len(fleet["allowed"]):
        found |= Feature.SKILLS
    if (stops["prize"] >= 0).any():
        found |= Feature.OPTIONAL
    if problem.groups:
        found |= Feature.GROUPS
    if fleet["reload_pool"]:
        found |= Feature.RELOADS
    if problem.shipments:
        found |= Feature.PAIRS
    if stops["release"].any():
        found |= Feature.RELEASES
    if len(stops["window_open"]) > len(stops["open"]):
        found |= Feature.WINDOWS
    if (fleet["max_duration"] < FAR).any() or fleet["per_duration"].any():
        found |= Feature.DURATION
    return found


def _timed(problem: RoutingProblem, stops: Arrays) -> bool:
    """Whether any window can bind."""
    if stops["open"].any() or (stops["close"] < FOREVER).any():
        return True
    bounds = [depot.window for depot in problem.depots]
    bounds += [kind.shift for kind in problem.vehicle_types]
    return any(window != TimeWindow() for window in bounds)
