"""GENERAL: where could a visit go, by every rule, with reloads around it.
"""

from router.kernels.judge cimport judge
from router.kernels.model cimport NONE, RELOADS, Place, Search, Verdict, int32_t, int64_t
from router.kernels.place cimport fits, in_time
from router.kernels.rng cimport blinks
from router.kernels.tour cimport first_node, price
from router.kernels.travel cimport arc


cdef inline int32_t splice(
    Search* s, int32_t r, int32_t u, int32_t after, int32_t before_depot, int32_t after_depot,
    int32_t* items
) noexcept nogil:
    """Write route r with u (and reloads around it) after a node; return the length."""
    cdef int32_t start = first_node(s, r), v = start, m = 0
    while v != start + 1:
        if v >= s.p.reloads_at:
            items[m] = -1 - s.reload_depot[v - s.p.reloads_at]
            m += 1
        elif v != start:
            items[m] = v
            m += 1
        if v == after:
            if before_depot != NONE:
                items[m] = -1 - before_depot
                m += 1
            items[m] = u
            m += 1
            if after_depot != NONE:
                items[m] = -1 - after_depot
                m += 1
        v = s.nodes[v].next
    return m


cdef inline void look_general(
    Search* s, int32_t u, int32_t a, int32_t before_depot, int32_t after_depot, Place* best
) noexcept nogil:
    """Consider u after node a by every rule; reloads before and after it on request."""
    cdef int32_t r = s.nodes[a].route, b = s.nodes[a].next, type = s.routes[r].type, m
    cdef int32_t profile = s.p.profile[type], from_loc = s.nodes[a].loc, to_loc = s.nodes[b].loc
    cdef int32_t here = s.p.place[u]
    cdef int64_t longer = -s.nodes[a].arc, delta
    cdef Verdict verdict
    if before_depot != NONE:
        longer += arc(&s.p, profile, from_loc, s.p.depot_place[before_depot])
        from_loc = s.p.depot_place[before_depot]
    if after_depot != NONE:
        longer += arc(&s.p, profile, s.p.depot_place[after_depot], to_loc)
        to_loc = s.p.depot_place[after_depot]
    longer += arc(&s.p, profile, from_loc, here) + arc(&s.p, profile, here, to_loc)
    delta = s.p.per_distance[type] * longer
    if s.routes[r].size == 0:
        delta += s.p.fixed[type]
    if delta >= best.delta or blinks(s):
        return
    if before_depot == NONE and after_depot == NONE and not in_time(s, r, u, a, b):
        return
    m = splice(s, r, u, a, before_depot, after_depot, s.scratch)
    verdict = judge(s, type, s.scratch, m)
    if not verdict.feasible:
        return
    delta = (s.p.per_distance[type] * verdict.distance + s.p.per_duration[type] * verdict.duration
             + s.p.fixed[type] - price(s, r))
    if delta < best.delta:
        best.delta = delta
        best.route = r
        best.after = a
        best.stop = u
        best.second = NONE
        best.type = NONE
        best.reload_before = before_depot
        best.reload_after = after_depot


cdef inline void look_reloads(Search* s, int32_t u, int32_t a, Place* best) noexcept nogil:
    """Consider u after node a with a reload before it, or after it."""
    cdef int32_t type = s.routes[s.nodes[a].route].type, k
    cdef bint new_before, new_after
    new_before = s.nodes[a].next != s.nodes[a].prev and (a < s.p.n)
    new_after = s.nodes[a].next < s.p.n
    for k in range(s.p.reload_first[type], s.p.reload_first[type + 1]):
        if new_before:
            look_general(s, u, a, s.p.reload_depots[k], NONE, best)
        if new_after:
            look_general(s, u, a, NONE, s.p.reload_depots[k], best)


cdef inline void look_all_ways(Search* s, int32_t u, int32_t a, Place* best) noexcept nogil:
    """Consider u after node a, with and without a reload."""
    cdef int32_t type = s.routes[s.nodes[a].route].type
    if fits(s, u, s.nodes[a].trip):
        look_general(s, u, a, NONE, NONE, best)
    if s.p.reload_first[type + 1] > s.p.reload_first[type]:
        look_reloads(s, u, a, best)


cdef inline void look_around(Search* s, int32_t u, Place* best) noexcept nogil:
    """GENERAL: consider u at its neighbours and at the depots of their routes."""
    cdef const int32_t* near = s.p.near + <int64_t>u * s.p.near_count
    cdef int32_t k, v, r, start, w
    s.seen += 1
    for k in range(s.p.near_count):
        v = near[k]
        if v == NONE:
            break
        r = s.nodes[v].route
        if r == NONE:
            continue
        look_all_ways(s, u, v, best)
        if s.nodes[v].prev < s.p.n:
            look_all_ways(s, u, s.nodes[v].prev, best)
        if s.route_seen[r] == s.seen:
            continue
        s.route_seen[r] = s.seen
        start = first_node(s, r)
        look_all_ways(s, u, start, best)
        look_all_ways(s, u, s.nodes[start + 1].prev, best)
        w = s.nodes[start].next
        while s.p.features & RELOADS and w != start + 1:
            if w >= s.p.reloads_at:
                look_all_ways(s, u, s.nodes[w].prev, best)
                look_all_ways(s, u, w, best)
            w = s.nodes[w].next
