"""Where could a shipment go, near its neighbours: pickup and delivery in gaps beside them.

A gap is named by the node before it. The first best is to go back to where both stops
were. Then the gaps beside the pickup's neighbours are listed with what the pickup alone
adds; no detour makes a way shorter, so that a gap where it alone costs more is none.
The least of a route bounds what a delivery in it may add: the gaps beside the
delivery's neighbours that keep to it are marked. At last each listed gap is combined
with the marked ones behind it, where both together may beat the best. (Where a matrix
says that a detour is shorter, places are missed.)

    list:     … ┊ · ┊ p* ┊ · …          p* neighbour of p, ┊ gaps in pickups
    mark:     … ┊ · ┊ q* ┊ · …          q* neighbour of q, ┊ gaps in deliveries
    combine:  … ┊p┊ · · ┊ q* ┊ · …      walk from p's gap to each marked gap
"""

from router.kernels.model cimport (
    FAR, GENERAL, LIMITS, NONE, SKILLS, Gap, Node, Place, Search, int32_t, int64_t,
)
from router.kernels.pair cimport holds, look_pair_general, note, try_adjacent
from router.kernels.place cimport permitted, timely
from router.kernels.rng cimport blinks
from router.kernels.tour cimport along, hop, length, length_to, reach


cdef inline int64_t* least_pickup(Search* s, int32_t r) noexcept nogil:
    """What the pickup alone adds, at least, to route r, of the gaps listed so far."""
    return s.walk + r


cdef inline int64_t* least_delivery(Search* s, int32_t r) noexcept nogil:
    """What the delivery alone adds, at least, to route r, of the gaps marked so far."""
    return s.walk + s.p.slots + r


cdef inline bint enter_route(Search* s, int32_t r, int32_t p) noexcept nogil:
    """Whether route r may serve shipment p; what its stops add at least is set up at once."""
    cdef bint allowed
    if s.route_seen[r] != s.seen:
        s.route_seen[r] = s.seen
        allowed = not s.p.features & SKILLS or permitted(s, p, r, 0, 2)
        least_pickup(s, r)[0] = FAR if allowed else -FAR
        least_delivery(s, r)[0] = FAR
    return least_pickup(s, r)[0] > -FAR


cdef inline int64_t riding(Search* s, int32_t r, int32_t a, int32_t b, int64_t far) noexcept nogil:
    """Duration from node a to b, so far apart, with the vehicle of route r."""
    return far if s.p.as_far else hop(s, r, a, b)


cdef inline int64_t detour(Search* s, int64_t one, int64_t other) noexcept nogil:
    """Least length of the third side of a triangle; 0 where a matrix knows none.

    Routes may end anywhere: a way to their end is no side.
    """
    return max(one - other - 1, other - one - 1, 0) if s.p.straight else 0


cdef inline void collect_in(
    Search* s, int32_t r, int32_t p, int32_t a, int64_t out, int64_t back, Place* best
) noexcept nogil:
    """List gap a, so far from its ends, for pickup p; consider the delivery next to it."""
    cdef int32_t q = s.p.mate[p], b = s.nodes[a].next, profile = s.p.profile[s.routes[r].type]
    cdef int64_t unit = s.p.per_distance[s.routes[r].type]
    cdef int64_t longer = out + back - s.nodes[a].arc, ready, direct, together
    s.pickups[a].seen = s.seen
    if unit * longer >= best.delta or not holds(s, r, a, p):
        return
    ready = reach(s, p, s.moments[a].ready + riding(s, r, a, p, out))
    direct = length(s, profile, p, q)
    if ready >= FAR or s.p.straight and s.p.as_far and ready + direct > s.p.close[q]:
        return
    together = out - s.nodes[a].arc + direct
    if unit * (together + (detour(s, back, direct) if b < s.p.n else 0)) < best.delta:
        together += length(s, profile, q, b)
        if unit * together < best.delta and not blinks(s):
            try_adjacent(s, r, p, a, ready, together, best)
    s.pickups[a].longer = longer
    s.pickups[a].out = out
    least_pickup(s, r)[0] = min(longer, least_pickup(s, r)[0])
    s.scratch[s.pickup_count] = a
    s.pickup_count += 1


