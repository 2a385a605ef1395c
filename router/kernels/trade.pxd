"""Vehicles: a ruined route and another one exchange theirs.

Where a fleet is limited, most vehicles are in use: handing a route to an unused one
is not enough to find who drives what. As a ruined route holds less, it fits into more
vehicles, and the other route has room in its own; insertion then fills both anew.
"""

from router.kernels.judge cimport judge, judged_price
from router.kernels.model cimport NONE, Search, Verdict, int32_t, int64_t
from router.kernels.rng cimport below, uniform
from router.kernels.swap_tails cimport lay_anew, write_between
from router.kernels.tour cimport first_node, price, take


cdef inline int32_t partner(Search* s, int32_t r) noexcept nogil:
    """A route in use, touched or any, whose vehicle is of another type; NONE: not found."""
    cdef int32_t _tries, q
    for _tries in range(8):
        if uniform(s) < 0.5:
            q = s.route_of[below(s, s.routes_logged)]
        else:
            q = below(s, s.p.slots)
        if s.routes[q].size > 0 and s.routes[q].type != s.routes[r].type:
            return q
    return NONE


cdef inline void trade_vehicles(Search* s) noexcept nogil:
    """Let a touched route and another one exchange vehicles, if both hold what they get.

    Half of the time only if that costs less.
    """
    cdef int32_t r, q, m, n, k
    cdef int64_t cost
    cdef int32_t* one = s.scratch
    cdef int32_t* two
    cdef Verdict here, there
    if s.routes_logged == 0:
        return
    r = s.route_of[below(s, s.routes_logged)]
    if s.routes[r].size == 0:
        return
    q = partner(s, r)
    if q == NONE:
        return
    m = write_between(s, s.nodes[first_node(s, r)].next, first_node(s, r) + 1, one)
    two = one + m
    n = write_between(s, s.nodes[first_node(s, q)].next, first_node(s, q) + 1, two)
    here = judge(s, s.routes[r].type, two, n)
    if not here.feasible:
        return
    there = judge(s, s.routes[q].type, one, m)
    if not there.feasible:
        return
    cost = judged_price(s, s.routes[r].type, &here) + judged_price(s, s.routes[q].type, &there)
    if cost >= price(s, r) + price(s, q) and uniform(s) < 0.5:
        return
    for k in range(m + n):
        take(s, one[k])
    lay_anew(s, r, two, n)
    lay_anew(s, q, one, m)
