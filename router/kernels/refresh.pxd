"""Bring all that is known of a route up to date after it changed.
"""

from router.kernels.judge cimport judge, loads_fit, order_kept, pairs_kept
from router.kernels.log cimport touch_node, touch_route, touch_trip
from router.kernels.model cimport (
    DURATION, FAR, GENERAL, MIXED, NO_WAY, NONE, PAIRED, PAIRS, PLAIN, Search, Verdict,
    int32_t, int64_t,
)
from router.kernels.tour cimport (
    depot_at, first_node, head_release, latest_at, loading, ready_at, refresh_times, take,
)


cdef inline void refresh_aboard(
    Search* s, int32_t r, int32_t first, int32_t last
) noexcept nogil:
    """Recompute what shipments weigh aboard after each stop from the first to the last."""
    cdef int32_t start = first_node(s, r), v = first, before, d
    cdef int64_t dims = s.p.dims, load
    while True:
        before = s.nodes[v].prev
        for d in range(s.p.dims):
            load = s.p.carry[v * dims + d] + (0 if before == start else s.aboard[before * dims + d])
            if load != s.aboard[v * dims + d]:
                touch_node(s, v)
                s.aboard[v * dims + d] = load
        if v == last:
            return
        v = s.nodes[v].next


cdef inline int32_t items_of(Search* s, int32_t r, int32_t* items) noexcept nogil:
    """Write route r as a sequence for `judge`; return its length."""
    cdef int32_t start = first_node(s, r), v = s.nodes[start].next, m = 0
    while v != start + 1:
        items[m] = v if v < s.p.n else -1 - depot_at(s, v)
        m += 1
        v = s.nodes[v].next
    return m


cdef inline void drop_idle_reloads(Search* s, int32_t r) noexcept nogil:
    """Remove reloads after which nothing is loaded, and such before anything."""
    cdef int32_t start = first_node(s, r), v = s.nodes[start].next, after
    while v != start + 1:
        after = s.nodes[v].next
        if v >= s.p.reloads_at and (after >= s.p.n or s.nodes[v].prev == start):
            take(s, v)
        v = after


cdef inline int32_t relabel_trips(Search* s, int32_t r) noexcept nogil:
    """Recompute trip labels and room of a route; return a stop too many, or NONE."""
    cdef int32_t start = first_node(s, r), v = s.nodes[start].next, t = r, a, found = NONE
    cdef int32_t type = s.routes[r].type
    cdef int64_t adds = s.p.adds
    touch_trip(s, t)
    for a in range(s.p.adds):
        s.room[t * adds + a] = s.p.capacity[type * adds + a]
    while v != start + 1:
        if v >= s.p.reloads_at:
            t = s.p.slots + v - s.p.reloads_at
            touch_trip(s, t)
            for a in range(s.p.adds):
                s.room[t * adds + a] = s.p.capacity[type * adds + a]
        else:
            for a in range(s.p.adds):
                s.room[t * adds + a] -= s.p.add[v * adds + a]
                if s.room[t * adds + a] < 0:
                    found = v
        if s.trip[v] != t:
            touch_node(s, v)
            s.trip[v] = t
        v = s.nodes[v].next
    return found


cdef inline bint same_moment(Search* s, int32_t v, int64_t ready, int64_t latest) noexcept nogil:
    """Set what is known of the times at node v; whether it was known before."""
    if s.moments[v].ready == ready and s.moments[v].latest == latest:
        return True
    touch_node(s, v)
    s.moments[v].ready = ready
    s.moments[v].latest = latest
    return False


cdef inline int32_t refresh_trip_times(Search* s, int32_t r) noexcept nogil:
    """Recompute the times of the whole route; return a node that is too late, or NONE."""
    cdef int32_t start = first_node(s, r), end = start + 1, v
    cdef int64_t ready = loading(s, r, start, head_release(s, start))
    if ready >= FAR:
        return s.nodes[start].next
    same_moment(s, start, ready, s.moments[start].latest)
    v = start
    while v != end:
        if s.nodes[v].arc >= NO_WAY:
            return s.nodes[v].next
        v = s.nodes[v].next
        ready = ready_at(s, r, v)
        if ready >= FAR:
            return v
        same_moment(s, v, ready, s.moments[v].latest)
    v = s.nodes[end].prev
    while v != start:
        same_moment(s, v, s.moments[v].ready, latest_at(s, r, v))
        v = s.nodes[v].prev
    return NONE


cdef inline int32_t broken_rule(Search* s, int32_t r) noexcept nogil:
    """A node where route r breaks a rule other than time and additive loads, or NONE."""
    cdef int32_t type = s.routes[r].type, m, culprit = NONE
    cdef int32_t last = s.nodes[first_node(s, r) + 1].prev
    if (s.routes[r].distance > s.p.max_distance[type] or s.routes[r].size > s.p.max_stops[type]
            or s.routes[r].reloads > s.p.max_reloads[type]):
        return last
    if not (s.p.backhaul > 0 or s.p.features & (MIXED | PAIRS)):
        return NONE
    m = items_of(s, r, s.scratch)
    if s.p.features & (MIXED | PAIRS) and not loads_fit(s, type, s.scratch, m, &culprit):
        return culprit if culprit >= 0 else last
    if s.p.backhaul > 0 and not order_kept(s, s.scratch, m, &culprit):
        return culprit
    if s.routes[r].reloads > 0 and s.p.features & PAIRS and not pairs_kept(
            s, s.scratch, m, &culprit):
        return culprit
    return NONE


cdef inline int32_t refresh_general(Search* s, int32_t r) noexcept nogil:
    """Recompute everything of a route; return a node that breaks a rule, or NONE.

    Times are those of starting as early as possible, and exact for `ready`.
    """
    cdef int32_t start = first_node(s, r), culprit
    cdef Verdict verdict
    drop_idle_reloads(s, r)
    culprit = relabel_trips(s, r)
    if s.routes[r].size == 0:
        return NONE
    if culprit == NONE:
        culprit = broken_rule(s, r)
    if culprit == NONE:
        culprit = refresh_trip_times(s, r)
    if culprit == NONE and s.p.features & DURATION:
        verdict = judge(s, s.routes[r].type, s.scratch, items_of(s, r, s.scratch))
        s.routes[r].duration = verdict.duration
        if not verdict.feasible:
            culprit = verdict.culprit if verdict.culprit >= 0 else s.nodes[start + 1].prev
    return culprit


cdef inline int32_t refresh(Search* s, int32_t r) noexcept nogil:
    """Restore the invariant of route r; return a node that breaks a rule, or NONE."""
    cdef int32_t found
    touch_route(s, r)
    if s.p.kind == PLAIN:
        return NONE
    if s.p.kind == GENERAL:
        return refresh_general(s, r)
    found = refresh_times(s, r)
    if found == NONE and s.p.kind == PAIRED and s.routes[r].size > 0:
        refresh_aboard(s, r, s.nodes[first_node(s, r)].next, s.nodes[first_node(s, r) + 1].prev)
    return found
