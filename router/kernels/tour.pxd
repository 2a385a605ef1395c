"""Routes as linked nodes: linking, and what each node knows of its route.

Invariant outside ruin: for every route, `arc`, `distance`, `size`, `room`, and
where the problem has time, `ready`, `latest` (and spans, loads aboard) are
those of the links. `router.kernels.refresh` restores the invariant of one route.
"""

from router.kernels.judge cimport (
    earliest_end, earliest_start, latest_end, latest_start, window_from, window_until,
)
from router.kernels.log cimport stack_if_empty, touch_node, touch_route, touch_trip
from router.kernels.model cimport (
    BACKHAUL, FAR, NO_WAY, NONE, RELEASES, WINDOWS, Route, Search, Travel, int32_t, int64_t,
)
from router.kernels.travel cimport arc, arc_to, ride, ride_to


cdef inline int32_t first_node(Search* s, int32_t r) noexcept nogil:
    """Start sentinel of route r; its end sentinel is the node after."""
    return s.p.n + 2 * r


cdef inline int32_t head_of(Search* s, int32_t t) noexcept nogil:
    """Node where trip t begins: a start sentinel or a reload."""
    return s.p.n + 2 * t if t < s.p.slots else s.p.reloads_at + t - s.p.slots


cdef inline int32_t depot_at(Search* s, int32_t v) noexcept nogil:
    """Depot of a reload node."""
    return s.reload_depot[v - s.p.reloads_at]


cdef inline int64_t price(Search* s, int32_t r) noexcept nogil:
    """Cost of route r: 0 when empty."""
    cdef int32_t type = s.routes[r].type
    if s.routes[r].size == 0:
        return 0
    return (s.p.fixed[type] + s.p.per_distance[type] * s.routes[r].distance
            + s.p.per_duration[type] * s.routes[r].duration)


cdef inline int64_t logged_price(Search* s, int32_t k) noexcept nogil:
    """Cost that the k-th touched route had when the iteration began."""
    cdef const Route* before = s.route_log + k
    if before.size == 0:
        return 0
    return (s.p.fixed[before.type] + s.p.per_distance[before.type] * before.distance
            + s.p.per_duration[before.type] * before.duration)


cdef inline int32_t more_routes(Search* s) noexcept nogil:
    """How many more routes are in use than when the iteration began."""
    cdef int32_t k, more = 0
    for k in range(s.routes_logged):
        more += (s.routes[s.route_of[k]].size > 0) - (s.route_log[k].size > 0)
    return more


cdef inline int32_t nature(Search* s, int32_t v) noexcept nogil:
    """Bits: 1 delivers, 2 collects, 4 a trip begins."""
    if v < s.p.n:
        return s.p.nature[v]
    if v >= s.p.reloads_at or (v - s.p.n) % 2 == 0:
        return 4
    return 0


cdef inline bint banned(Search* s, int32_t before, int32_t after) noexcept nogil:
    """Whether the backhaul rule forbids the arc between nodes of these natures."""
    return (before & 2 and after & 1) or (s.p.backhaul == 2 and before & 4 and after == 2)


cdef inline int64_t length(Search* s, int32_t profile, int32_t a, int32_t b) noexcept nogil:
    """Length of the arc from node a to b; NO_WAY or more: forbidden."""
    if s.p.features & BACKHAUL and banned(s, nature(s, a), nature(s, b)):
        return NO_WAY
    return arc(&s.p, profile, s.nodes[a].loc, s.nodes[b].loc)


cdef inline int64_t hop(Search* s, int32_t r, int32_t a, int32_t b) noexcept nogil:
    """Duration from node a to b with the vehicle of route r."""
    return ride(&s.p, s.p.profile[s.routes[r].type], s.nodes[a].loc, s.nodes[b].loc)


cdef inline int64_t length_to(Search* s, int32_t profile, int32_t a, int32_t b) noexcept nogil:
    """As `length`, by the row of b."""
    if s.p.features & BACKHAUL and banned(s, nature(s, a), nature(s, b)):
        return NO_WAY
    return arc_to(&s.p, profile, s.nodes[a].loc, s.nodes[b].loc)


