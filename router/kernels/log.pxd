"""The undo log: what an iteration changes is copied once before it changes.

Invariant: between `begin` and `rollback` or `commit`, a node, route or trip is
written only after `touch_*` in the same iteration, so that writing the copies
back restores the plan exactly. Cost is proportional to what was touched.
"""

from libc.string cimport memcpy

from router.kernels.model cimport DURATION, NONE, PLAIN, Search, int32_t, int64_t


cdef inline void begin(Search* s) noexcept nogil:
    """Start an iteration with empty logs."""
    s.stamp += 1
    s.logged = 0
    s.routes_logged = 0
    s.trips_logged = 0
    s.pool_count = 0
    s.lead = NONE


cdef inline void touch_node(Search* s, int32_t v) noexcept nogil:
    """Save node v unless this iteration did."""
    cdef int32_t k
    if s.nodes[v].stamp == s.stamp:
        return
    k = s.logged
    s.logged = k + 1
    s.node_of[k] = v
    s.node_log[k] = s.nodes[v]
    s.node_trip_log[k] = s.trip[v]
    s.nodes[v].stamp = s.stamp
    if s.p.kind != PLAIN:
        s.moment_log[k] = s.moments[v]
        if s.spans != NULL:
            s.span_log[k] = s.spans[v]
        if s.aboard != NULL:
            memcpy(s.aboard_log + <int64_t>k * s.p.dims, s.aboard + <int64_t>v * s.p.dims,
                   s.p.dims * sizeof(int64_t))


cdef inline void touch_route(Search* s, int32_t r) noexcept nogil:
    """Save route r unless this iteration did."""
    if s.routes[r].stamp == s.stamp:
        return
    s.route_of[s.routes_logged] = r
    s.route_log[s.routes_logged] = s.routes[r]
    s.routes_logged += 1
    s.routes[r].stamp = s.stamp


cdef inline void touch_trip(Search* s, int32_t t) noexcept nogil:
    """Save the free room of trip t unless this iteration did."""
    cdef int32_t a
    if s.trip_stamp[t] == s.stamp:
        return
    s.trip_of[s.trips_logged] = t
    for a in range(s.p.adds):
        s.room_log[<int64_t>s.trips_logged * s.p.adds + a] = s.room[<int64_t>t * s.p.adds + a]
    s.trips_logged += 1
    s.trip_stamp[t] = s.stamp


cdef inline void stack_if_empty(Search* s, int32_t r) noexcept nogil:
    """Offer an empty slot for new routes."""
    cdef int32_t type
    if s.routes[r].size == 0 and not s.stacked[r]:
        type = s.p.slot_type[r]
        s.empty[s.p.first_slot[type] + s.empty_count[type]] = r
        s.empty_count[type] += 1
        s.stacked[r] = 1


cdef inline int32_t empty_slot(Search* s, int32_t type) noexcept nogil:
    """Return an empty slot of the type, or NONE; drops stale entries."""
    cdef int32_t r
    while s.empty_count[type] > 0:
        r = s.empty[s.p.first_slot[type] + s.empty_count[type] - 1]
        if s.routes[r].size == 0:
            return r
        s.empty_count[type] -= 1
        s.stacked[r] = 0
    return NONE


cdef inline void rollback(Search* s) noexcept nogil:
    """Undo the iteration's changes to nodes, routes and trips."""
    cdef int32_t k, v, a, g
    if s.p.groups > 0:
        for k in range(s.logged):
            v = s.node_of[k]
            if v < s.p.n and s.p.group[v] != NONE and s.group_served[s.p.group[v]] == v:
                s.group_served[s.p.group[v]] = NONE
    for k in range(s.logged):
        v = s.node_of[k]
        s.nodes[v] = s.node_log[k]
        s.trip[v] = s.node_trip_log[k]
        if s.p.kind != PLAIN:
            s.moments[v] = s.moment_log[k]
            if s.spans != NULL:
                s.spans[v] = s.span_log[k]
            if s.aboard != NULL:
                memcpy(s.aboard + <int64_t>v * s.p.dims, s.aboard_log + <int64_t>k * s.p.dims,
                       s.p.dims * sizeof(int64_t))
        if s.p.groups > 0 and v < s.p.n:
            g = s.p.group[v]
            if g != NONE and s.nodes[v].route != NONE:
                s.group_served[g] = v
    for k in range(s.routes_logged):
        s.routes[s.route_of[k]] = s.route_log[k]
        stack_if_empty(s, s.route_of[k])
    for k in range(s.trips_logged):
        for a in range(s.p.adds):
            s.room[<int64_t>s.trip_of[k] * s.p.adds + a] = s.room_log[<int64_t>k * s.p.adds + a]
