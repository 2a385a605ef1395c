"""Bring all that is known of a route up to date after it changed.
"""

from router.kernels.judge cimport earliest_start, judge
from router.kernels.log cimport touch_node, touch_route, touch_trip
from router.kernels.model cimport GENERAL, NONE, PAIRED, PLAIN, Search, Verdict, int32_t, int64_t
from router.kernels.tour cimport (
    depot_at, first_node, head_release, latest_at, ready_at, refresh_times, take,
)


cdef inline void refresh_aboard(Search* s, int32_t r) noexcept nogil:
    """Recompute what shipments weigh aboard after each stop."""
    cdef int32_t start = first_node(s, r), end = start + 1, v = s.nodes[start].next, before, d
    cdef int64_t dims = s.p.dims
    while v != end:
        touch_node(s, v)
        before = s.nodes[v].prev
        for d in range(s.p.dims):
            s.aboard[v * dims + d] = s.p.carry[v * dims + d] + (
                0 if before == start else s.aboard[before * dims + d])
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


cdef inline void relabel_trips(Search* s, int32_t r) noexcept nogil:
    """Recompute trip labels, room and releases of a route with reloads."""
    cdef int32_t start = first_node(s, r), v = s.nodes[start].next, t = r, a
    cdef int32_t type = s.routes[r].type
    cdef int64_t adds = s.p.adds
    touch_trip(s, t)
    touch_node(s, start)
    for a in range(s.p.adds):
        s.room[t * adds + a] = s.p.capacity[type * adds + a]
    while v != start + 1:
        touch_node(s, v)
        if v >= s.p.reloads_at:
            t = s.p.slots + v - s.p.reloads_at
            touch_trip(s, t)
            for a in range(s.p.adds):
                s.room[t * adds + a] = s.p.capacity[type * adds + a]
        else:
            for a in range(s.p.adds):
                s.room[t * adds + a] -= s.p.add[v * adds + a]
        s.nodes[v].trip = t
        v = s.nodes[v].next


cdef inline int32_t refresh_general(Search* s, int32_t r) noexcept nogil:
    """Recompute everything of a route; return a node that breaks a rule, or NONE.

    Times are those of starting as early as possible, and exact for `ready`.
    """
    cdef int32_t start = first_node(s, r), end = start + 1, v, type = s.routes[r].type, m
    cdef Verdict verdict
    touch_node(s, end)
    drop_idle_reloads(s, r)
    relabel_trips(s, r)
    m = items_of(s, r, s.scratch)
    verdict = judge(s, type, s.scratch, m)
    s.routes[r].duration = verdict.duration
    if not verdict.feasible:
        return verdict.culprit if verdict.culprit >= 0 else s.nodes[end].prev
    s.moments[start].ready = (max(earliest_start(s, type), head_release(s, start))
                              + s.p.depot_service[s.p.start[type]])
    v = s.nodes[start].next
    while True:
        s.moments[v].ready = ready_at(s, r, v)
        if v == end:
            break
        v = s.nodes[v].next
    v = s.nodes[end].prev
    while v != start:
        s.moments[v].latest = latest_at(s, r, v)
        v = s.nodes[v].prev
    return NONE


cdef inline int32_t refresh(Search* s, int32_t r) noexcept nogil:
    """Restore the invariant of route r; return a node that breaks a rule, or NONE."""
    cdef int32_t found
    touch_route(s, r)
    if s.p.kind == PLAIN:
        return NONE
    if s.p.kind == GENERAL:
        touch_node(s, first_node(s, r) + 1)
        return refresh_general(s, r)
    found = refresh_times(s, r)
    if found == NONE and s.p.kind == PAIRED:
        refresh_aboard(s, r)
    return found
