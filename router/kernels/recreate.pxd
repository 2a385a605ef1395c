"""Recreate: greedy insertion of the pool in a random kind of order, with blinks."""

from libc.stdlib cimport qsort

from router.kernels.general cimport look_all_ways, look_around
from router.kernels.jobs cimport drive_with, insert_job, move_route, served, weight
from router.kernels.judge cimport judge, judged_price
from router.kernels.log cimport empty_slot
from router.kernels.model cimport (
    FAR, FLEET, GENERAL, NONE, NO_WAY, PAIRED, PAIRS, PLAIN, RELOADS, SPANNED, TIMED, TWINS, Place,
    Ranked, Search, Verdict, int32_t, int64_t,
)
from router.kernels.pair cimport look_pair, look_pair_general
from router.kernels.pair_near cimport look_pair_near
from router.kernels.place cimport look_empty, look_empty_of, look_near, look_route, nowhere
from router.kernels.rng cimport below, draw, uniform
from router.kernels.refresh cimport items_of
from router.kernels.tour cimport first_node, logged_price, more_routes, price
from router.kernels.trade cimport trade_vehicles

cdef extern from *:
    """
    #include <time.h>
    static double monotonic_seconds(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
    }
    """
    double monotonic_seconds() noexcept nogil


cdef inline int by_key(const void* a, const void* b) noexcept nogil:
    cdef const Ranked* x = <const Ranked*>a
    cdef const Ranked* y = <const Ranked*>b
    if x.key != y.key:
        return -1 if x.key < y.key else 1
    return -1 if x.job < y.job else (1 if x.job > y.job else 0)


cdef inline void rank_pool(Search* s) noexcept nogil:
    """Order the pool by a key drawn by weight, or at random."""
    cdef int32_t k = 0, i, j
    cdef double x = uniform(s)
    cdef Ranked moved
    while k < s.p.key_count and x >= s.p.key_weight[k]:
        k += 1
    for i in range(s.pool_count):
        if k == s.p.key_count:
            s.pool[i].key = <int64_t>(draw(s) >> 1)
        else:
            s.pool[i].key = s.p.keys[<int64_t>k * s.p.n + s.pool[i].job]
    if s.pool_count > 48:
        qsort(s.pool, s.pool_count, sizeof(Ranked), by_key)
        return
    for i in range(1, s.pool_count):
        moved = s.pool[i]
        j = i
        while j > 0 and s.pool[j - 1].key > moved.key:
            s.pool[j] = s.pool[j - 1]
            j -= 1
        s.pool[j] = moved


cdef inline void look_for_visit(Search* s, int32_t u, Place* best) noexcept nogil:
    """Find the cheapest place of a visit near its neighbours."""
    if s.p.kind == PLAIN:
        look_near(s, u, best, False, False)
    elif s.p.kind == TIMED:
        look_near(s, u, best, True, False)
    elif s.p.kind == SPANNED:
        look_near(s, u, best, True, True)
    else:
        look_around(s, u, best)


cdef inline void look_wider(Search* s, int32_t u, Place* best) noexcept nogil:
    """Nothing near: look at all of the routes that this iteration opened up."""
    cdef int32_t k, r, v
    for k in range(s.routes_logged):
        r = s.route_of[k]
        if s.routes[r].size == 0:
            continue
        if s.p.mate[u] != NONE:
            if s.p.kind == GENERAL:
                look_pair_general(s, u, r, best)
            else:
                look_pair(s, u, r, best)
        elif s.p.kind == PLAIN:
            look_route(s, u, r, best, False, False)
        elif s.p.kind == TIMED:
            look_route(s, u, r, best, True, False)
        elif s.p.kind == SPANNED:
            look_route(s, u, r, best, True, True)
        else:
            v = first_node(s, r)
            while v != first_node(s, r) + 1:
                look_all_ways(s, u, v, best)
                v = s.nodes[v].next


cdef inline void look_for(Search* s, int32_t u, Place* best) noexcept nogil:
    """Find the cheapest place of job u below best's cost."""
    cdef int64_t most = best.delta
    if s.p.mate[u] != NONE:
        look_empty(s, u, best)  # first: its cost bounds the others
        look_pair_near(s, u, best)
    else:
        look_for_visit(s, u, best)
        if best.delta == most or best.delta >= NO_WAY or (
            s.p.features & (FLEET | PAIRS | RELOADS) or uniform(s) < 0.05
        ):
            look_empty(s, u, best)
    if best.delta >= FAR and s.pool_count < 200:
        look_wider(s, u, best)


