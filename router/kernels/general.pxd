"""GENERAL: where could a visit go, with reloads around it.

Only the trip that the visit enters is walked, and that only for what the
distance leaves open; what follows is judged by the latest arrivals known. Where
duration counts, the whole route is judged as well.
"""

from router.kernels.judge cimport judge
from router.kernels.model cimport (
    DURATION, FAR, LIMITS, MIXED, NONE, NO_WAY, PAIRS, RELEASES, RELOADS, Place, Search, Verdict,
    int32_t, int64_t,
)
from router.kernels.place cimport fits, permitted
from router.kernels.rng cimport blinks
from router.kernels.tour cimport (
    along, depot_at, first_node, head_of, hop, hop_to, loading, price, reach,
)
from router.kernels.travel cimport arc, ride


cdef inline int32_t splice(
    Search* s, int32_t r, int32_t u, int32_t after, int32_t before_depot, int32_t after_depot,
    int32_t* items
) noexcept nogil:
    """Write route r with u (and reloads around it) after a node; return the length."""
    cdef int32_t start = first_node(s, r), v = start, m = 0
    while v != start + 1:
        if v >= s.p.reloads_at:
            items[m] = -1 - depot_at(s, v)
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


cdef inline bint chain_holds(
    Search* s, int32_t type, int32_t before, int32_t end, int32_t u, int32_t after
) noexcept nogil:
    """Whether a trip of the stops between two nodes, with u after one, keeps the capacity."""
    cdef int32_t d, v, dims = s.p.dims
    cdef int64_t hold, load
    for d in range(dims):
        hold = s.p.hold[<int64_t>type * dims + d]
        load = s.p.deliver[<int64_t>u * dims + d]
        v = s.nodes[before].next
        while v != end:
            load += s.p.deliver[<int64_t>v * dims + d]
            v = s.nodes[v].next
        if load > hold:
            return False
        v = before
        while v != end:
            if v != before:
                load += (s.p.collect[<int64_t>v * dims + d] + s.p.carry[<int64_t>v * dims + d]
                         - s.p.deliver[<int64_t>v * dims + d])
                if load > hold:
                    return False
            if v == after:
                load += s.p.collect[<int64_t>u * dims + d] - s.p.deliver[<int64_t>u * dims + d]
            if load > hold:
                return False
            v = s.nodes[v].next
    return True


cdef inline bint chain_ordered(
    Search* s, int32_t before, int32_t end, int32_t u, int32_t after
) noexcept nogil:
    """Whether a trip of the stops between two nodes, with u after one, keeps the backhaul rule."""
    cdef int32_t v = before, nature
    cdef bint collected = False, fresh = True
    while v != end:
        if v != before:
            nature = s.p.nature[v]
            if (collected and nature & 1) or (fresh and s.p.backhaul == 2 and nature == 2):
                return False
            collected = collected or nature & 2
            fresh = False
        if v == after and u != NONE:
            nature = s.p.nature[u]
            if (collected and nature & 1) or (fresh and s.p.backhaul == 2 and nature == 2):
                return False
            collected = collected or nature & 2
            fresh = False
        v = s.nodes[v].next
    return True


cdef inline int32_t trip_end(Search* s, int32_t v) noexcept nogil:
    """First node at or after v that is no stop."""
    while v < s.p.n:
        v = s.nodes[v].next
    return v


cdef inline int64_t released(Search* s, int32_t v, int32_t end) noexcept nogil:
    """Latest release of the stops from v to before a node."""
    cdef int64_t found = -FAR
    while v != end:
        if s.p.release[v] > found:
            found = s.p.release[v]
        v = s.nodes[v].next
    return found


cdef inline int64_t ready_along(
    Search* s, int32_t r, int32_t head, int32_t a, int64_t release
) noexcept nogil:
    """Earliest departure from a node when its trip's goods are released then; FAR: too late."""
    cdef int32_t v = head
    cdef int64_t ready = loading(s, r, head, release)
    while ready < FAR and ready != s.moments[v].ready:
        if v == a:
            return ready
        ready = reach(s, s.nodes[v].next, ready + along(s, r, v))
        v = s.nodes[v].next
    return FAR if ready >= FAR else s.moments[a].ready


