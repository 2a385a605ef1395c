"""Trips of vehicles that reload: giving up reloads, and moving trips between vehicles.

A route is cut where a trip begins: at its start, at a reload, or at its end.
Crossing two routes at such cuts costs next to nothing, which is why insertion
alone never finds it, but it decides how much time each trip has.
"""

from router.kernels.jobs cimport new_reload
from router.kernels.judge cimport judge
from router.kernels.log cimport empty_slot
from router.kernels.model cimport NONE, Search, int32_t
from router.kernels.refresh cimport refresh
from router.kernels.rng cimport below, uniform
from router.kernels.tour cimport depot_at, first_node, put, take

ctypedef struct Cut:
    int32_t last     # last node before the cut: a stop or the start
    int32_t reload   # reload at the cut, or NONE
    int32_t onward   # first node behind it: a stop or the end


cdef inline void merge_trips(Search* s, int32_t r) noexcept nogil:
    """Give up about half of the reloads that route r can do without."""
    cdef int32_t end = first_node(s, r) + 1, v = s.nodes[end - 1].next, before, after
    while v != end:
        after = s.nodes[v].next
        if v >= s.p.reloads_at and uniform(s) < 0.5:
            before = s.nodes[v].prev
            take(s, v)
            if refresh(s, r) != NONE:
                put(s, r, v, before)
                refresh(s, r)
        v = after


cdef inline Cut random_cut(Search* s, int32_t r) noexcept nogil:
    """Cut route r at its start, its end or a reload, each with equal chance."""
    cdef Cut cut
    cdef int32_t k = below(s, s.routes[r].reloads + 2), v = first_node(s, r)
    cut.reload = NONE
    if k == s.routes[r].reloads + 1:
        cut.last = s.nodes[v + 1].prev
        cut.onward = v + 1
        return cut
    cut.last = v
    while k > 0:
        v = s.nodes[v].next
        k -= v >= s.p.reloads_at
    if v >= s.p.reloads_at:
        cut.last = s.nodes[v].prev
        cut.reload = v
    cut.onward = s.nodes[v].next
    return cut


cdef inline int32_t joined(
    Search* s, int32_t r, const Cut* front, const Cut* rear, int32_t end, int32_t depot,
    int32_t* items
) noexcept nogil:
    """Write what leads to one cut, then what follows another up to its end."""
    cdef int32_t v = first_node(s, r), m = 0
    while v != front.last:
        v = s.nodes[v].next
        items[m] = v if v < s.p.n else -1 - depot_at(s, v)
        m += 1
    if m > 0 and rear.onward != end:
        items[m] = -1 - depot
        m += 1
    v = rear.onward
    while v != end:
        items[m] = v if v < s.p.n else -1 - depot_at(s, v)
        m += 1
        v = s.nodes[v].next
    return m


cdef inline int32_t lift(Search* s, int32_t v, int32_t end, int32_t* nodes) noexcept nogil:
    """Take all nodes from v to before the end out of their route; return how many."""
    cdef int32_t m = 0, after
    while v != end:
        after = s.nodes[v].next
        nodes[m] = v
        m += 1
        take(s, v)
        v = after
    return m


cdef inline void lay(
    Search* s, int32_t r, int32_t last, int32_t reload, const int32_t* nodes, int32_t m
) noexcept nogil:
    """Put nodes after the last one of route r, with a reload between where both are."""
    cdef int32_t k
    if m > 0 and last != first_node(s, r):
        put(s, r, reload, last)
        last = reload
    for k in range(m):
        put(s, r, nodes[k], last)
        last = nodes[k]


cdef inline void cross(Search* s, int32_t r, int32_t q) noexcept nogil:
    """Exchange what follows random cuts of two routes of one type, if both stay feasible."""
    cdef Cut a = random_cut(s, r), b = random_cut(s, q)
    cdef int32_t type = s.routes[r].type, r_end = first_node(s, r) + 1, q_end = first_node(s, q) + 1
    cdef int32_t one = b.reload, other = a.reload, m, k, count
    count = s.p.reload_first[type + 1] - s.p.reload_first[type]
    if one == NONE:
        one = other
        other = NONE
    if one == NONE:
        one = new_reload(s, s.p.reload_depots[s.p.reload_first[type] + below(s, count)])
    if other == NONE:
        other = new_reload(s, s.p.reload_depots[s.p.reload_first[type] + below(s, count)])
    if one == NONE or other == NONE:
        return
    m = joined(s, r, &a, &b, q_end, depot_at(s, one), s.scratch)
    if not judge(s, type, s.scratch, m).feasible:
        return
    m = joined(s, q, &b, &a, r_end, depot_at(s, other), s.scratch)
    if not judge(s, type, s.scratch, m).feasible:
        return
    if a.reload != NONE:
        take(s, a.reload)
    if b.reload != NONE:
        take(s, b.reload)
    m = lift(s, a.onward, r_end, s.scratch)
    k = lift(s, b.onward, q_end, s.scratch + m)
    lay(s, r, a.last, one, s.scratch + m, k)
    lay(s, q, b.last, other, s.scratch, m)
    refresh(s, r)
    refresh(s, q)


cdef inline void cross_trips(Search* s) noexcept nogil:
    """Cross a route that this iteration touched with another such or an unused vehicle."""
    cdef int32_t r, q, type
    if s.routes_logged == 0:
        return
    r = s.route_of[below(s, s.routes_logged)]
    q = s.route_of[below(s, s.routes_logged)]
    type = s.routes[r].type
    if s.p.reload_first[type + 1] == s.p.reload_first[type] or s.routes[r].size == 0:
        return
    if q == r or s.routes[q].type != type:
        q = empty_slot(s, type)
    if q != NONE and q != r:
        cross(s, r, q)
