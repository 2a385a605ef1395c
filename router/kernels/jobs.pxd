"""Jobs (a visit, or both stops of a shipment): serving them and leaving them out.

A job is named by its visit or pickup. Of an exclusive group at most one member
is served; the group's price of leaving out stands at each member.
"""

from router.kernels.log cimport empty_slot, touch_node, touch_route, touch_trip
from router.kernels.model cimport (
    GENERAL, NONE, NO_WAY, PAIRED, PLAIN, Place, Search, int32_t, int64_t,
)
from router.kernels.refresh cimport refresh, refresh_aboard
from router.kernels.tour cimport first_node, put, put_by, settle, take, take_row


cdef inline bint served(Search* s, int32_t u) noexcept nogil:
    """Whether the job, or another member of its group, stands in a route."""
    if s.nodes[u].route != NONE:
        return True
    return s.p.group[u] != NONE and s.group_served[s.p.group[u]] != NONE


cdef inline int64_t longing(Search* s, int32_t u) noexcept nogil:
    """What leaving out the required job u weighs in the search."""
    return s.absence * (1 + s.patience[u])


cdef inline int64_t weight(Search* s, int32_t u) noexcept nogil:
    """What leaving out job u weighs: its prize and the lure, or the longing for it."""
    return s.p.prize[u] + s.lure if s.p.prize[u] >= 0 else longing(s, u)


cdef inline void leave_out(Search* s, int32_t u) noexcept nogil:
    """Account for job u leaving its route."""
    s.served -= 1 if s.p.mate[u] == NONE else 2
    if s.p.group[u] != NONE:
        s.group_served[s.p.group[u]] = NONE
    if s.p.prize[u] >= 0:
        s.cost += s.p.prize[u]
        s.declined += 1
    else:
        s.missing += 1
        s.penalty += longing(s, u)


cdef inline void bring_in(Search* s, int32_t u, int32_t absentee) noexcept nogil:
    """Account for job u entering a route, for itself or a member of its group."""
    s.served += 1 if s.p.mate[u] == NONE else 2
    if s.p.group[u] != NONE:
        s.group_served[s.p.group[u]] = u
    if s.p.prize[u] >= 0:
        s.cost -= s.p.prize[u]
        s.declined -= 1
    else:
        s.missing -= 1
        s.penalty -= longing(s, absentee)


cdef inline void pool_job(Search* s, int32_t u) noexcept nogil:
    """Put job u into this iteration's pool, once."""
    if s.pooled[u] == s.stamp:
        return
    s.pooled[u] = s.stamp
    s.pool[s.pool_count].job = u
    s.pool_count += 1


cdef inline int32_t job_of(Search* s, int32_t v) noexcept nogil:
    """Job of a stop: the pickup stands for its shipment."""
    return v if s.p.mate[v] == NONE or s.p.pickup[v] else s.p.mate[v]


cdef inline void remove_job(Search* s, int32_t v) noexcept nogil:
    """Take the job of stop v out of its route and into the pool."""
    cdef int32_t u = job_of(s, v)
    take(s, u)
    if s.p.mate[u] != NONE:
        take(s, s.p.mate[u])
    leave_out(s, u)
    pool_job(s, u)


cdef inline void remove_visits(Search* s, const int32_t* row, int32_t count) noexcept nogil:
    """As `remove_job`, of visits that follow one another in a trip."""
    cdef int32_t k
    if count > 0:
        take_row(s, row, count)
    for k in range(count):
        leave_out(s, row[k])
        pool_job(s, row[k])


cdef inline void mend(Search* s, int32_t r) noexcept nogil:
    """Restore route r's invariant, giving up stops where a rule breaks."""
    cdef int32_t culprit = refresh(s, r), v
    while culprit != NONE:
        v = culprit
        while v >= s.p.n and v != first_node(s, r):
            v = s.nodes[v].prev
        if v >= s.p.n:
            v = s.nodes[first_node(s, r)].next
        if v >= s.p.n:
            return
        remove_job(s, v)
        culprit = refresh(s, r)


cdef inline void mend_arcs(Search* s) noexcept nogil:
    """Give up stops of the touched routes that are reached over a forbidden arc."""
    cdef int32_t k = 0, v, end
    while s.forbidden > 0 and k < s.routes_logged:
        end = first_node(s, s.route_of[k]) + 1
        v = end - 1
        while v != end and s.nodes[v].arc < NO_WAY:
            v = s.nodes[v].next
        if v == end:
            k += 1
            continue
        v = s.nodes[v].next if s.nodes[v].next < s.p.n else v
        remove_job(s, v)
        mend(s, s.route_of[k])


