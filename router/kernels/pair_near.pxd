"""Where could a shipment go, near its neighbours: pickup and delivery in gaps beside them.

A gap is named by the node before it. First the gaps beside the delivery's
neighbours are marked with what delivering there adds; then each gap beside the
pickup's neighbours is combined with the marked ones behind it in its route, where
both together may beat the best. So a long route costs no more than a short one,
unless it is worth a walk from pickup to delivery. The first best is to go back to
where both were: a gap in which one stop alone costs more is not looked at, as no
detour makes a way shorter. (Where a matrix says otherwise, such places are missed.)

    mark:     … ┊ · ┊ q* ┊ · …          q* neighbour of q, ┊ gaps with walk[gap]
    combine:  … ┊p┊ · · ┊ q* ┊ · …      walk from p's gap to each marked gap
"""

from router.kernels.model cimport (
    FAR, GENERAL, LIMITS, NONE, SKILLS, Place, Search, int32_t, int64_t,
)
from router.kernels.pair cimport holds, look_pair_general, note, try_adjacent
from router.kernels.place cimport permitted
from router.kernels.rng cimport blinks
from router.kernels.tour cimport along, hop, length, length_to, reach


cdef inline bint enter_route(Search* s, int32_t r, int32_t p) noexcept nogil:
    """Whether route r may serve shipment p; its least delivery so far is set up at once."""
    if s.route_seen[r] != s.seen:
        s.route_seen[r] = s.seen
        s.walk[s.p.nodes + r] = FAR
        if s.p.features & SKILLS and not permitted(s, p, r, 0, 2):
            s.walk[s.p.nodes + r] = -FAR
    return s.walk[s.p.nodes + r] > -FAR


cdef inline int64_t riding(Search* s, int32_t r, int32_t a, int32_t b, int64_t far) noexcept nogil:
    """Duration from node a to b, so far apart, with the vehicle of route r."""
    return far if s.p.as_far else hop(s, r, a, b)


cdef inline int64_t detour(Search* s, int64_t one, int64_t other) noexcept nogil:
    """Least length of the third side of a triangle; 0 where one way is longer than back."""
    return max(one - other, other - one) if s.p.symmetric else 0


cdef inline void consider_adjacent(
    Search* s, int32_t r, int32_t p, int32_t a, int64_t out, int64_t longer, Place* best
) noexcept nogil:
    """Consider p, so far from node a, and its delivery next in gap a; so much longer together."""
    cdef int64_t ready
    if s.p.per_distance[s.routes[r].type] * longer >= best.delta or not holds(s, r, a, p):
        return
    ready = reach(s, p, s.moments[a].ready + riding(s, r, a, p, out))
    if ready < FAR and not blinks(s):
        try_adjacent(s, r, p, a, ready, longer, best)


cdef inline void mark_gap(
    Search* s, int32_t r, int32_t p, int32_t a, int64_t out, int64_t back, Place* best
) noexcept nogil:
    """Note what delivering p in gap a adds, so far from its ends; consider its pickup there."""
    cdef int32_t q = s.p.mate[p], profile = s.p.profile[s.routes[r].type]
    cdef int64_t unit = s.p.per_distance[s.routes[r].type]
    cdef int64_t longer = out + back - s.nodes[a].arc, together, direct
    s.place_seen[a] = s.seen
    s.walk[a] = longer
    s.walk[2 * (s.p.nodes + 8) + a] = out
    if unit * longer >= best.delta:
        return
    s.walk[s.p.nodes + r] = min(longer, s.walk[s.p.nodes + r])
    direct = length(s, profile, p, q)
    together = direct + back - s.nodes[a].arc
    if unit * (together + detour(s, out, direct)) < best.delta:
        out = length_to(s, profile, a, p)
        consider_adjacent(s, r, p, a, out, out + together, best)


cdef inline void walk_to_gaps(
    Search* s, int32_t r, int32_t p, int32_t a, int64_t longer, int64_t ready, int64_t way,
    Place* best
) noexcept nogil:
    """Consider p in gap a, left at ready for so long a way, its delivery in marked gaps behind."""
    cdef int32_t q = s.p.mate[p], v = s.nodes[a].next, before = p, after
    cdef int64_t unit = s.p.per_distance[s.routes[r].type], arrival, moment, out, back
    while v < s.p.n:
        arrival = ready + (riding(s, r, p, v, way) if before == p else along(s, r, before))
        if arrival > s.moments[v].latest or not holds(s, r, v, p):
            return
        ready = reach(s, v, arrival)
        if ready > s.p.close[q]:
            return
        after = s.nodes[v].next
        if (s.place_seen[v] == s.seen and unit * (longer + s.walk[v]) < best.delta
                and not blinks(s)):
            out = s.walk[2 * (s.p.nodes + 8) + v]
            back = s.walk[v] - out + s.nodes[v].arc
            moment = reach(s, q, ready + riding(s, r, v, q, out))
            if (moment < FAR and moment + riding(s, r, q, after, back) <= s.moments[after].latest
                    and not (s.p.features & LIMITS
                             and not permitted(s, p, r, longer + s.walk[v], 2))):
                note(s, best, unit * (longer + s.walk[v]), r, p, a, v)
                if unit * (longer + s.walk[s.p.nodes + r]) >= best.delta:
                    return
        before = v
        v = after


