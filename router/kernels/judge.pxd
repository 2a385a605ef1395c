"""The exact rules, by walking a whole route: the reference of every shortcut.

A sequence is an array of stops (>= 0) and reloads (-1 - depot), the start and
end of the route not among them.
"""

from router.kernels.model cimport (
    DURATION, FAR, NO_WAY, NONE, PAIRS, Search, Verdict, WINDOWS, int32_t, int64_t,
)
from router.kernels.travel cimport arc, ride


cdef inline int32_t place_of(Search* s, int32_t item) noexcept nogil:
    """Location of an item of a sequence."""
    return s.p.place[item] if item >= 0 else s.p.depot_place[-1 - item]


cdef inline int32_t start_place(Search* s, int32_t type) noexcept nogil:
    return s.p.depot_place[s.p.start[type]]


cdef inline int32_t end_place(Search* s, int32_t type) noexcept nogil:
    return s.p.locations if s.p.end[type] == NONE else s.p.depot_place[s.p.end[type]]


cdef inline int64_t latest_end(Search* s, int32_t type) noexcept nogil:
    """Latest moment at which a vehicle of the type may be back."""
    cdef int64_t close = s.p.shift_close[type]
    if s.p.end[type] != NONE and s.p.depot_close[s.p.end[type]] < close:
        close = s.p.depot_close[s.p.end[type]]
    return close


cdef inline int64_t earliest_end(Search* s, int32_t type) noexcept nogil:
    """Earliest moment at which a route of the type can be over."""
    cdef int64_t open = s.p.shift_open[type]
    if s.p.end[type] != NONE and s.p.depot_open[s.p.end[type]] > open:
        open = s.p.depot_open[s.p.end[type]]
    return open


cdef inline int64_t earliest_start(Search* s, int32_t type) noexcept nogil:
    cdef int64_t open = s.p.shift_open[type]
    return max(open, s.p.depot_open[s.p.start[type]])


cdef inline int64_t latest_start(Search* s, int32_t type) noexcept nogil:
    cdef int64_t close = s.p.shift_close[type]
    return min(close, s.p.depot_close[s.p.start[type]])


cdef inline int32_t window_from(Search* s, int32_t v, int64_t arrival) noexcept nogil:
    """First window of stop v that is not over at the arrival, or NONE."""
    cdef int32_t w
    for w in range(s.p.first_window[v], s.p.first_window[v + 1]):
        if s.p.window_close[w] >= arrival:
            return w
    return NONE


cdef inline int64_t window_until(Search* s, int32_t v, int64_t moment) noexcept nogil:
    """Latest start of service at stop v not after the moment, or -FAR."""
    cdef int32_t w
    for w in range(s.p.first_window[v + 1] - 1, s.p.first_window[v] - 1, -1):
        if s.p.window_open[w] <= moment:
            return min(moment, s.p.window_close[w])
    return -FAR


cdef inline int64_t trip_release(
    Search* s, const int32_t* items, int32_t m, int32_t k
) noexcept nogil:
    """Latest release among the stops from items[k] to the next reload."""
    cdef int64_t found = -FAR
    while k < m and items[k] >= 0:
        if s.p.release[items[k]] > found:
            found = s.p.release[items[k]]
        k += 1
    return found


cdef inline bint loads_fit(
    Search* s, int32_t type, const int32_t* items, int32_t m, int32_t* culprit
) noexcept nogil:
    """Whether no trip carries more than the vehicle holds, in any dimension."""
    cdef int32_t k = 0, i, d, dims = s.p.dims, stop
    cdef int64_t load, hold
    while k <= m:
        for d in range(dims):
            hold = s.p.hold[<int64_t>type * dims + d]
            load = 0
            i = k
            while i < m and items[i] >= 0:
                load += s.p.deliver[<int64_t>items[i] * dims + d]
                i += 1
            i = k
            if load > hold:
                culprit[0] = items[k]
                return False
            while i < m and items[i] >= 0:
                stop = items[i]
                load += (s.p.collect[<int64_t>stop * dims + d] + s.p.carry[<int64_t>stop * dims + d]
                         - s.p.deliver[<int64_t>stop * dims + d])
                if load > hold:
                    culprit[0] = stop
                    return False
                i += 1
        while k < m and items[k] >= 0:
            k += 1
        k += 1
    return True


cdef inline bint order_kept(
    Search* s, const int32_t* items, int32_t m, int32_t* culprit
) noexcept nogil:
    """Whether each trip keeps the backhaul rule."""
    cdef int32_t k
    cdef bint collected = False, fresh = True
    for k in range(m):
        if items[k] < 0:
            collected = False
            fresh = True
            continue
        if (collected and s.p.nature[items[k]] & 1) or (
            fresh and s.p.backhaul == 2 and s.p.nature[items[k]] == 2
        ):
            culprit[0] = items[k]
            return False
        collected = collected or s.p.nature[items[k]] & 2
        fresh = False
    return True