cdef inline bint trip_admits(Search* s, int32_t r, int32_t u, int32_t a) noexcept nogil:
    """Whether loads, order and times of its trip admit u after node a."""
    cdef int32_t head = head_of(s, s.trip[a]), b = s.nodes[a].next, depot
    cdef int64_t ready = s.moments[a].ready
    if reach(s, u, ready + hop_to(s, r, a, u)) + hop(s, r, u, b) > s.moments[b].latest:
        return False
    if s.p.features & (MIXED | PAIRS) and not chain_holds(
            s, s.routes[r].type, head, trip_end(s, b), u, a):
        return False
    if s.p.backhaul > 0 and not chain_ordered(s, head, trip_end(s, b), u, a):
        return False
    if s.p.features & RELEASES:
        depot = s.p.start[s.routes[r].type] if head < s.p.reloads_at else depot_at(s, head)
        if s.p.release[u] > s.moments[head].ready - s.p.depot_service[depot]:
            ready = ready_along(s, r, head, a, s.p.release[u])
            if ready >= FAR:
                return False
            ready = reach(s, u, ready + hop_to(s, r, a, u))
            return ready < FAR and ready + hop(s, r, u, b) <= s.moments[b].latest
    return True


cdef inline bint halves_hold(Search* s, int32_t r, int32_t u, int32_t a, bint first) noexcept nogil:
    """Whether, with the trip cut after node a, its first (else second) half has room for u."""
    cdef int32_t t = s.trip[a], b = s.nodes[a].next, type = s.routes[r].type, v, d
    cdef int64_t adds = s.p.adds, part
    if s.p.features & MIXED:
        if first:
            return chain_holds(s, type, head_of(s, t), b, u, a)
        return chain_holds(s, type, a, trip_end(s, b), u, a)
    for d in range(s.p.adds):
        part = 0
        v = b
        while v < s.p.n:
            part += s.p.add[v * adds + d]
            v = s.nodes[v].next
        if first:
            if s.p.add[u * adds + d] > s.room[t * adds + d] + part:
                return False
        elif part + s.p.add[u * adds + d] > s.p.capacity[type * adds + d]:
            return False
    return True


cdef inline bint halves_ordered(Search* s, int32_t u, int32_t a, bint first) noexcept nogil:
    """Whether, with the trip cut after node a, both halves keep the backhaul rule."""
    cdef int32_t head = head_of(s, s.trip[a]), b = s.nodes[a].next, end = trip_end(s, b)
    if first:
        return chain_ordered(s, head, b, u, a) and chain_ordered(s, a, end, NONE, NONE)
    return chain_ordered(s, a, end, u, a)


cdef inline bint cut_admits(
    Search* s, int32_t r, int32_t u, int32_t a, int32_t depot, bint first
) noexcept nogil:
    """Whether u may go after node a, with a reload at the depot after (else before) it."""
    cdef int32_t profile = s.p.profile[s.routes[r].type], head = head_of(s, s.trip[a])
    cdef int32_t b = s.nodes[a].next, place = s.p.depot_place[depot], here = s.p.place[u]
    cdef int64_t ready = s.moments[a].ready, early = -FAR, late = -FAR, q = s.p.release[u]
    if not halves_hold(s, r, u, a, first):
        return False
    if s.p.backhaul > 0 and not halves_ordered(s, u, a, first):
        return False
    if s.p.features & RELEASES:
        early = released(s, s.nodes[head].next, b)
        late = released(s, b, trip_end(s, b))
        if first:
            early = max(early, q)
        else:
            late = max(late, q)
        ready = ready_along(s, r, head, a, early)
    if ready >= FAR:
        return False
    if first:
        ready = reach(s, u, ready + hop_to(s, r, a, u))
        ready += ride(&s.p, profile, here, place)
    else:
        ready += ride(&s.p, profile, s.nodes[a].loc, place)
    ready = max(ready, max(s.p.depot_open[depot], late))
    if ready > s.p.depot_close[depot]:
        return False
    ready += s.p.depot_service[depot]
    if first:
        return ready + ride(&s.p, profile, place, s.nodes[b].loc) <= s.moments[b].latest
    ready = reach(s, u, ready + ride(&s.p, profile, place, here))
    return ready < FAR and ready + hop(s, r, u, b) <= s.moments[b].latest


cdef inline void note_visit(
    Place* best, int64_t delta, int32_t r, int32_t u, int32_t a, int32_t before, int32_t after
) noexcept nogil:
    best.delta = delta
    best.route = r
    best.after = a
    best.out = FAR
    best.stop = u
    best.second = NONE
    best.type = NONE
    best.reload_before = before
    best.reload_after = after


cdef inline void judge_visit(
    Search* s, int32_t r, int32_t u, int32_t a, int32_t before, int32_t after, Place* best
) noexcept nogil:
    """Consider u after node a, reloads around it, by every rule over the whole route."""
    cdef int32_t type = s.routes[r].type, m = splice(s, r, u, a, before, after, s.scratch)
    cdef Verdict verdict = judge(s, type, s.scratch, m)
    cdef int64_t delta
    if not verdict.feasible:
        return
    delta = (s.p.per_distance[type] * verdict.distance + s.p.per_duration[type] * verdict.duration
             + s.p.fixed[type] - price(s, r))
    if delta < best.delta:
        note_visit(best, delta, r, u, a, before, after)


