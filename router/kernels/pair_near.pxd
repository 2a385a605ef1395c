"""Where could a shipment go, near its neighbours: pickup and delivery in gaps beside them.

A gap is named by the node before it. First the gaps beside the delivery's
neighbours are marked with what delivering there adds; then each gap beside the
pickup's neighbours is combined with the marked ones behind it in its route, where
both together may beat the best. So a long route costs no more than a short one,
unless it is worth a walk from pickup to delivery.

    mark:     … ┊ · ┊ q* ┊ · …          q* neighbour of q, ┊ gaps with walk[gap]
    combine:  … ┊p┊ · · ┊ q* ┊ · …      walk from p's gap to each marked gap
"""

from router.kernels.model cimport (
    FAR, GENERAL, LIMITS, NONE, SKILLS, Place, Search, int32_t, int64_t,
)
from router.kernels.pair cimport holds, look_pair_general, note, try_adjacent
from router.kernels.place cimport permitted
from router.kernels.rng cimport blinks
from router.kernels.tour cimport along, hop, hop_to, length, length_to, reach


cdef inline bint enter_route(Search* s, int32_t r, int32_t p) noexcept nogil:
    """Whether route r may serve shipment p; its least delivery so far is set up at once."""
    if s.route_seen[r] != s.seen:
        s.route_seen[r] = s.seen
        s.walk[s.p.nodes + r] = FAR
        if s.p.features & SKILLS and not permitted(s, p, r, 0, 2):
            s.walk[s.p.nodes + r] = -FAR
    return s.walk[s.p.nodes + r] > -FAR


cdef inline void consider_adjacent(
    Search* s, int32_t r, int32_t p, int32_t a, int64_t longer, Place* best
) noexcept nogil:
    """Consider p and its delivery one after the other in gap a, so much longer together."""
    cdef int64_t ready
    if s.p.per_distance[s.routes[r].type] * longer >= best.delta or not holds(s, r, a, p):
        return
    ready = reach(s, p, s.moments[a].ready + hop_to(s, r, a, p))
    if ready < FAR and not blinks(s):
        try_adjacent(s, r, p, a, ready, longer, best)


cdef inline void mark_gap(
    Search* s, int32_t r, int32_t p, int32_t a, Place* best
) noexcept nogil:
    """Note what delivering p in gap a adds; consider its pickup in the same gap."""
    cdef int32_t q = s.p.mate[p], b = s.nodes[a].next, profile
    cdef int64_t back, there, p_to_q, unit
    if s.place_seen[a] == s.seen:
        return
    s.place_seen[a] = s.seen
    profile = s.p.profile[s.routes[r].type]
    unit = s.p.per_distance[s.routes[r].type]
    p_to_q = length(s, profile, p, q)
    back = length(s, profile, q, b) - s.nodes[a].arc
    there = length_to(s, profile, a, q)
    s.walk[a] = there + back
    if there + back < s.walk[s.p.nodes + r]:
        s.walk[s.p.nodes + r] = there + back
    if unit * (p_to_q + back) < best.delta:
        consider_adjacent(s, r, p, a, length_to(s, profile, a, p) + p_to_q + back, best)


cdef inline void walk_to_gaps(
    Search* s, int32_t r, int32_t p, int32_t a, int64_t longer, int64_t ready, Place* best
) noexcept nogil:
    """With p in gap a, left at ready, consider its delivery in each marked gap behind."""
    cdef int32_t q = s.p.mate[p], v = s.nodes[a].next, before = p, after
    cdef int64_t unit = s.p.per_distance[s.routes[r].type], arrival, moment
    while v < s.p.n:
        arrival = ready + (hop(s, r, p, v) if before == p else along(s, r, before))
        if arrival > s.moments[v].latest or not holds(s, r, v, p):
            return
        ready = reach(s, v, arrival)
        if ready > s.p.close[q]:
            return
        after = s.nodes[v].next
        if (s.place_seen[v] == s.seen and unit * (longer + s.walk[v]) < best.delta
                and not blinks(s)):
            moment = reach(s, q, ready + hop_to(s, r, v, q))
            if (moment < FAR and moment + hop(s, r, q, after) <= s.moments[after].latest
                    and not (s.p.features & LIMITS
                             and not permitted(s, p, r, longer + s.walk[v], 2))):
                note(s, best, unit * (longer + s.walk[v]), r, p, a, v)
                if unit * (longer + s.walk[s.p.nodes + r]) >= best.delta:
                    return
        before = v
        v = after


cdef inline void combine_gap(
    Search* s, int32_t r, int32_t p, int32_t a, Place* best
) noexcept nogil:
    """Consider p in gap a, its delivery next to it or in marked gaps behind."""
    cdef int32_t q = s.p.mate[p], b = s.nodes[a].next, type = s.routes[r].type
    cdef int32_t profile = s.p.profile[type]
    cdef int64_t to_p, longer, ready, unit = s.p.per_distance[type]
    if s.gap_seen[a] == s.seen or s.moments[a].ready > s.p.close[p]:
        return
    s.gap_seen[a] = s.seen
    to_p = length_to(s, profile, a, p) - s.nodes[a].arc
    if s.place_seen[a] != s.seen:
        longer = to_p + length(s, profile, p, q)
        if unit * longer < best.delta:
            consider_adjacent(s, r, p, a, longer + length(s, profile, q, b), best)
    if s.walk[s.p.nodes + r] == FAR:
        return
    longer = to_p + length(s, profile, p, b)
    if unit * (longer + s.walk[s.p.nodes + r]) >= best.delta or not holds(s, r, a, p):
        return
    ready = reach(s, p, s.moments[a].ready + hop_to(s, r, a, p))
    if ready < FAR:
        walk_to_gaps(s, r, p, a, longer, ready, best)


cdef inline void look_in_gaps(Search* s, int32_t p, Place* best) noexcept nogil:
    """PAIRED: mark gaps beside the delivery's neighbours, then combine those of the pickup's."""
    cdef const int32_t* near
    cdef int32_t side, k, v, r
    for side in range(2):
        near = s.p.near + <int64_t>(s.p.mate[p] if side == 0 else p) * s.p.near_count
        for k in range(s.p.near_count):
            v = near[k]
            if v == NONE:
                break
            r = s.nodes[v].route
            if r == NONE or not enter_route(s, r, p):
                continue
            if side == 0:
                mark_gap(s, r, p, s.nodes[v].prev, best)
                mark_gap(s, r, p, v, best)
            else:
                combine_gap(s, r, p, s.nodes[v].prev, best)
                combine_gap(s, r, p, v, best)


cdef inline void look_everywhere_near(Search* s, int32_t p, Place* best) noexcept nogil:
    """GENERAL: consider shipment p in the routes of the neighbours of its two stops."""
    cdef const int32_t* near
    cdef int32_t _side, k, r, stop = p
    for _side in range(2):
        near = s.p.near + <int64_t>stop * s.p.near_count
        for k in range(s.p.near_count):
            if near[k] == NONE:
                break
            r = s.nodes[near[k]].route
            if r != NONE and s.route_seen[r] != s.seen:
                s.route_seen[r] = s.seen
                look_pair_general(s, p, r, best)
        stop = s.p.mate[p]


cdef inline void look_pair_near(Search* s, int32_t p, Place* best) noexcept nogil:
    """Consider shipment p near the neighbours of its two stops."""
    s.seen += 1
    if s.p.kind == GENERAL:
        look_everywhere_near(s, p, best)
    else:
        look_in_gaps(s, p, best)
