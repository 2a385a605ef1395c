"""Tails: two routes exchange what follows a cut in each (2-opt*).

    r:  … v │ a …          r:  … v → w …
    q:  … p │ w …          q:  … p → a …

Strings hold about ten stops, so that ruin and recreate cannot move the rest of a
long route at once. A proposal costs two distances where it does not pay (and two
durations where they have a price: a longer way may wait less), and a walk along
both tails where it does (Potvin and Rousseau 1995, doi:10.1057/jors.1995.204).
Both routes have one vehicle type, so that their ends are the same place; other
pairs of routes go to `router.kernels.swap_tails`.
"""

from router.kernels.log cimport stack_if_empty, touch_node, touch_route, touch_trip
from router.kernels.model cimport (
    FAR, FLEET, LIMITS, NO_WAY, NONE, PLAIN, SPANNED, Search, int32_t, int64_t,
)
from router.kernels.refresh cimport refresh
from router.kernels.rng cimport below
from router.kernels.swap_tails cimport swap_tails
from router.kernels.tour cimport first_node, hop, length, link

ctypedef struct Tail:
    int64_t distance  # to the end of the route, the way to its first stop not counted
    int32_t size      # stops
    int32_t last      # last node before the end
    int32_t open      # shipments picked up before it and delivered in it


cdef inline Tail walk_tail(Search* s, int32_t before, int32_t sign, int64_t* load) noexcept nogil:
    """What follows a node of its route; adds its loads, times a sign, to the load."""
    cdef Tail tail
    cdef int32_t v = s.nodes[before].next, end = first_node(s, s.nodes[before].route) + 1, a
    cdef int64_t adds = s.p.adds
    tail.distance = 0
    tail.size = 0
    tail.last = before
    tail.open = 0
    while v != end:
        for a in range(s.p.adds):
            load[a] += sign * s.p.add[v * adds + a]
        if s.p.mate[v] != NONE:
            tail.open += -1 if s.p.pickup[v] else 1
        tail.distance += s.nodes[v].arc
        tail.size += 1
        tail.last = v
        v = s.nodes[v].next
    return tail


cdef inline bint empties(Search* s, int32_t v, int32_t p) noexcept nogil:
    """Whether the route of p keeps no stop where it and that of v exchange their tails."""
    return (p == first_node(s, s.nodes[p].route)
            and s.nodes[v].next == first_node(s, s.nodes[v].route) + 1)


cdef inline bint tails_fit(Search* s, int32_t v, int32_t p) noexcept nogil:
    """Whether loads, limits and shipments let the routes of v and p exchange their tails."""
    cdef int32_t r = s.nodes[v].route, q = s.nodes[p].route, type = s.routes[r].type, a
    cdef int64_t adds = s.p.adds, joint, other
    cdef int64_t* more = s.walk
    cdef Tail one, two
    for a in range(s.p.adds):
        more[a] = 0
    one = walk_tail(s, v, -1, more)
    two = walk_tail(s, p, 1, more)
    for a in range(s.p.adds):  # what route r gains
        if more[a] > s.room[r * adds + a] or -more[a] > s.room[q * adds + a]:
            return False
    if one.open != 0 or two.open != 0:
        return False
    if s.p.features & LIMITS:
        a = two.size - one.size
        if (s.routes[r].size + a > s.p.max_stops[type]
                or s.routes[q].size - a > s.p.max_stops[type]):
            return False
        joint = length(s, s.p.profile[type], v, s.nodes[p].next)
        joint += s.routes[r].distance - s.nodes[v].arc - one.distance + two.distance
        other = 0
        if not empties(s, v, p):
            other = length(s, s.p.profile[type], p, s.nodes[v].next)
            other += s.routes[q].distance - s.nodes[p].arc - two.distance + one.distance
        if joint > s.p.max_distance[type] or other > s.p.max_distance[type]:
            return False
    return True


cdef inline int64_t span_over(Search* s, int32_t a, int32_t b, int64_t between) noexcept nogil:
    """Least duration of the way to a followed by the way on from b."""
    cdef int64_t delta = s.spans[a].fore + between
    return delta + s.spans[b].back + max(
        s.spans[b].back_early - delta - s.spans[a].fore_latest, 0)


cdef inline int64_t timed_delta(Search* s, int32_t v, int32_t p, int64_t delta) noexcept nogil:
    """What exchanging tails adds to the cost, times considered; FAR: too late."""
    cdef int32_t r = s.nodes[v].route, q = s.nodes[p].route, type = s.routes[r].type
    cdef int32_t a = s.nodes[v].next, w = s.nodes[p].next
    cdef int64_t on = hop(s, r, v, w), off = hop(s, r, p, a), joint, other
    cdef bint emptied = empties(s, v, p)
    if s.moments[v].ready + on > s.moments[w].latest or (
            not emptied and s.moments[p].ready + off > s.moments[a].latest):
        return FAR
    if s.p.kind == SPANNED:
        joint = span_over(s, v, w, on)
        other = 0 if emptied else span_over(s, p, a, off)
        if joint > s.p.max_duration[type] or other > s.p.max_duration[type]:
            return FAR
        delta += s.p.per_duration[type] * (
            joint + other - s.routes[r].duration - s.routes[q].duration)
    return delta


