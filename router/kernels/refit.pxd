"""Vehicles chosen anew for two routes that exchange tails, or for a route cut in two.

    r:  A … v │ a … A          X … v → w … X
    q:  B … p │ w … B    to    Y … p → a … Y     X, Y: whatever vehicles are cheapest

Two routes joined want a larger vehicle, the parts of a route smaller ones, and no step
that keeps the vehicles leads there. All types are twins: they start and end alike and
differ in capacity and cost, so that lengths and loads of heads and tails decide.
"""

from router.kernels.judge cimport judge
from router.kernels.model cimport FAR, NONE, NO_WAY, Search, int32_t, int64_t
from router.kernels.rng cimport below, uniform
from router.kernels.swap_tails cimport lay_anew, write_between
from router.kernels.tour cimport first_node, length, price, take

cdef enum:
    TRIES = 6  # neighbours of a stop that a proposal looks at

ctypedef struct Driven:
    int32_t slot   # route that is to hold the sequence, NONE: no vehicle
    int64_t cost


cdef inline int64_t walk_to(Search* s, int32_t v, int32_t to, int64_t* load) noexcept nogil:
    """Length of the way from node v on to another; adds the loads of the stops after v."""
    cdef int64_t found = 0, adds = s.p.adds
    cdef int32_t a
    while v != to:
        found += s.nodes[v].arc
        v = s.nodes[v].next
        if v < s.p.n:
            for a in range(s.p.adds):
                load[a] += s.p.add[v * adds + a]
    return found


cdef inline int32_t free_slot(
    Search* s, int32_t type, int32_t r, int32_t q, int32_t taken
) noexcept nogil:
    """A slot of the type that is empty once r and q are, other than one taken; or NONE."""
    cdef int32_t k, slot
    if r != taken and s.routes[r].type == type:
        return r
    if q != NONE and q != taken and s.routes[q].type == type:
        return q
    for k in range(s.empty_count[type] - 1, -1, -1):
        slot = s.empty[s.p.first_slot[type] + k]
        if slot != taken and s.routes[slot].size == 0:
            return slot
    return NONE


cdef inline Driven cheapest_vehicle(
    Search* s, int64_t distance, const int64_t* load, int32_t r, int32_t q, int32_t taken
) noexcept nogil:
    """The cheapest vehicle for a sequence of some length and load."""
    cdef Driven found
    cdef int32_t type, slot, a
    cdef int64_t cost, adds = s.p.adds
    cdef bint holds
    found.slot = NONE
    found.cost = FAR
    for type in range(s.p.types):
        cost = s.p.fixed[type] + s.p.per_distance[type] * distance
        holds = cost < found.cost and s.p.twin[type] == s.p.twin[s.routes[r].type]
        for a in range(s.p.adds):
            holds = holds and load[a] <= s.p.capacity[type * adds + a]
        slot = free_slot(s, type, r, q, taken) if holds else NONE
        if slot != NONE:
            found.slot = slot
            found.cost = cost
    return found


cdef inline bint refit(Search* s, int32_t v, int32_t p, double allowed) noexcept nogil:
    """Exchange what follows v and p, each sequence with its cheapest vehicle, if allowed.

    p NONE: cut the route of v after it.
    """
    cdef int32_t r = s.nodes[v].route, start = first_node(s, r), end = start + 1
    cdef int32_t a = s.nodes[v].next, q = NONE, q_start = start, w = end, m, n, k, b
    cdef int32_t profile = s.p.profile[s.routes[r].type]
    cdef int64_t one = 0, two = 0, cost = -price(s, r)
    cdef int64_t* load = s.walk
    cdef int64_t* rest = s.walk + s.p.adds
    cdef int32_t* items = s.scratch
    cdef Driven joined, other
    for b in range(2 * s.p.adds):
        load[b] = 0
    if p != NONE:
        q = s.nodes[p].route
        q_start = first_node(s, q)
        w = s.nodes[p].next
        cost -= price(s, q)
        one = walk_to(s, p, q_start + 1, load) - s.nodes[p].arc
        two = walk_to(s, q_start, p, rest)
    else:
        p = start
    one += walk_to(s, start, v, load) + length(s, profile, v, w)
    two += walk_to(s, v, end, rest) - s.nodes[v].arc
    if p != q_start or a != end:
        two += length(s, profile, p, a)
    if one >= NO_WAY or two >= NO_WAY:
        return False
    joined = cheapest_vehicle(s, one, load, r, q, NONE)
    if joined.slot == NONE:
        return False
    cost += joined.cost + (s.dear if q == NONE else 0)
    other.slot = NONE
    if p != q_start or a != end:
        other = cheapest_vehicle(s, two, rest, r, q, joined.slot)
        if other.slot == NONE:
            return False
        cost += other.cost
    else:
        cost -= s.dear
    if <double>cost >= allowed:
        return False
    m = write_between(s, s.nodes[start].next, a, items)
    if q != NONE:
        m += write_between(s, w, q_start + 1, items + m)
        n = write_between(s, s.nodes[q_start].next, w, items + m)
    else:
        n = 0
    n += write_between(s, a, end, items + m + n)
    if not judge(s, s.routes[joined.slot].type, items, m).feasible or (
            n > 0 and not judge(s, s.routes[other.slot].type, items + m, n).feasible):
        return False
    for k in range(m + n):
        take(s, items[k])
    lay_anew(s, joined.slot, items, m)
    if n > 0:
        lay_anew(s, other.slot, items + m, n)
    return True


cdef inline bint refit_tails(Search* s, double allowed) noexcept nogil:
    """Cut a random route, or let a random stop be followed by a neighbour of another."""
    cdef int32_t v = below(s, s.p.n), r = s.nodes[v].route, q, w, k, _tries
    if r == NONE:
        return False
    if uniform(s) < 0.2:
        return s.nodes[v].next < s.p.n and refit(s, v, NONE, allowed)
    k = below(s, s.p.near_count)
    for _tries in range(min(TRIES, s.p.near_count)):
        k = k + 1 if k + 1 < s.p.near_count else 0
        w = s.p.near[<int64_t>v * s.p.near_count + k]
        q = NONE if w == NONE else s.nodes[w].route
        if q == NONE or q == r or s.p.twin[s.routes[q].type] != s.p.twin[s.routes[r].type]:
            continue
        if refit(s, v, s.nodes[w].prev, allowed):
            return True
    return False
