"""Where could a visit go: the cheapest feasible place, evaluated in O(1) each.

Cheap tests come first: load, then distance against the best so far, then time.
"""

from router.kernels.log cimport empty_slot
from router.kernels.model cimport (
    BACKHAUL, FAR, FLEET, LIMITS, NO_WAY, NONE, Node, SKILLS, TWINS, Place, Search, Span,
    int32_t, int64_t,
)
from router.kernels.rng cimport below, blinks, uniform
from router.kernels.tour cimport (
    banned, first_node, hop, hop_to, length, length_to, nature, reach,
)
from router.kernels.travel cimport arc, arc_to


cdef inline void nowhere(Place* best) noexcept nogil:
    best.delta = FAR
    best.route = NONE
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


cdef inline bint timely(
    Search* s, int32_t u, int64_t arrival, int64_t from_u, int32_t b
) noexcept nogil:
    """Whether u, reached then, and b so many seconds after it and all behind are in time."""
    cdef int64_t ready = reach(s, u, arrival)
    return ready < FAR and ready + from_u <= s.moments[b].latest


cdef inline int64_t span_with(
    Search* s, int32_t u, int32_t a, int32_t b, int64_t to_u, int64_t from_u
) noexcept nogil:
    """Least duration of the route with u between a and b, known to be in time."""
    cdef Span* fore = s.spans + a
    cdef Span* back = s.spans + b
    cdef int64_t delta = fore.fore + to_u, late = fore.fore_latest, wait
    wait = max(s.p.open[u] - delta - late, 0)
    late = min(late, s.p.close[u] - delta)
    delta += s.p.service[u] + wait + from_u
    return delta + back.back + max(back.back_early - delta - late, 0)


cdef inline void look(
    Search* s, int32_t u, int32_t a, int32_t b, int64_t to_u, int64_t from_u,
    Place* best, bint timed, bint spanned
) noexcept nogil:
    """Consider stop u between neighbours a and b, so far from it, of one route with room."""
    cdef int32_t r = s.nodes[a].route, type
    cdef int64_t longer = to_u + from_u - s.nodes[a].arc, delta, duration, out = to_u, back = from_u
    if s.p.features & BACKHAUL and (
        banned(s, nature(s, a), nature(s, u)) or banned(s, nature(s, u), nature(s, b))
    ):
        longer += NO_WAY
    delta = longer
    if s.p.features & FLEET:
        delta *= s.p.per_distance[s.routes[r].type]
        if longer >= NO_WAY:  # forbidden, even where distance is free
            delta += NO_WAY
    if delta >= best.delta or blinks(s):
        return
    if s.p.features & (LIMITS | SKILLS) and not permitted(s, u, r, longer, 1):
        return
    if timed and not s.p.as_far:
        to_u = hop_to(s, r, a, u)
        from_u = hop(s, r, u, b)
    if timed and not timely(s, u, s.moments[a].ready + to_u, from_u, b):
        return
    if spanned:
        type = s.routes[r].type
        duration = span_with(s, u, a, b, to_u, from_u)
        if duration > s.p.max_duration[type]:
            return
        delta += s.p.per_duration[type] * (duration - s.routes[r].duration)
        if delta >= best.delta:
            return
    best.delta = delta
    best.route = r
    best.after = a
    best.out = out if longer < NO_WAY else FAR
    best.back = back
    best.type = NONE


cdef inline bint carries(Search* s, int32_t u, int32_t r, int32_t other) noexcept nogil:
    """Whether a vehicle of another type has room for route r with stop u."""
    cdef int32_t a, type = s.routes[r].type
    cdef int64_t adds = s.p.adds
    for a in range(s.p.adds):
        if s.p.add[u * adds + a] - s.room[r * adds + a] > (
                s.p.capacity[other * adds + a] - s.p.capacity[type * adds + a]):
            return False
    return True