cdef inline void rename(Search* s, int32_t before, int32_t q) noexcept nogil:
    """Give what follows a node to route q."""
    cdef int32_t v = s.nodes[before].next, end = first_node(s, s.nodes[before].route) + 1
    while v != end:
        touch_node(s, v)
        s.nodes[v].route = q
        s.trip[v] = q
        v = s.nodes[v].next


cdef inline void fasten(
    Search* s, int32_t r, int32_t v, const Tail* tail, int32_t first
) noexcept nogil:
    """Let a tail that begins with a stop (or is empty) follow node v of route r, up to its end."""
    cdef int32_t end = first_node(s, r) + 1
    if tail.size == 0:
        link(s, r, v, end)
        return
    s.nodes[tail.last].next = end
    s.nodes[end].prev = tail.last
    link(s, r, v, first)


cdef inline void exchange(Search* s, int32_t v, int32_t p) noexcept nogil:
    """Exchange what follows v and p in their routes."""
    cdef int32_t r = s.nodes[v].route, q = s.nodes[p].route, a
    cdef int32_t next_r = s.nodes[v].next, next_q = s.nodes[p].next
    cdef int64_t adds = s.p.adds
    cdef int64_t* more = s.walk
    cdef Tail one, two
    touch_route(s, r)
    touch_route(s, q)
    touch_trip(s, r)
    touch_trip(s, q)
    touch_node(s, v)
    touch_node(s, p)
    touch_node(s, first_node(s, r) + 1)
    touch_node(s, first_node(s, q) + 1)
    for a in range(s.p.adds):
        more[a] = 0
    one = walk_tail(s, v, -1, more)
    two = walk_tail(s, p, 1, more)
    rename(s, v, q)
    rename(s, p, r)
    for a in range(s.p.adds):
        s.room[r * adds + a] -= more[a]
        s.room[q * adds + a] += more[a]
    s.forbidden -= (s.nodes[v].arc >= NO_WAY) + (s.nodes[p].arc >= NO_WAY)
    s.routes[r].distance += two.distance - one.distance - s.nodes[v].arc
    s.routes[q].distance += one.distance - two.distance - s.nodes[p].arc
    s.routes[r].size += two.size - one.size
    s.routes[q].size += one.size - two.size
    fasten(s, r, v, &two, next_q)
    fasten(s, q, p, &one, next_r)
    stack_if_empty(s, r)
    stack_if_empty(s, q)
    refresh(s, r)
    refresh(s, q)


cdef inline bint exchange_tails(Search* s, double allowed) noexcept nogil:
    """Let a random stop be followed by a neighbour of another route, if that may be allowed."""
    cdef int32_t v = below(s, s.p.n), r = s.nodes[v].route, q, p, w, k, _k, type
    cdef int64_t delta, unit, saved
    cdef bint emptied, priced
    if s.served == 0 or r == NONE:
        return False
    type = s.routes[r].type
    unit = s.p.per_distance[type] if s.p.features & FLEET else 1
    priced = s.p.kind == SPANNED and s.p.per_duration[type] > 0
    k = below(s, s.p.near_count)
    for _k in range(s.p.near_count):
        k += 1
        if k >= s.p.near_count:
            k = 0
        w = s.p.near[<int64_t>v * s.p.near_count + k]
        if w == NONE or s.nodes[w].route == NONE:
            continue
        q = s.nodes[w].route
        p = s.nodes[w].prev
        if q == r:
            continue
        if s.routes[q].type != type:
            if s.p.profiles == 1 and swap_tails(s, v, p, allowed):
                return True
            continue
        emptied = empties(s, v, p)
        saved = s.p.fixed[type] + s.dear if emptied else 0
        delta = length(s, s.p.profile[type], v, w) - s.nodes[v].arc - s.nodes[p].arc
        if not priced and <double>(unit * delta - saved) >= allowed:
            continue
        if not emptied:
            delta += length(s, s.p.profile[type], p, s.nodes[v].next)
        if delta >= NO_WAY // 2:
            continue
        delta = unit * delta - saved
        if s.p.kind != PLAIN:
            delta = timed_delta(s, v, p, delta)
        if <double>delta >= allowed or not tails_fit(s, v, p):
            continue
        exchange(s, v, p)
        return True
    return False
