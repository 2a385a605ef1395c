"""Where could a visit go: the cheapest feasible place, evaluated in O(1) each.

Cheap tests come first: load, then distance against the best so far, then time.
"""

from router.kernels.log cimport empty_slot
from router.kernels.model cimport (
    FAR, FLEET, LIMITS, NO_WAY, NONE, SKILLS, TWINS, Place, Search, Span, int32_t, int64_t,
)
from router.kernels.rng cimport below, blinks, uniform
from router.kernels.tour cimport first_node, hop, hop_to, length, length_to, reach


cdef inline void nowhere(Place* best) noexcept nogil:
    best.delta = FAR
    best.second = NONE
    best.type = NONE
    best.reload_before = NONE
    best.reload_after = NONE


cdef inline bint fits(Search* s, int32_t u, int32_t trip) noexcept nogil:
    """Whether trip has room for stop u."""
    cdef int32_t a
    cdef int64_t adds = s.p.adds
    for a in range(s.p.adds):
        if s.p.add[u * adds + a] > s.room[trip * adds + a]:
            return False
    return True


cdef inline bint permitted(
    Search* s, int32_t u, int32_t r, int64_t longer, int32_t more
) noexcept nogil:
    """Whether skills and limits of route r admit stop u at so much more distance."""
    cdef int32_t type = s.routes[r].type
    if s.p.features & SKILLS and not s.p.allowed[<int64_t>type * s.p.n + u]:
        return False
    return (s.routes[r].distance + longer <= s.p.max_distance[type]
            and s.routes[r].size + more <= s.p.max_stops[type])


cdef inline bint in_time(Search* s, int32_t r, int32_t u, int32_t a, int32_t b) noexcept nogil:
    """Whether u can be served between a and b, and all after it in time."""
    cdef int64_t ready = reach(s, u, s.moments[a].ready + hop_to(s, r, a, u))
    return ready < FAR and ready + hop(s, r, u, b) <= s.moments[b].latest


cdef inline int64_t span_with(Search* s, int32_t r, int32_t u, int32_t a, int32_t b) noexcept nogil:
    """Least duration of route r with u between a and b, known to be in time."""
    cdef Span* fore = s.spans + a
    cdef Span* back = s.spans + b
    cdef int64_t delta = fore.fore + hop_to(s, r, a, u), late = fore.fore_latest, wait
    wait = max(s.p.open[u] - delta - late, 0)
    late = min(late, s.p.close[u] - delta)
    delta += s.p.service[u] + wait + hop(s, r, u, b)
    return delta + back.back + max(back.back_early - delta - late, 0)


cdef inline void look(
    Search* s, int32_t u, int32_t a, int32_t b, Place* best, bint timed, bint spanned
) noexcept nogil:
    """Consider stop u between the neighbours a and b of one route with room."""
    cdef int32_t r = s.nodes[a].route, type
    cdef int64_t longer, delta, duration
    longer = length_to(s, 0, a, u) + length(s, 0, u, b) - s.nodes[a].arc
    delta = longer
    if s.p.features & FLEET:
        delta *= s.p.per_distance[s.routes[r].type]
        if longer >= NO_WAY:  # forbidden, even where distance is free
            delta += NO_WAY
    if delta >= best.delta or blinks(s):
        return
    if s.p.features & (LIMITS | SKILLS) and not permitted(s, u, r, longer, 1):
        return
    if timed and not in_time(s, r, u, a, b):
        return
    if spanned:
        type = s.routes[r].type
        duration = span_with(s, r, u, a, b)
        if duration > s.p.max_duration[type]:
            return
        delta += s.p.per_duration[type] * (duration - s.routes[r].duration)
        if delta >= best.delta:
            return
    best.delta = delta
    best.route = r
    best.after = a
    best.type = NONE


cdef inline void look_with_twin(
    Search* s, int32_t u, int32_t a, int32_t b, Place* best
) noexcept nogil:
    """Consider u between a and b with the route moved to a larger vehicle."""
    cdef int32_t r = s.nodes[a].route, type = s.routes[r].type, other, d
    cdef int64_t longer, delta, adds = s.p.adds
    cdef bint room
    longer = length_to(s, 0, a, u) + length(s, 0, u, b) - s.nodes[a].arc
    if blinks(s):
        return
    for other in range(s.p.types):
        if other == type or s.p.twin[other] != s.p.twin[type]:
            continue
        delta = (s.p.fixed[other] - s.p.fixed[type] + s.p.per_distance[type] * longer
                 + (s.p.per_distance[other] - s.p.per_distance[type])
                 * (s.routes[r].distance + longer))
        if delta >= best.delta:
            continue
        room = True
        for d in range(s.p.adds):
            room = room and (s.p.add[u * adds + d] <= s.room[r * adds + d]
                             + s.p.capacity[other * adds + d] - s.p.capacity[type * adds + d])
        if room and empty_slot(s, other) != NONE:
            best.delta = delta
            best.route = r
            best.after = a
            best.type = other


cdef inline void look_empty(Search* s, int32_t u, Place* best) noexcept nogil:
    """Consider a route of its own in an unused vehicle of each type; chance breaks ties."""
    cdef int32_t type, r, k, first = below(s, s.p.types) if s.p.types > 1 else 0
    for k in range(s.p.types):
        type = (first + k) % s.p.types
        if s.alone[<int64_t>type * s.p.n + u] >= best.delta:
            continue
        if s.start_missing > 0 and s.p.types > 1 and uniform(s) < 0.3:  # others may need it
            continue
        r = empty_slot(s, type)
        if r != NONE:
            best.delta = s.alone[<int64_t>type * s.p.n + u]
            best.route = r
            best.after = first_node(s, r)
            best.type = NONE
            best.second = NONE if s.p.mate[u] == NONE else u
            best.stop = u
            best.reload_before = NONE
            best.reload_after = NONE


cdef inline void look_near(
    Search* s, int32_t u, Place* best, bint timed, bint spanned
) noexcept nogil:
    """Consider stop u before and after each of its neighbours."""
    cdef const int32_t* near = s.p.near + <int64_t>u * s.p.near_count
    cdef int32_t k, v
    cdef int64_t before = best.delta
    for k in range(s.p.near_count):
        v = near[k]
        if v == NONE:
            break
        if s.nodes[v].route == NONE:
            continue
        if fits(s, u, s.nodes[v].trip):
            look(s, u, v, s.nodes[v].next, best, timed, spanned)
            look(s, u, s.nodes[v].prev, v, best, timed, spanned)
        elif not timed and s.p.features & TWINS:
            look_with_twin(s, u, v, s.nodes[v].next, best)
            look_with_twin(s, u, s.nodes[v].prev, v, best)
    if best.delta < before:
        best.stop = u


cdef inline void look_route(
    Search* s, int32_t u, int32_t r, Place* best, bint timed, bint spanned
) noexcept nogil:
    """Consider every place in route r."""
    cdef int32_t v = first_node(s, r), end = v + 1
    cdef int64_t before = best.delta
    while v != end:
        if fits(s, u, s.nodes[v].trip):
            look(s, u, v, s.nodes[v].next, best, timed, spanned)
        v = s.nodes[v].next
    if best.delta < before:
        best.stop = u
