"""Where could a visit go: the cheapest feasible place, evaluated in O(1) each.

Cheap tests come first: load, then distance against the best so far, then time.
"""

from router.kernels.judge cimport earliest_end, judge, latest_end
from router.kernels.log cimport empty_slot
from router.kernels.model cimport (
    BACKHAUL, DURATION, FAR, FLEET, GENERAL, LIMITS, MIXED, NO_WAY, NONE, PLAIN, RELOADS, SKILLS,
    SPANNED, TWINS, WINDOWS, Place, Route, Search, Span, Verdict, int32_t, int64_t,
)
from router.kernels.rng cimport below, blinks, uniform
from router.kernels.tour cimport first_node, hop, hop_to, length, length_to, price, reach
from router.kernels.travel cimport arc, ride


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