cdef inline int64_t hop_to(Search* s, int32_t r, int32_t a, int32_t b) noexcept nogil:
    """As `hop`, by the row of b."""
    return ride_to(&s.p, s.p.profile[s.routes[r].type], s.nodes[a].loc, s.nodes[b].loc)


cdef inline void link(Search* s, int32_t r, int32_t a, int32_t b) noexcept nogil:
    """Make b follow a; both and the route were touched. An empty route is 0 long."""
    cdef int64_t d = 0
    if b != a + 1 or a != first_node(s, r):
        d = min(length(s, s.p.profile[s.routes[r].type], a, b), NO_WAY)
    link_by(s, r, a, b, d)


cdef inline void link_by(
    Search* s, int32_t r, int32_t a, int32_t b, int64_t d
) noexcept nogil:
    """As `link`, by an arc that is known."""
    s.nodes[a].next = b
    s.nodes[b].prev = a
    s.nodes[a].arc = <int32_t>d
    s.nodes[b].back = <int32_t>d
    s.routes[r].distance += d
    s.forbidden += d >= NO_WAY


cdef inline void unlink(Search* s, int32_t r, int32_t a) noexcept nogil:
    """Forget the arc that leaves a."""
    s.routes[r].distance -= s.nodes[a].arc
    s.forbidden -= s.nodes[a].arc >= NO_WAY


cdef inline void put(Search* s, int32_t r, int32_t v, int32_t after) noexcept nogil:
    """Insert node v (stop or reload) after a node of route r."""
    put_by(s, r, v, after, FAR, FAR)


cdef inline void put_by(
    Search* s, int32_t r, int32_t v, int32_t after, int64_t out, int64_t back
) noexcept nogil:
    """As `put`, by the arcs to and from it, FAR where they are not known."""
    cdef int32_t before = s.nodes[after].next, a, t = s.trip[after]
    touch_route(s, r)
    touch_node(s, after)
    touch_node(s, before)
    touch_node(s, v)
    unlink(s, r, after)
    s.nodes[v].route = r
    s.trip[v] = t
    if out < FAR:
        link_by(s, r, after, v, out)
        link_by(s, r, v, before, back)
    else:
        link(s, r, after, v)
        link(s, r, v, before)
    if v < s.p.n:
        touch_trip(s, t)
        for a in range(s.p.adds):
            s.room[<int64_t>t * s.p.adds + a] -= s.p.add[<int64_t>v * s.p.adds + a]
        s.routes[r].size += 1
    else:
        s.routes[r].reloads += 1


cdef inline void take_row(Search* s, const int32_t* row, int32_t count) noexcept nogil:
    """Remove stops that follow one another from their trip; the arcs between are not computed."""
    cdef int32_t v = row[0], r = s.nodes[v].route, t = s.trip[v], k, a
    cdef int32_t before = s.nodes[v].prev, after = s.nodes[row[count - 1]].next
    cdef int64_t adds = s.p.adds
    touch_route(s, r)
    touch_trip(s, t)
    touch_node(s, before)
    touch_node(s, after)
    unlink(s, r, before)
    for k in range(count):
        v = row[k]
        touch_node(s, v)
        unlink(s, r, v)
        s.nodes[v].route = NONE
        s.trip[v] = s.nowhere
        for a in range(s.p.adds):
            s.room[t * adds + a] += s.p.add[v * adds + a]
    link(s, r, before, after)
    s.routes[r].size -= count
    stack_if_empty(s, r)


cdef inline void take(Search* s, int32_t v) noexcept nogil:
    """Remove node v (stop or reload) from its route."""
    cdef int32_t r = s.nodes[v].route, before = s.nodes[v].prev, after = s.nodes[v].next
    if v < s.p.n:
        take_row(s, &v, 1)
        return
    touch_route(s, r)
    touch_node(s, before)
    touch_node(s, after)
    touch_node(s, v)
    unlink(s, r, before)
    unlink(s, r, v)
    link(s, r, before, after)
    s.nodes[v].route = NONE
    s.trip[v] = s.nowhere
    s.routes[r].reloads -= 1


