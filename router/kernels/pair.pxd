"""Where could a shipment go: pickup and delivery in one trip of one route.

For one route, all pairs of places are considered in order of the pickup. A
bound from the distances alone (cheapest delivery place from here on) ends most
walks before they begin.
"""

from router.kernels.judge cimport judge, judged_price
from router.kernels.model cimport (
    BACKHAUL, FAR, FLEET, GENERAL, LIMITS, NONE, SKILLS, Place, Search, Verdict, int32_t, int64_t,
)
from router.kernels.place cimport permitted
from router.kernels.rng cimport blinks
from router.kernels.tour cimport along, first_node, hop, hop_to, length, length_to, price, reach


cdef inline bint holds(Search* s, int32_t r, int32_t v, int32_t pickup) noexcept nogil:
    """Whether the vehicle can carry the shipment on top of what leaves node v."""
    cdef int32_t d
    cdef int64_t dims = s.p.dims, load, hold
    for d in range(s.p.dims):
        load = s.aboard[v * dims + d] + s.p.carry[pickup * dims + d]
        hold = s.p.hold[s.routes[r].type * dims + d]
        if load > hold:
            return False
    return True


cdef inline int32_t survey(
    Search* s, int32_t r, int32_t q, int32_t* nodes, int64_t* extra, int64_t* least,
    int64_t* onward
) noexcept nogil:
    """List the route's nodes, what delivering q after each adds, its suffix minimum, the way on.

    Where ways are as long in both directions, each distance is computed once.
    """
    cdef int32_t v = first_node(s, r), end = v + 1, m = 0, k
    cdef int32_t profile = s.p.profile[s.routes[r].type]
    cdef bint alike = s.p.travel[profile].symmetric and not s.p.features & BACKHAUL
    cdef int64_t there, back = length_to(s, profile, v, q)
    while v != end:
        nodes[m] = v
        there = back if alike else length_to(s, profile, v, q)
        back = length(s, profile, q, s.nodes[v].next)
        onward[m] = back
        extra[m] = there + back - s.nodes[v].arc
        m += 1
        v = s.nodes[v].next
    nodes[m] = end
    least[m] = FAR
    for k in range(m - 1, -1, -1):
        least[k] = min(extra[k], least[k + 1])
    return m


cdef inline void note(
    Search* s, Place* best, int64_t delta, int32_t r, int32_t p, int32_t after, int32_t second
) noexcept nogil:
    best.delta = delta
    best.stop = p
    best.route = r
    best.after = after
    best.out = FAR
    best.second = second
    best.type = NONE
    best.reload_before = NONE
    best.reload_after = NONE


cdef inline void try_adjacent(
    Search* s, int32_t r, int32_t p, int32_t a, int64_t ready, int64_t longer, Place* best
) noexcept nogil:
    """Note p, left at ready, and its delivery next after node a, where times and limits permit."""
    cdef int32_t q = s.p.mate[p], b = s.nodes[a].next
    cdef int64_t moment = reach(s, q, ready + hop(s, r, p, q))
    if moment < FAR and moment + hop(s, r, q, b) <= s.moments[b].latest and not (
        s.p.features & LIMITS and not permitted(s, p, r, longer, 2)
    ):
        note(s, best, s.p.per_distance[s.routes[r].type] * longer, r, p, a, p)


cdef inline void walk_deliveries(
    Search* s, int32_t r, int32_t p, int32_t q, int32_t k, int32_t m, int64_t ready,
    int64_t longer, int64_t unit, const int32_t* nodes, const int64_t* extra,
    const int64_t* least, Place* best
) noexcept nogil:
    """With p after nodes[k] and left at ready, consider q after each later node."""
    cdef int32_t j, v, before = p, after
    cdef int64_t arrival, moment
    for j in range(k + 1, m):
        if unit * (longer + least[j]) >= best.delta:
            return
        v = nodes[j]
        arrival = ready + (hop(s, r, p, v) if before == p else along(s, r, before))
        if arrival > s.moments[v].latest or not holds(s, r, v, p):
            return
        ready = reach(s, v, arrival)
        if ready > s.p.close[q]:
            return
        before = v
        if unit * (longer + extra[j]) >= best.delta or blinks(s):
            continue
        moment = reach(s, q, ready + hop_to(s, r, v, q))
        if moment >= FAR:
            continue
        after = nodes[j + 1]
        if moment + hop(s, r, q, after) > s.moments[after].latest:
            continue
        if s.p.features & LIMITS and not permitted(s, p, r, longer + extra[j], 2):
            continue
        note(s, best, unit * (longer + extra[j]), r, p, nodes[k], v)