cdef inline bint pairs_kept(
    Search* s, const int32_t* items, int32_t m, int32_t* culprit
) noexcept nogil:
    """Whether each shipment picked up is delivered before the next reload."""
    cdef int32_t k, i
    for k in range(m):
        if items[k] < 0 or s.p.mate[items[k]] == NONE or not s.p.pickup[items[k]]:
            continue
        i = k + 1
        while i < m and items[i] >= 0 and items[i] != s.p.mate[items[k]]:
            i += 1
        if i == m or items[i] < 0:
            culprit[0] = items[k]
            return False
    return True


cdef inline bint timed_pass(
    Search* s, int32_t type, const int32_t* items, int32_t m, int64_t from_time,
    int64_t* duration, int64_t* latest, int32_t* culprit,
) noexcept nogil:
    """Walk from a start at from_time or later, each stop in its first open window.

    Sets the least duration with the windows so chosen, and the latest start
    that allows it. Segments as in Vidal et al. 2013, doi:10.1016/j.cor.2012.07.018.
    """
    cdef int32_t profile = s.p.profile[type], at = start_place(s, type), k, w, to, depot
    cdef int64_t ready, fore, late, open, close, service, hop, wait
    cdef int32_t item
    ready = max(from_time, max(earliest_start(s, type), trip_release(s, items, m, 0)))
    late = latest_start(s, type)
    if ready > late:
        culprit[0] = NONE
        return False
    fore = s.p.depot_service[s.p.start[type]]
    ready += fore
    for k in range(m + 1):
        item = items[k] if k < m else NONE
        to = place_of(s, item) if k < m else end_place(s, type)
        hop = ride(&s.p, profile, at, to)
        if hop >= NO_WAY:
            culprit[0] = item
            return False
        at = to
        if k == m:
            open = earliest_end(s, type)
            close = latest_end(s, type)
            service = 0
        elif item < 0:
            depot = -1 - item
            open = max(s.p.depot_open[depot], trip_release(s, items, m, k + 1))
            close = s.p.depot_close[depot]
            service = s.p.depot_service[depot]
        else:
            w = window_from(s, item, ready + hop)
            if w == NONE:
                culprit[0] = item
                return False
            open = s.p.window_open[w]
            close = s.p.window_close[w]
            service = s.p.service[item]
        ready += hop
        if max(ready, open) > close:
            culprit[0] = item
            return False
        fore += hop
        wait = open - fore - late
        late = min(late, close - fore)
        ready = max(ready, open) + service
        fore += service + max(wait, 0)
    duration[0] = fore
    latest[0] = late
    return True


cdef inline Verdict judge(Search* s, int32_t type, const int32_t* items, int32_t m) noexcept nogil:
    """Judge a sequence driven by a vehicle of the type, by every rule."""
    cdef Verdict out
    cdef int32_t k, at = start_place(s, type), to, stops = 0, reloads = 0
    cdef int64_t hop, duration = 0, latest = 0, best = FAR, from_time = -FAR
    out.feasible = 0
    out.culprit = NONE
    out.distance = 0
    out.duration = 0
    for k in range(m + 1):
        to = end_place(s, type) if k == m else place_of(s, items[k])
        hop = arc(&s.p, s.p.profile[type], at, to)
        if k < m and items[k] >= 0:
            stops += 1
            out.culprit = items[k]
            if s.p.allowed != NULL and not s.p.allowed[<int64_t>type * s.p.n + items[k]]:
                return out
        elif k < m:
            reloads += 1
        if hop >= NO_WAY:
            return out
        out.distance += hop
        at = to
    if m == 0:
        out.feasible = 1
        out.distance = 0
        return out
    if (stops > s.p.max_stops[type] or reloads > s.p.max_reloads[type]
            or out.distance > s.p.max_distance[type]):
        return out
    if not loads_fit(s, type, items, m, &out.culprit):
        return out
    if s.p.backhaul > 0 and not order_kept(s, items, m, &out.culprit):
        return out
    if reloads > 0 and s.p.features & PAIRS and not pairs_kept(s, items, m, &out.culprit):
        return out
    while timed_pass(s, type, items, m, from_time, &duration, &latest, &out.culprit):
        best = min(best, duration)
        if not (s.p.features & WINDOWS and s.p.features & DURATION):
            break
        from_time = latest + 1
    if best >= FAR or best > s.p.max_duration[type]:
        return out
    out.duration = best
    out.feasible = 1
    return out


cdef inline int64_t judged_price(Search* s, int32_t type, const Verdict* verdict) noexcept nogil:
    """Cost of a judged sequence of at least one stop with a vehicle of the type."""
    return (s.p.fixed[type] + s.p.per_distance[type] * verdict.distance
            + s.p.per_duration[type] * verdict.duration)