cdef inline void look_with_twin(
    Search* s, int32_t u, int32_t a, int32_t b, int64_t there, Place* best
) noexcept nogil:
    """Consider u between a and b, one of them at a distance, in a larger vehicle for the route.

    What a vehicle costs by itself rules out most of them before any distance is
    computed; for the other end holds what `worth` says.
    """
    cdef int32_t r = s.nodes[a].route, type = s.routes[r].type, other
    cdef int64_t longer = NO_WAY, delta, change
    cdef int64_t least = there - s.nodes[a].arc
    if a < s.p.n and b < s.p.n:
        least += there
    for other in range(s.p.types):
        if other == type or s.p.twin[other] != s.p.twin[type]:
            continue
        change = (s.p.fixed[other] - s.p.fixed[type]
                  + (s.p.per_distance[other] - s.p.per_distance[type]) * s.routes[r].distance)
        if change + s.p.per_distance[other] * least >= best.delta or not carries(s, u, r, other):
            continue
        if longer == NO_WAY:
            longer = length_to(s, 0, a, u) + length(s, 0, u, b) - s.nodes[a].arc
        delta = change + s.p.per_distance[other] * longer
        if delta >= best.delta or longer >= NO_WAY // 2 or blinks(s):
            continue
        if s.p.features & (LIMITS | SKILLS) and not permitted(s, u, r, longer, 1):
            return  # twins have the same limits and skills
        if empty_slot(s, other) != NONE:
            best.delta = delta
            best.route = r
            best.after = a
            best.out = FAR
            best.type = other


cdef inline void look_empty_of(Search* s, int32_t u, int32_t type, Place* best) noexcept nogil:
    """Consider a route of its own in an unused vehicle of the type."""
    cdef int32_t r
    cdef int64_t delta = s.alone[<int64_t>type * s.p.n + u] + s.dear
    if delta >= best.delta:
        return
    r = empty_slot(s, type)
    if r == NONE:
        return
    best.delta = delta
    best.route = r
    best.after = first_node(s, r)
    best.out = FAR
    best.type = NONE
    best.second = NONE if s.p.mate[u] == NONE else u
    best.stop = u
    best.reload_before = NONE
    best.reload_after = NONE


cdef inline void look_empty(Search* s, int32_t u, Place* best) noexcept nogil:
    """Consider a route of its own in an unused vehicle of each type; chance breaks ties."""
    cdef int32_t k, first = below(s, s.p.types) if s.p.types > 1 else 0
    for k in range(s.p.types):
        if s.start_missing > 0 and s.p.types > 1 and uniform(s) < 0.3:  # others may need it
            continue
        look_empty_of(s, u, (first + k) % s.p.types, best)


cdef inline int64_t most_longer(Search* s, const Place* best) noexcept nogil:
    """How much longer a way may become, at most, for less than the best so far costs."""
    if not s.p.features & FLEET:
        return best.delta
    if best.delta < 0:
        return 0
    return best.delta // s.p.least_per_distance + 1 if s.p.least_per_distance > 0 else FAR


cdef inline int32_t with_room(Search* s, int32_t u, int32_t* found) noexcept nogil:
    """List which of u's neighbours stand in a trip with room for it; return how many.

    Without a branch, whose outcome nothing foretells. There is no room nowhere.
    """
    cdef const int32_t* near = s.p.near + <int64_t>u * s.p.near_count
    cdef const int32_t* trip = s.trip
    cdef const int64_t* room = s.room
    cdef int32_t k, a, m = 0, loads = 0, count = s.p.near_used[u]
    cdef int64_t adds = s.p.adds, load = 0
    cdef bint fit
    for a in range(s.p.adds):
        if s.p.add[u * adds + a] > 0:
            loads += 1
            load = s.p.add[u * adds + a]
            room = s.room + a
    if loads <= 1 and adds > 0:  # room for nothing is in every trip
        for k in range(count):
            found[m] = k
            m += room[trip[near[k]] * adds] >= load
        return m
    for k in range(count):
        fit = trip[near[k]] != s.nowhere
        for a in range(s.p.adds):
            fit &= s.room[trip[near[k]] * adds + a] >= s.p.add[u * adds + a]
        found[m] = k
        m += fit
    return m