cdef inline void combine_gap(
    Search* s, int32_t r, int32_t p, int32_t a, int64_t out, int64_t back, Place* best
) noexcept nogil:
    """Consider p in gap a, so far from its ends, its delivery next or in marked gaps behind."""
    cdef int32_t q = s.p.mate[p], b = s.nodes[a].next, profile = s.p.profile[s.routes[r].type]
    cdef int64_t unit = s.p.per_distance[s.routes[r].type], longer, ready, direct
    s.gap_seen[a] = s.seen
    if s.place_seen[a] != s.seen:
        direct = length(s, profile, p, q)
        longer = out - s.nodes[a].arc + direct
        if unit * (longer + detour(s, back, direct)) < best.delta:
            consider_adjacent(s, r, p, a, out, longer + length(s, profile, q, b), best)
    longer = out + back - s.nodes[a].arc
    if s.walk[s.p.nodes + r] == FAR or (
            unit * (longer + s.walk[s.p.nodes + r]) >= best.delta or not holds(s, r, a, p)):
        return
    ready = reach(s, p, s.moments[a].ready + riding(s, r, a, p, out))
    if ready < FAR:
        walk_to_gaps(s, r, p, a, longer, ready, back, best)


cdef inline void look_beside(
    Search* s, int32_t p, int32_t u, bint delivery, Place* best
) noexcept nogil:
    """Mark the gaps beside the neighbours of delivery u, or combine those of pickup u.

    Only gaps that u can be in, in time, and in which it alone costs less than the best; as in
    `look_near` for the distance to a neighbour's other side.
    """
    cdef const int32_t* near = s.p.near + <int64_t>u * s.p.near_count
    cdef const int32_t* there = s.p.near_length + <int64_t>u * s.p.near_count
    cdef const int32_t* nearest = s.p.near_short + <int64_t>u * s.p.near_count
    cdef const int32_t* seen = s.place_seen if delivery else s.gap_seen
    cdef int32_t k, v, w, r, profile
    cdef int64_t opens = s.p.open[u] + s.p.service[u], ride = 0, unit, out, back
    for k in range(s.p.near_used[u]):
        v = near[k]
        r = s.nodes[v].route
        if r == NONE or not enter_route(s, r, p):
            continue
        profile = s.p.profile[s.routes[r].type]
        unit = s.p.per_distance[s.routes[r].type]
        if s.p.as_far:
            ride = there[k]
        if (seen[v] != s.seen and unit * (nearest[k] - s.nodes[v].arc) < best.delta
                and s.moments[v].ready + ride <= s.p.close[u]):
            out = there[k] if s.p.symmetric else length(s, profile, v, u)
            back = length(s, profile, u, s.nodes[v].next)
            if delivery:
                mark_gap(s, r, p, v, out, back, best)
            else:
                combine_gap(s, r, p, v, out, back, best)
        w = s.nodes[v].prev
        if (seen[w] != s.seen and unit * (nearest[k] - s.nodes[v].back) < best.delta
                and opens + ride <= s.moments[v].latest):
            out = length_to(s, profile, w, u)
            back = there[k] if s.p.symmetric else length(s, profile, u, v)
            if delivery:
                mark_gap(s, r, p, w, out, back, best)
            else:
                combine_gap(s, r, p, w, out, back, best)


cdef inline void look_where_it_was(Search* s, int32_t p, Place* best) noexcept nogil:
    """Consider shipment p in the gaps that its stops were taken from, where they still are.

    A stop out of its route keeps the node it followed. What going back costs is a bound that
    rules out most other gaps before a distance is computed.
    """
    cdef int32_t q = s.p.mate[p], a = s.nodes[p].prev, c = s.nodes[q].prev, profile
    cdef int32_t r = s.nodes[a].route
    if c == p:
        c = a
    if r == NONE or s.nodes[c].route != r or s.routes[r].size == 0 or not enter_route(s, r, p):
        return
    profile = s.p.profile[s.routes[r].type]
    mark_gap(s, r, p, c, length_to(s, profile, c, q), length(s, profile, q, s.nodes[c].next), best)
    if a != c:
        combine_gap(
            s, r, p, a, length_to(s, profile, a, p), length(s, profile, p, s.nodes[a].next), best
        )


cdef inline void look_in_gaps(Search* s, int32_t p, Place* best) noexcept nogil:
    """PAIRED: mark gaps beside the delivery's neighbours, then combine those of the pickup's."""
    look_where_it_was(s, p, best)
    s.seen += 1
    look_beside(s, p, s.p.mate[p], True, best)
    look_beside(s, p, p, False, best)


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