cdef inline int64_t head_release(Search* s, int32_t head) noexcept nogil:
    """Latest release in the trip that begins at node head."""
    cdef int32_t v = s.nodes[head].next
    cdef int64_t found = -FAR
    if not s.p.features & RELEASES:
        return found
    while v < s.p.n:
        if s.p.release[v] > found:
            found = s.p.release[v]
        v = s.nodes[v].next
    return found


# Times. `ready` of a start sentinel is constant but for releases.

cdef inline int64_t reach(Search* s, int32_t v, int64_t arrival) noexcept nogil:
    """Departure from stop v when there at the arrival; FAR: too late."""
    cdef int32_t w
    if arrival > s.p.close[v]:
        return FAR
    if s.p.features & WINDOWS:
        w = window_from(s, v, arrival)
        return max(arrival, s.p.window_open[w]) + s.p.service[v]
    return max(arrival, s.p.open[v]) + s.p.service[v]


cdef inline int64_t last_start(Search* s, int32_t v, int64_t moment) noexcept nogil:
    """Latest arrival at stop v for service to start by the moment; -FAR: never."""
    if s.p.features & WINDOWS:
        return window_until(s, v, moment)
    return min(moment, s.p.close[v]) if moment >= s.p.open[v] else -FAR


cdef inline int64_t along(Search* s, int32_t r, int32_t v) noexcept nogil:
    """Duration of the way on from node v of route r."""
    cdef const Travel* t = s.p.travel + s.p.profile[s.routes[r].type]
    if t.durations == NULL and t.speed == 0.0 and not s.p.features & BACKHAUL:
        return s.nodes[v].arc
    return hop(s, r, v, s.nodes[v].next)


cdef inline int64_t loading(Search* s, int32_t r, int32_t head, int64_t release) noexcept nogil:
    """Earliest departure from the head of a trip whose goods are released then; FAR: too late."""
    cdef int32_t type = s.routes[r].type, depot = s.p.start[type], before
    cdef int64_t moment, close
    if head < s.p.reloads_at:
        moment = earliest_start(s, type)
        close = latest_start(s, type)
    else:
        depot = depot_at(s, head)
        before = s.nodes[head].prev
        moment = max(s.moments[before].ready + along(s, r, before), s.p.depot_open[depot])
        close = s.p.depot_close[depot]
    moment = max(moment, release)
    return FAR if moment > close else moment + s.p.depot_service[depot]


cdef inline int64_t ready_at(Search* s, int32_t r, int32_t v) noexcept nogil:
    """Earliest departure from v (arrival, at the end), given its predecessor's."""
    cdef int32_t before = s.nodes[v].prev
    cdef int64_t arrival
    if v >= s.p.reloads_at:
        return loading(s, r, v, head_release(s, v))
    arrival = s.moments[before].ready + along(s, r, before)
    if v < s.p.n:
        return reach(s, v, arrival)
    return arrival if arrival <= latest_end(s, s.routes[r].type) else FAR


cdef inline int64_t latest_at(Search* s, int32_t r, int32_t v) noexcept nogil:
    """Latest arrival at v that keeps what follows possible."""
    cdef int32_t depot
    cdef int64_t moment = s.moments[s.nodes[v].next].latest - along(s, r, v)
    if v < s.p.n:
        return last_start(s, v, moment - s.p.service[v])
    if v >= s.p.reloads_at:
        depot = depot_at(s, v)
        return min(moment - s.p.depot_service[depot], s.p.depot_close[depot])
    return moment - s.p.depot_service[s.p.start[s.routes[r].type]]