cdef inline void look_near(
    Search* s, int32_t u, Place* best, bint timed, bint spanned
) noexcept nogil:
    """Consider stop u before and after each of its neighbours.

    A neighbour's other side is no nearer, or the place is looked at from there, or a route
    begins or ends there: so the nearer of both tells whether a place may beat the best.
    """
    cdef const int32_t* near = s.p.near + <int64_t>u * s.p.near_count
    cdef const int32_t* there = s.p.near_length + <int64_t>u * s.p.near_count
    cdef const int32_t* nearest = s.p.near_short + <int64_t>u * s.p.near_count
    cdef const int32_t* found = s.scratch
    cdef const int32_t* row = NULL
    cdef const Node* node
    cdef int32_t i, k, v, loc, here = s.p.place[u], m = with_room(s, u, s.scratch)
    cdef int64_t least = best.delta, most = most_longer(s, best), out, back
    cdef int64_t ride = 0, opens = s.p.open[u] + s.p.service[u]
    cdef bint symmetric = s.p.symmetric
    if symmetric and s.p.travel.distances != NULL:
        row = s.p.travel.distances + here * s.p.stride
    for i in range(m):
        k = found[i]
        v = near[k]
        node = s.nodes + v
        if timed and s.p.as_far:
            ride = there[k]
        if nearest[k] - node.arc < most and (
                not timed or s.moments[v].ready + ride <= s.p.close[u]):
            loc = s.nodes[node.next].loc
            out = there[k] if symmetric else arc(&s.p, 0, node.loc, here)
            back = row[loc] if row != NULL else arc(&s.p, 0, here, loc)
            look(s, u, v, node.next, out, back, best, timed, spanned)
            most = most_longer(s, best)
        if nearest[k] - node.back < most and (
                not timed or opens + ride <= s.moments[v].latest):
            loc = s.nodes[node.prev].loc
            out = row[loc] if row != NULL else arc_to(&s.p, 0, loc, here)
            back = there[k] if symmetric else arc(&s.p, 0, here, node.loc)
            look(s, u, node.prev, v, out, back, best, timed, spanned)
            most = most_longer(s, best)
    if not timed and s.p.features & TWINS:
        look_near_with_twin(s, u, best)
    if best.delta < least:
        best.stop = u


cdef inline int64_t least_change(Search* s, int32_t u, int32_t r) noexcept nogil:
    """Least that a larger vehicle with room for u adds to route r as it is; FAR: none."""
    cdef int32_t type = s.routes[r].type, other
    cdef int64_t least = FAR, change
    if fits(s, u, r):
        return FAR
    for other in range(s.p.types):
        if other == type or s.p.twin[other] != s.p.twin[type]:
            continue
        change = (s.p.fixed[other] - s.p.fixed[type]
                  + (s.p.per_distance[other] - s.p.per_distance[type]) * s.routes[r].distance)
        if change < least and carries(s, u, r, other) and empty_slot(s, other) != NONE:
            least = change
    return least


cdef inline void look_near_with_twin(Search* s, int32_t u, Place* best) noexcept nogil:
    """Consider stop u beside neighbours in routes without room, in a larger vehicle.

    What the vehicle alone adds is the same for all neighbours in a route.
    """
    cdef const int32_t* near = s.p.near + <int64_t>u * s.p.near_count
    cdef const int32_t* there = s.p.near_length + <int64_t>u * s.p.near_count
    cdef int32_t k, v, r, before
    cdef int64_t saved, most = 0
    for k in range(s.p.types):
        most = max(most, s.p.per_distance[k])
    s.seen += 1
    for k in range(s.p.near_count):
        v = near[k]
        if v == NONE:
            break
        r = s.nodes[v].route
        if r == NONE:
            continue
        if s.route_seen[r] != s.seen:
            s.route_seen[r] = s.seen
            s.walk[r] = least_change(s, u, r)
        before = s.nodes[v].prev
        saved = max(s.nodes[v].arc, s.nodes[before].arc) - there[k]
        if s.walk[r] < FAR and s.walk[r] - most * max(saved, 0) < best.delta:
            look_with_twin(s, u, v, s.nodes[v].next, there[k], best)
            look_with_twin(s, u, before, v, there[k], best)


cdef inline void look_route(
    Search* s, int32_t u, int32_t r, Place* best, bint timed, bint spanned
) noexcept nogil:
    """Consider every place in route r."""
    cdef int32_t v = first_node(s, r), end = v + 1, after, here = s.p.place[u]
    cdef int64_t least = best.delta, out, back
    while v != end:
        after = s.nodes[v].next
        if fits(s, u, s.trip[v]):
            out = arc_to(&s.p, 0, s.nodes[v].loc, here)
            back = arc(&s.p, 0, here, s.nodes[after].loc)
            look(s, u, v, after, out, back, best, timed, spanned)
        v = after
    if best.delta < least:
        best.stop = u