cdef inline void look_general(Search* s, int32_t u, int32_t a, Place* best) noexcept nogil:
    """Consider u after node a, without a reload; its trip has room."""
    cdef int32_t r = s.nodes[a].route, b = s.nodes[a].next, type = s.routes[r].type
    cdef int32_t profile = s.p.profile[type], here = s.p.place[u]
    cdef int64_t there = arc(&s.p, profile, s.nodes[a].loc, here), onward, longer, delta
    if s.p.per_distance[type] * (there - s.nodes[a].arc) >= best.delta:
        return
    onward = arc(&s.p, profile, here, s.nodes[b].loc)
    longer = there + onward - s.nodes[a].arc
    delta = s.p.per_distance[type] * longer
    if s.routes[r].size == 0:
        delta += s.p.fixed[type]
    if delta >= best.delta or there >= NO_WAY or onward >= NO_WAY or blinks(s):
        return
    if not permitted(s, u, r, longer, 1) or not trip_admits(s, r, u, a):
        return
    if s.p.features & DURATION:
        judge_visit(s, r, u, a, NONE, NONE, best)
    else:
        note_visit(best, delta, r, u, a, NONE, NONE)


cdef inline void look_cut(
    Search* s, int32_t u, int32_t a, int32_t depot, bint first, Place* best
) noexcept nogil:
    """Consider u after node a with a reload at the depot after it, else before it."""
    cdef int32_t r = s.nodes[a].route, b = s.nodes[a].next, type = s.routes[r].type
    cdef int32_t profile = s.p.profile[type], here = s.p.place[u], place = s.p.depot_place[depot]
    cdef int32_t one = here if first else place, other = place if first else here
    cdef int64_t there = arc(&s.p, profile, s.nodes[a].loc, one), between, onward, longer, delta
    if s.p.per_distance[type] * (there - s.nodes[a].arc) >= best.delta:
        return
    onward = arc(&s.p, profile, other, s.nodes[b].loc)
    longer = there + onward - s.nodes[a].arc
    if s.p.per_distance[type] * longer >= best.delta:
        return
    between = arc(&s.p, profile, one, other)
    longer += between
    delta = s.p.per_distance[type] * longer
    if delta >= best.delta or there >= NO_WAY or between >= NO_WAY or onward >= NO_WAY or blinks(s):
        return
    if s.routes[r].reloads >= s.p.max_reloads[type] or not permitted(s, u, r, longer, 1):
        return
    if s.p.features & (DURATION | PAIRS):
        judge_visit(s, r, u, a, NONE if first else depot, depot if first else NONE, best)
    elif cut_admits(s, r, u, a, depot, first):
        note_visit(best, delta, r, u, a, NONE if first else depot, depot if first else NONE)


cdef inline void look_all_ways(Search* s, int32_t u, int32_t a, Place* best) noexcept nogil:
    """Consider u after node a, with and without a reload."""
    cdef int32_t type = s.routes[s.nodes[a].route].type, k
    if fits(s, u, s.trip[a]):
        look_general(s, u, a, best)
    for k in range(s.p.reload_first[type], s.p.reload_first[type + 1]):
        if a < s.p.n:
            look_cut(s, u, a, s.p.reload_depots[k], False, best)
        if s.nodes[a].next < s.p.n:
            look_cut(s, u, a, s.p.reload_depots[k], True, best)


cdef inline void look_once(Search* s, int32_t u, int32_t a, Place* best) noexcept nogil:
    """As `look_all_ways`, unless this search for a place did so before."""
    if s.place_seen[a] != s.seen:
        s.place_seen[a] = s.seen
        look_all_ways(s, u, a, best)


cdef inline void look_around(Search* s, int32_t u, Place* best) noexcept nogil:
    """Consider u at its neighbours and at the depots of their routes."""
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
        look_once(s, u, v, best)
        look_once(s, u, s.nodes[v].prev, best)
        if s.route_seen[r] == s.seen:
            continue
        s.route_seen[r] = s.seen
        start = first_node(s, r)
        look_once(s, u, start, best)
        look_once(s, u, s.nodes[start + 1].prev, best)
        w = s.nodes[start].next
        while s.p.features & RELOADS and w != start + 1:
            if w >= s.p.reloads_at:
                look_once(s, u, s.nodes[w].prev, best)
                look_once(s, u, w, best)
            w = s.nodes[w].next