cdef inline void deliver_in(
    Search* s, int32_t r, int32_t p, int32_t a, int64_t out, int64_t back, Place* best
) noexcept nogil:
    """Mark gap a, so far from its ends, for p's delivery; consider the pickup next before it."""
    cdef int32_t q = s.p.mate[p], profile = s.p.profile[s.routes[r].type]
    cdef int64_t unit = s.p.per_distance[s.routes[r].type]
    cdef int64_t longer = out + back - s.nodes[a].arc, direct, together, ready
    s.deliveries[a].seen = s.seen
    s.deliveries[a].longer = longer
    s.deliveries[a].out = out
    if s.pickups[a].seen != s.seen and s.moments[a].ready <= s.p.close[p]:
        direct = length(s, profile, p, q)
        together = direct + back - s.nodes[a].arc
        if unit * (together + detour(s, out, direct)) < best.delta:
            direct = length_to(s, profile, a, p)
            together += direct
            if unit * together < best.delta and holds(s, r, a, p):
                ready = reach(s, p, s.moments[a].ready + riding(s, r, a, p, direct))
                if ready < FAR and not blinks(s):
                    try_adjacent(s, r, p, a, ready, together, best)
    if least_pickup(s, r)[0] < FAR and unit * (longer + least_pickup(s, r)[0]) < best.delta:
        least_delivery(s, r)[0] = min(longer, least_delivery(s, r)[0])


cdef inline void consider_gap(
    Search* s, int32_t r, int32_t p, bint delivery, int32_t a, int64_t out, int64_t back,
    Place* best
) noexcept nogil:
    """Consider gap a, so far from its ends, for shipment p's pickup or delivery."""
    if delivery:
        deliver_in(s, r, p, a, out, back, best)
    else:
        collect_in(s, r, p, a, out, back, best)


cdef inline void walk_to_gaps(
    Search* s, int32_t r, int32_t p, int32_t a, Place* best
) noexcept nogil:
    """Consider p in gap a with its delivery in each marked gap behind."""
    cdef int32_t q = s.p.mate[p], v = s.nodes[a].next, before = p, after
    cdef int64_t unit = s.p.per_distance[s.routes[r].type], arrival, moment, back
    cdef int64_t longer = s.pickups[a].longer, out = s.pickups[a].out
    cdef int64_t ready = reach(s, p, s.moments[a].ready + riding(s, r, a, p, out))
    cdef Gap* gap
    out = longer - out + s.nodes[a].arc  # the way on from the pickup
    while v < s.p.n:
        arrival = ready + (riding(s, r, p, v, out) if before == p else along(s, r, before))
        if arrival > s.moments[v].latest or not holds(s, r, v, p):
            return
        ready = reach(s, v, arrival)
        if ready > s.p.close[q]:
            return
        after = s.nodes[v].next
        gap = s.deliveries + v
        if (gap.seen == s.seen and unit * (longer + gap.longer) < best.delta
                and not blinks(s)):
            back = gap.longer - gap.out + s.nodes[v].arc
            moment = reach(s, q, ready + riding(s, r, v, q, gap.out))
            if (moment < FAR and moment + riding(s, r, q, after, back) <= s.moments[after].latest
                    and not (s.p.features & LIMITS
                             and not permitted(s, p, r, longer + gap.longer, 2))):
                note(s, best, unit * (longer + gap.longer), r, p, a, v)
                if unit * (longer + least_delivery(s, r)[0]) >= best.delta:
                    return
        before = v
        v = after