cdef inline void look_pair(Search* s, int32_t p, int32_t r, Place* best) noexcept nogil:
    """PAIRED: consider shipment p at all pairs of places in route r."""
    cdef int32_t q = s.p.mate[p], type = s.routes[r].type, k, m, a, b
    cdef int32_t profile = s.p.profile[type]
    cdef int32_t* nodes = s.scratch
    cdef int64_t* extra = s.walk
    cdef int64_t* least = s.walk + s.p.nodes + 8
    cdef int64_t* onward = least + s.p.nodes + 8
    cdef int64_t unit = s.p.per_distance[type], to_p, p_to_q, longer, ready, adjacent
    cdef int64_t back
    cdef bint alike = s.p.travel[profile].symmetric and not s.p.features & BACKHAUL
    if s.p.features & SKILLS and not permitted(s, p, r, 0, 2):
        return
    m = survey(s, r, q, nodes, extra, least, onward)
    p_to_q = length(s, profile, p, q)
    back = length_to(s, profile, nodes[0], p)
    for k in range(m):
        a = nodes[k]
        b = nodes[k + 1]
        if s.moments[a].ready > s.p.close[p]:
            return
        to_p = (back if alike else length_to(s, profile, a, p)) - s.nodes[a].arc
        back = length(s, profile, p, b)
        longer = to_p + back
        adjacent = to_p + p_to_q + onward[k]
        if unit * min(adjacent, longer + least[k + 1]) >= best.delta:
            continue
        if not holds(s, r, a, p):
            continue
        ready = reach(s, p, s.moments[a].ready + hop_to(s, r, a, p))
        if ready >= FAR:
            continue
        if unit * adjacent < best.delta and not blinks(s):
            try_adjacent(s, r, p, a, ready, adjacent, best)
        walk_deliveries(s, r, p, q, k, m, ready, longer, unit, nodes, extra, least, best)


cdef inline int32_t splice_pair(
    Search* s, int32_t r, int32_t p, int32_t after, int32_t second, int32_t* items
) noexcept nogil:
    """Write route r with p after a node and its delivery after second (p: at once)."""
    cdef int32_t start = first_node(s, r), v = start, m = 0
    while v != start + 1:
        if v != start:
            items[m] = v if v < s.p.n else -1 - s.reload_depot[v - s.p.reloads_at]
            m += 1
        if v == after:
            items[m] = p
            m += 1
            if second == p:
                items[m] = s.p.mate[p]
                m += 1
        if v == second:
            items[m] = s.p.mate[p]
            m += 1
        v = s.nodes[v].next
    return m


cdef inline void try_pair(
    Search* s, int32_t r, int32_t p, int32_t after, int32_t second, Place* best
) noexcept nogil:
    """GENERAL: judge one pair of places and note it when best."""
    cdef int32_t type = s.routes[r].type, m = splice_pair(s, r, p, after, second, s.scratch)
    cdef Verdict verdict = judge(s, type, s.scratch, m)
    cdef int64_t delta
    if not verdict.feasible:
        return
    delta = judged_price(s, type, &verdict) - price(s, r)
    if delta < best.delta:
        note(s, best, delta, r, p, after, second)


cdef inline void look_pair_general(Search* s, int32_t p, int32_t r, Place* best) noexcept nogil:
    """GENERAL: consider shipment p at all pairs of places of route r by every rule."""
    cdef int32_t q = s.p.mate[p], type = s.routes[r].type, a, b, v, end = first_node(s, r) + 1
    cdef int32_t profile = s.p.profile[type]
    cdef int64_t unit = s.p.per_distance[type], longer, both, ready
    if s.p.allowed != NULL and not s.p.allowed[<int64_t>type * s.p.n + p]:
        return
    a = end - 1
    while a != end:
        b = s.nodes[a].next
        ready = reach(s, p, s.moments[a].ready + hop_to(s, r, a, p))
        longer = length_to(s, profile, a, p) - s.nodes[a].arc
        both = longer + length(s, profile, p, q) + length(s, profile, q, b)
        longer += length(s, profile, p, b)
        if ready < FAR and unit * both < best.delta and not blinks(s):
            try_pair(s, r, p, a, p, best)
        v = b
        while ready < FAR and v < s.p.n and ready + hop(s, r, p, b) <= s.moments[b].latest:
            both = (longer + length_to(s, profile, v, q) + length(s, profile, q, s.nodes[v].next)
                    - s.nodes[v].arc)
            if unit * both < best.delta and not blinks(s):
                try_pair(s, r, p, a, v, best)
            v = s.nodes[v].next
        a = b
