"""Tails of routes whose vehicles differ, in depot or capacity: judged as whole routes.

    r:  A … v │ a … A          r:  A … v → w … A          q:  B … v → w … B
    q:  B … p │ w … B          q:  B … p → a … B    or    r:  A … p → a … A

As the ends are other places, what is known of a tail no longer holds. So a
proposal costs up to six distances where it does not pay; where it may, both
sequences are judged by every rule, and laid anew if kept. Both vehicles drive over
the same ways (one profile).
"""

from router.kernels.judge cimport judge, judged_price, pairs_kept
from router.kernels.model cimport DURATION, FAR, NO_WAY, PAIRS, Search, Verdict, int32_t, int64_t
from router.kernels.refresh cimport refresh
from router.kernels.tour cimport first_node, length, price, put, take

ctypedef struct Swap:
    int64_t cost      # what it adds, by distance; FAR: too much
    int32_t joined    # route that the joined sequence … v → w … goes to
    int32_t rest      # route of what remains … p → a …
    int32_t bare      # 1: nothing remains


cdef inline int64_t distance_to(Search* s, int32_t v) noexcept nogil:
    """Distance from the start of its route to stop v."""
    cdef int32_t k = first_node(s, s.nodes[v].route)
    cdef int64_t found = 0
    while k != v:
        found += s.nodes[k].arc
        k = s.nodes[k].next
    return found


cdef inline Swap weigh_swap(Search* s, int32_t v, int32_t p, double allowed) noexcept nogil:
    """The cheaper of both ways to share out the vehicles: each follows its head, or its tail.

    Where a distance costs both the same, the lengths decide; else the routes are walked,
    unless even the less dear vehicle for both would not do.
    """
    cdef int32_t r = s.nodes[v].route, q = s.nodes[p].route
    cdef int32_t r_start = first_node(s, r), q_start = first_node(s, q)
    cdef int32_t r_end = r_start + 1, q_end = q_start + 1
    cdef int32_t a = s.nodes[v].next, w = s.nodes[p].next
    cdef int32_t profile = s.p.profile[s.routes[r].type]
    cdef int64_t unit = s.p.per_distance[s.routes[r].type]
    cdef int64_t other = s.p.per_distance[s.routes[q].type], low = min(unit, other)
    cdef int64_t ways = s.routes[r].distance + s.routes[q].distance
    cdef int64_t spent = unit * s.routes[r].distance + other * s.routes[q].distance
    cdef int64_t base, heads, tails, by_heads, by_tails, link = length(s, profile, v, w), joint
    cdef Swap swap
    swap.bare = p == q_start and a == r_end
    base = link - s.nodes[v].arc - s.nodes[p].arc
    if p != q_start and a != r_end:
        base += length(s, profile, p, a)
    heads = length(s, profile, s.nodes[q_end].prev, r_end) - s.nodes[s.nodes[q_end].prev].arc
    by_heads = heads
    if a != r_end:
        heads += length(s, profile, s.nodes[r_end].prev, q_end) - s.nodes[s.nodes[r_end].prev].arc
    elif not swap.bare:
        heads += length(s, profile, p, q_end)
    tails = length(s, profile, q_start, s.nodes[r_start].next) - s.nodes[r_start].arc
    by_tails = tails
    if p != q_start:
        tails += length(s, profile, r_start, s.nodes[q_start].next) - s.nodes[q_start].arc
        if a == r_end:
            tails += length(s, profile, p, r_end)
    elif not swap.bare:
        tails += length(s, profile, r_start, a)
        heads += length(s, profile, q_start, a)
    heads += base
    tails += base
    if min(heads, tails) >= NO_WAY // 2 or (
            <double>(low * (ways + min(heads, tails)) - spent) >= allowed + s.dear
            + max(s.p.fixed[s.routes[r].type], s.p.fixed[s.routes[q].type]) * swap.bare):
        swap.cost = FAR
        return swap
    if unit == other:
        by_heads = unit * heads
        by_tails = unit * tails
    else:
        joint = distance_to(s, v) + link + (s.routes[q].distance - distance_to(s, w))
        by_heads = unit * (joint + by_heads) + other * (ways + heads - joint - by_heads) - spent
        by_tails = other * (joint + by_tails) + unit * (ways + tails - joint - by_tails) - spent
    swap.cost = min(by_heads, by_tails)
    swap.joined = r if by_heads <= by_tails else q
    swap.rest = q if by_heads <= by_tails else r
    if swap.bare:
        swap.cost -= s.p.fixed[s.routes[swap.rest].type] + s.dear
    return swap


cdef inline int32_t write_between(
    Search* s, int32_t v, int32_t end, int32_t* items
) noexcept nogil:
    """Write the stops from v to before a node; return how many."""
    cdef int32_t m = 0
    while v != end:
        items[m] = v
        m += 1
        v = s.nodes[v].next
    return m


cdef inline void lay_anew(Search* s, int32_t r, const int32_t* items, int32_t m) noexcept nogil:
    """Put stops, out of their routes, into the empty route r."""
    cdef int32_t k, at = first_node(s, r)
    for k in range(m):
        put(s, r, items[k], at)
        at = items[k]
    refresh(s, r)


cdef inline bint swap_tails(Search* s, int32_t v, int32_t p, double allowed) noexcept nogil:
    """Exchange what follows v and p in routes of different vehicle types, if that is allowed."""
    cdef int32_t r = s.nodes[v].route, q = s.nodes[p].route, m, n, k, culprit
    cdef int32_t r_start = first_node(s, r), q_start = first_node(s, q)
    cdef int32_t* one = s.scratch
    cdef int32_t* two
    cdef int64_t cost
    cdef Swap swap = weigh_swap(s, v, p, allowed)
    cdef Verdict verdict
    if swap.cost == FAR or (<double>swap.cost >= allowed and not s.p.features & DURATION):
        return False
    m = write_between(s, s.nodes[r_start].next, s.nodes[v].next, one)
    m += write_between(s, s.nodes[p].next, q_start + 1, one + m)
    two = one + m
    n = write_between(s, s.nodes[q_start].next, s.nodes[p].next, two)
    n += write_between(s, s.nodes[v].next, r_start + 1, two + n)
    if s.p.features & PAIRS and not (
            pairs_kept(s, one, m, &culprit) and pairs_kept(s, two, n, &culprit)):
        return False
    cost = -price(s, r) - price(s, q)
    verdict = judge(s, s.routes[swap.joined].type, one, m)
    if not verdict.feasible:
        return False
    cost += judged_price(s, s.routes[swap.joined].type, &verdict)
    if n > 0:
        verdict = judge(s, s.routes[swap.rest].type, two, n)
        if not verdict.feasible:
            return False
        cost += judged_price(s, s.routes[swap.rest].type, &verdict)
    else:
        cost -= s.dear
    if <double>cost >= allowed:
        return False
    for k in range(m + n):
        take(s, one[k])
    lay_anew(s, swap.joined, one, m)
    lay_anew(s, swap.rest, two, n)
    return True