cdef inline void combine(Search* s, int32_t p, Place* best) noexcept nogil:
    """Consider shipment p in each listed gap with its delivery in the marked ones."""
    cdef int32_t k, a, r
    for k in range(s.pickup_count):
        a = s.scratch[k]
        r = s.nodes[a].route
        if least_delivery(s, r)[0] < FAR and s.p.per_distance[s.routes[r].type] * (
                s.pickups[a].longer + least_delivery(s, r)[0]) < best.delta:
            walk_to_gaps(s, r, p, a, best)


cdef inline void look_beside(
    Search* s, int32_t p, int32_t u, bint delivery, Place* best
) noexcept nogil:
    """Consider the gaps beside the neighbours of pickup or delivery u of shipment p.

    Only gaps where the shipment may be in time and cost less than the best, by what is known
    before any distance is computed: u alone adds what `look_near` says; the pickup of a delivery
    adds what it does in the gaps listed, or next before it what a triangle wants, and takes time.
    """
    cdef const int32_t* near = s.p.near + <int64_t>u * s.p.near_count
    cdef const int32_t* there = s.p.near_length + <int64_t>u * s.p.near_count
    cdef const int32_t* nearest = s.p.near_short + <int64_t>u * s.p.near_count
    cdef const Gap* gaps = s.deliveries if delivery else s.pickups
    cdef const Node* node
    cdef int32_t k, v, w, r, profile
    cdef int64_t direct = 0, early = 0, latest = FAR, listed = 0
    cdef int64_t adds, unit, ride, beyond, out, back
    if delivery:
        if s.p.straight:
            direct = length(s, s.p.profile[0], p, u)
        early = s.p.open[p] + s.p.service[p] + (direct if s.p.as_far else 0)
    for k in range(s.p.near_used[u]):
        v = near[k]
        node = s.nodes + v
        r = node.route
        if r == NONE or not enter_route(s, r, p):
            continue
        w = node.prev
        profile = s.p.profile[s.routes[r].type]
        unit = s.p.per_distance[s.routes[r].type]
        ride = there[k] if s.p.as_far else 0
        if delivery:
            listed = least_pickup(s, r)[0]
            latest = s.p.close[p] if listed == FAR else FAR  # the pickup is next before it
        adds = nearest[k] - node.arc + min(listed, max(2 * (direct - there[k]) - 2, 0))
        if (gaps[v].seen != s.seen and unit * adds < best.delta
                and s.moments[v].ready <= latest):
            beyond = detour(s, node.arc, ride) if s.p.as_far and node.next < s.p.n else 0
            if timely(s, u, max(s.moments[v].ready + ride, early), beyond, node.next):
                out = there[k] if s.p.symmetric else length(s, profile, v, u)
                back = length(s, profile, u, node.next)
                consider_gap(s, r, p, delivery, v, out, back, best)
        adds = nearest[k] - node.back
        adds = max(adds, min(adds + listed, 2 * (direct - node.back) - 2))
        if (gaps[w].seen != s.seen and unit * adds < best.delta
                and s.moments[w].ready <= latest):
            beyond = detour(s, node.back, ride) if s.p.as_far else 0
            if timely(s, u, max(s.moments[w].ready + beyond, early), ride, v):
                out = length_to(s, profile, w, u)
                back = there[k] if s.p.symmetric else length(s, profile, u, v)
                consider_gap(s, r, p, delivery, w, out, back, best)


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
    collect_in(
        s, r, p, a, length_to(s, profile, a, p), length(s, profile, p, s.nodes[a].next), best
    )
    if a != c and s.pickup_count > 0:
        deliver_in(
            s, r, p, c, length_to(s, profile, c, q), length(s, profile, q, s.nodes[c].next), best
        )
        combine(s, p, best)


cdef inline void look_in_gaps(Search* s, int32_t p, Place* best) noexcept nogil:
    """PAIRED: list gaps beside the pickup's neighbours, mark those beside the delivery's."""
    s.pickup_count = 0
    look_where_it_was(s, p, best)
    s.seen += 1
    s.pickup_count = 0
    look_beside(s, p, p, False, best)
    look_beside(s, p, s.p.mate[p], True, best)
    combine(s, p, best)


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