cdef inline int64_t place_job(Search* s, int32_t u) noexcept nogil:
    """Insert job u, or the best member of its group, where that pays; return what it costs.

    That is the way added, or what leaving out weighs.
    """
    cdef Place best
    cdef int32_t k, g = s.p.group[u]
    nowhere(&best)
    if s.p.prize[u] >= 0 and not s.eager:
        best.delta = weight(s, u)
    if g == NONE:
        look_for(s, u, &best)
    else:
        for k in range(s.p.group_first[g], s.p.group_first[g + 1]):
            look_for(s, s.p.members[k], &best)
    if best.route == NONE:
        return weight(s, u)
    insert_job(s, u, &best)
    return best.delta


cdef inline int64_t open_route(Search* s, int32_t u) noexcept nogil:
    """Give job u an unused vehicle, of any type or the cheapest; return what it costs."""
    cdef Place best
    cdef int32_t type = below(s, s.p.types)
    nowhere(&best)
    if uniform(s) < 0.5:
        look_empty_of(s, u, type, &best)
    if best.route == NONE:
        look_empty(s, u, &best)
    if best.route == NONE:
        return 0
    insert_job(s, u, &best)
    return best.delta


cdef inline void fit_depots(Search* s) noexcept nogil:
    """Hand each touched route to the unused vehicle of another type that drives it cheapest."""
    cdef int32_t k, r, m, other, chosen, touched = s.routes_logged
    cdef int64_t cost, least
    cdef Verdict verdict
    for k in range(touched):
        r = s.route_of[k]
        if s.routes[r].size == 0:
            continue
        least = price(s, r)
        chosen = NONE
        m = items_of(s, r, s.scratch)
        for other in range(s.p.types):
            if other == s.routes[r].type or empty_slot(s, other) == NONE:
                continue
            verdict = judge(s, other, s.scratch, m)
            cost = judged_price(s, other, &verdict)
            if verdict.feasible and cost < least:
                least = cost
                chosen = other
        if chosen != NONE:
            drive_with(s, r, empty_slot(s, chosen))


cdef inline void fit_vehicles(Search* s) noexcept nogil:
    """Hand each touched route to the unused twin vehicle that drives it cheapest."""
    cdef int32_t k, r, type, other, chosen, a
    cdef int64_t cost, least, adds = s.p.adds
    cdef bint room
    for k in range(s.routes_logged):
        r = s.route_of[k]
        if s.routes[r].size == 0:
            continue
        type = s.routes[r].type
        least = price(s, r)
        chosen = NONE
        for other in range(s.p.types):
            if other == type or s.p.twin[other] != s.p.twin[type]:
                continue
            cost = s.p.fixed[other] + s.p.per_distance[other] * s.routes[r].distance
            room = cost < least
            for a in range(s.p.adds):
                room = room and (s.room[r * adds + a] + s.p.capacity[other * adds + a]
                                 >= s.p.capacity[type * adds + a])
            if room and empty_slot(s, other) != NONE:
                least = cost
                chosen = other
        if chosen != NONE:
            move_route(s, r, chosen)


cdef inline void fit(Search* s) noexcept nogil:
    """Hand each touched route to the unused vehicle that drives it cheapest."""
    if s.p.features & TWINS and s.p.kind == PLAIN:
        fit_vehicles(s)
    else:
        fit_depots(s)


cdef inline int64_t ruined(Search* s) noexcept nogil:
    """What the ruin added to the cost (below 0: saved), were the pool served for nothing."""
    cdef int32_t k
    cdef int64_t spent = s.dear * more_routes(s)
    for k in range(s.routes_logged):
        spent += price(s, s.route_of[k]) - logged_price(s, k)
    for k in range(s.pool_count):
        if s.absent_at[s.pool[k].job] != NONE:
            spent -= weight(s, s.pool[k].job)
    return spent


cdef inline bint recreate(Search* s, double allowed) noexcept nogil:
    """Insert what the pool holds; jobs without a place stay out.

    Returns whether the plan may still cost no more than the allowed over the
    one before; gives up as soon as it cannot.
    """
    cdef int32_t k, job
    cdef int64_t spent = 0
    cdef bint fitting = s.fit_rate > 0 and uniform(s) < s.fit_rate
    cdef bint watched = allowed < 1e18 and not fitting
    if s.shrink_rate > 0 and uniform(s) < s.shrink_rate:
        fit(s)
    if s.trade_rate > 0 and uniform(s) < s.trade_rate:
        trade_vehicles(s)
    if watched:
        spent = ruined(s)
    if s.lead != NONE and not served(s, s.lead):  # nor another of its group
        spent += open_route(s, s.lead)
    rank_pool(s)
    k = 0
    while k < s.pool_count:
        job = s.pool[k].job
        if not served(s, job):
            spent += place_job(s, job)
            if watched and <double>spent > allowed:
                return False
        k += 1
        if k % 256 == 0 and monotonic_seconds() > s.deadline:
            break
    if fitting:
        fit(s)
    return True