cdef inline int32_t new_reload(Search* s, int32_t depot) noexcept nogil:
    """Return a free reload node set to the depot, or NONE."""
    cdef int32_t _tries, v
    for _tries in range(s.p.reload_pool):
        s.reload_cursor += 1
        if s.reload_cursor >= s.p.reload_pool:
            s.reload_cursor = 0
        v = s.p.reloads_at + s.reload_cursor
        if s.nodes[v].route == NONE and s.nodes[v].stamp != s.stamp:
            touch_node(s, v)
            s.reload_depot[s.reload_cursor] = depot
            s.nodes[v].loc = s.p.depot_place[depot]
            return v
    return NONE


cdef inline int32_t move_route(Search* s, int32_t r, int32_t type) noexcept nogil:
    """PLAIN: hand route r to an unused vehicle of a twin type; return its slot."""
    cdef int32_t to = empty_slot(s, type), start = first_node(s, r), target = first_node(s, to)
    cdef int32_t v = s.nodes[start].next, a
    cdef int64_t adds = s.p.adds
    touch_route(s, r)
    touch_route(s, to)
    touch_trip(s, to)
    touch_trip(s, r)
    for a in range(4):
        touch_node(s, start + a % 2 if a < 2 else target + a % 2)
    for a in range(s.p.adds):
        s.room[to * adds + a] = (s.room[r * adds + a] + s.p.capacity[type * adds + a]
                                 - s.p.capacity[s.routes[r].type * adds + a])
        s.room[r * adds + a] = s.p.capacity[s.routes[r].type * adds + a]
    touch_node(s, v)
    touch_node(s, s.nodes[start + 1].prev)
    s.nodes[target].next = v
    s.nodes[target].arc = s.nodes[start].arc
    s.nodes[v].prev = target
    s.nodes[target + 1].prev = s.nodes[start + 1].prev
    s.nodes[s.nodes[target + 1].prev].next = target + 1
    while v != target + 1:
        touch_node(s, v)
        s.nodes[v].route = to
        s.trip[v] = to
        v = s.nodes[v].next
    s.routes[to].distance = s.routes[r].distance
    s.routes[to].size = s.routes[r].size
    s.routes[r].size = 0
    s.routes[r].distance = 0
    clear_route(s, r)
    return to


cdef inline void drive_with(Search* s, int32_t r, int32_t to) noexcept nogil:
    """Hand all stops of route r, which has no reload, to the empty route to, in order."""
    cdef int32_t at = first_node(s, to), v
    while s.routes[r].size > 0:
        v = s.nodes[first_node(s, r)].next
        take(s, v)
        put(s, to, v, at)
        at = v
    refresh(s, r)
    refresh(s, to)


cdef inline void clear_route(Search* s, int32_t r) noexcept nogil:
    """Link the sentinels of an emptied route; touched by the caller."""
    cdef int32_t start = first_node(s, r)
    s.nodes[start].next = start + 1
    s.nodes[start + 1].prev = start
    s.nodes[start].arc = 0
    if not s.stacked[r]:
        s.empty[s.p.first_slot[s.routes[r].type] + s.empty_count[s.routes[r].type]] = r
        s.empty_count[s.routes[r].type] += 1
        s.stacked[r] = 1


cdef inline void insert_job(Search* s, int32_t absentee, const Place* best) noexcept nogil:
    """Carry out a place: links, loads, times and account."""
    cdef int32_t r = best.route, after = best.after, start = first_node(s, r), v, u = best.stop
    if best.type != NONE:
        r = move_route(s, r, best.type)
        if after == start:
            after = first_node(s, r)
    if best.reload_before != NONE:
        v = new_reload(s, best.reload_before)
        if v == NONE:
            return
        put(s, r, v, after)
        after = v
    put_by(s, r, u, after, best.out, best.back)
    if best.reload_after != NONE:
        v = new_reload(s, best.reload_after)
        if v != NONE:
            put(s, r, v, u)
    if best.second != NONE:
        put(s, r, s.p.mate[u], best.second)
    bring_in(s, u, absentee)
    v = u if best.second == NONE else s.p.mate[u]
    if s.p.kind == GENERAL:
        mend(s, r)
    elif s.p.kind != PLAIN:
        settle(s, r, u, v)
    if s.p.kind == PAIRED:
        refresh_aboard(s, r, u, v)