cdef inline void span_fore(Search* s, int32_t r, int32_t v) noexcept nogil:
    """Set the prefix span of v from its predecessor's; single windows."""
    cdef int32_t before = s.nodes[v].prev, type = s.routes[r].type
    cdef int64_t open, close, late, service = 0, fore
    fore = s.spans[before].fore + hop(s, r, before, v)
    late = s.spans[before].fore_latest
    if v < s.p.n:
        open = s.p.open[v]
        close = s.p.close[v]
        service = s.p.service[v]
    else:
        open = earliest_end(s, type)
        close = latest_end(s, type)
    s.spans[v].fore = fore + service + max(open - fore - late, 0)
    s.spans[v].fore_latest = min(late, close - fore)


cdef inline void span_back(Search* s, int32_t r, int32_t v) noexcept nogil:
    """Set the suffix span of v from its successor's; single windows."""
    cdef int32_t after = s.nodes[v].next
    cdef int64_t delta = s.p.service[v] + hop(s, r, v, after)
    cdef int64_t wait = max(s.spans[after].back_early - delta - s.p.close[v], 0)
    s.spans[v].back = delta + s.spans[after].back + wait
    s.spans[v].back_early = max(s.spans[after].back_early - delta, s.p.open[v]) - wait


cdef inline bint same_fore(Search* s, int32_t r, int32_t v, int64_t ready) noexcept nogil:
    """Update v's prefix data; return whether nothing changed."""
    cdef int64_t fore, late
    if s.spans == NULL:
        if s.moments[v].ready == ready:
            return True
        touch_node(s, v)
        s.moments[v].ready = ready
        return False
    touch_node(s, v)
    fore = s.spans[v].fore
    late = s.spans[v].fore_latest
    span_fore(s, r, v)
    if s.moments[v].ready == ready and fore == s.spans[v].fore and late == s.spans[v].fore_latest:
        return True
    s.moments[v].ready = ready
    return False


cdef inline bint same_back(Search* s, int32_t r, int32_t v, int64_t latest) noexcept nogil:
    """Update v's suffix data; return whether nothing changed."""
    cdef int64_t back, early
    if s.spans == NULL or v >= s.p.n:
        if s.moments[v].latest == latest:
            return True
        touch_node(s, v)
        s.moments[v].latest = latest
        return False
    touch_node(s, v)
    back = s.spans[v].back
    early = s.spans[v].back_early
    span_back(s, r, v)
    if s.moments[v].latest == latest and back == s.spans[v].back and early == s.spans[v].back_early:
        return True
    s.moments[v].latest = latest
    return False


cdef inline void settle(Search* s, int32_t r, int32_t v, int32_t w) noexcept nogil:
    """Bring what is known of times up to date where stops v to w, v first, came to route r.

    Prefix data from v on, suffix data from w back, each beyond the other as far as
    something changes.
    """
    cdef int32_t k = v, end = first_node(s, r) + 1
    cdef bint beyond = False, same
    while True:
        same = same_fore(s, r, k, ready_at(s, r, k))
        if k == end or (same and beyond):
            break
        beyond = beyond or k == w
        k = s.nodes[k].next
    k = w
    beyond = False
    while k != end - 1:
        same = same_back(s, r, k, latest_at(s, r, k))
        if same and beyond:
            break
        beyond = beyond or k == v
        k = s.nodes[k].prev
    if s.spans != NULL:
        s.routes[r].duration = s.spans[end].fore


cdef inline int32_t refresh_times(Search* s, int32_t r) noexcept nogil:
    """Recompute times of the whole route; return a node that is too late, or NONE."""
    cdef int32_t start = first_node(s, r), end = start + 1, v
    cdef int64_t ready
    v = s.nodes[start].next
    while True:
        ready = ready_at(s, r, v)
        if ready >= FAR:
            return v
        same_fore(s, r, v, ready)
        if v == end:
            break
        v = s.nodes[v].next
    v = s.nodes[end].prev
    while v != start:
        same_back(s, r, v, latest_at(s, r, v))
        v = s.nodes[v].prev
    if s.spans != NULL:
        s.routes[r].duration = s.spans[end].fore
        if s.routes[r].duration > s.p.max_duration[s.routes[r].type]:
            return s.nodes[end].prev
    return NONE
