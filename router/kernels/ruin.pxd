"""Ruin: strings of neighbouring stops from neighbouring routes.

Slack induction by string removals (Christiaens, Vanden Berghe 2020,
doi:10.1287/trsc.2019.0914), with unserved jobs near the seed taken along.
"""

from router.kernels.jobs cimport job_of, mend, pool_job, remove_job, remove_visits
from router.kernels.model cimport NONE, PAIRS, RELOADS, Search, int32_t, int64_t
from router.kernels.rng cimport below, uniform
from router.kernels.trips cimport cross_trips, merge_trips


cdef inline int32_t stop_before(Search* s, int32_t v) noexcept nogil:
    """Previous stop in the route, reloads skipped; NONE at its start."""
    v = s.nodes[v].prev
    while v >= s.p.reloads_at:
        v = s.nodes[v].prev
    return v if v < s.p.n else NONE


cdef inline int32_t stop_after(Search* s, int32_t v) noexcept nogil:
    """Next stop in the route, reloads skipped; NONE at its end."""
    v = s.nodes[v].next
    while v >= s.p.reloads_at:
        v = s.nodes[v].next
    return v if v < s.p.n else NONE


cdef inline int32_t string_start(Search* s, int32_t v, int32_t count) noexcept nogil:
    """First stop of a random string of so many stops that holds v."""
    cdef int32_t ahead = 0, behind = 0, w = v, back
    while behind < count - 1:
        w = stop_before(s, w)
        if w == NONE:
            break
        behind += 1
    w = v
    while ahead < count - 1:
        w = stop_after(s, w)
        if w == NONE:
            break
        ahead += 1
    back = max(0, count - 1 - ahead)
    back += below(s, max(behind - back, 0) + 1)
    while back > 0 and stop_before(s, v) != NONE:
        v = stop_before(s, v)
        back -= 1
    return v


cdef inline void remove_string(Search* s, int32_t v, int32_t count) noexcept nogil:
    """Remove a string of count stops around v, perhaps sparing some in its middle."""
    cdef int32_t r = s.nodes[v].route, size = s.routes[r].size, spared = 0, skip_from = 0
    cdef int32_t k, w, m = 0
    cdef int32_t* chosen = s.scratch
    if count > 1 and count < size and uniform(s) < s.split_rate:
        spared = 1
        while count + spared < size and uniform(s) < s.split_depth:
            spared += 1
        skip_from = 1 + below(s, count - 1)
    w = string_start(s, v, count + spared)
    for k in range(count + spared):
        if w == NONE:
            break
        if k < skip_from or k >= skip_from + spared or spared == 0:
            chosen[m] = w
            m += 1
        w = stop_after(s, w)
    if s.p.features & (PAIRS | RELOADS):
        for k in range(m):
            if s.nodes[chosen[k]].route != NONE:
                remove_job(s, chosen[k])
        return
    skip_from = min(skip_from, m) if spared > 0 else m
    remove_visits(s, chosen, skip_from)
    remove_visits(s, chosen + skip_from, m - skip_from)


cdef inline void recall(Search* s) noexcept nogil:
    """Take a few jobs that are left out into the pool."""
    cdef int32_t k, _k
    if s.absent_count <= s.retry:
        for k in range(s.absent_count):
            pool_job(s, s.absent[k])
        return
    for _k in range(s.retry):
        pool_job(s, s.absent[below(s, s.absent_count)])


cdef inline int32_t choose_lead(Search* s) noexcept nogil:
    """Choose a job left out to open a route with, and pool those near it; return it."""
    cdef int32_t u = s.absent[below(s, s.absent_count)], k, v
    s.lead = u
    pool_job(s, u)
    for k in range(s.p.near_count):
        v = s.p.near[<int64_t>u * s.p.near_count + k]
        if v == NONE:
            break
        if s.absent_at[job_of(s, v)] != NONE:
            pool_job(s, job_of(s, v))
    return u


cdef inline void ruin(Search* s) noexcept nogil:
    """Remove strings around a random seed; routes are consistent afterwards."""
    cdef double mean_size, longest, most, cap
    cdef int32_t strings, k, v, seed, r, count, done = 0
    cdef const int32_t* near
    cdef bint opening = s.open_rate > 0 and uniform(s) < s.open_rate
    seed = below(s, s.p.n)
    if opening and s.absent_count > 0:
        seed = choose_lead(s)
    else:
        recall(s)
    if s.served == 0:
        return
    mean_size = <double>s.served / max(s.active, 1)
    longest = min(<double>s.longest_string, mean_size)
    most = 4.0 * s.mean_removed / (1.0 + longest) - 1.0
    strings = <int32_t>(uniform(s) * max(most, 1.0) + 1.0)
    near = s.p.near + <int64_t>seed * s.p.near_count
    for k in range(-1, s.p.near_count):
        v = seed if k < 0 else near[k]
        if v == NONE or done >= strings:
            break
        r = s.nodes[v].route
        if r == NONE:
            if s.absent_at[job_of(s, v)] != NONE:
                pool_job(s, job_of(s, v))
            continue
        if s.routes[r].stamp == s.stamp:
            continue
        cap = min(<double>s.routes[r].size, longest)
        count = <int32_t>(uniform(s) * cap + 1.0)
        if count > s.routes[r].size:
            count = s.routes[r].size
        remove_string(s, v, count)
        done += 1
    for k in range(s.routes_logged):
        mend(s, s.route_of[k])
    if opening and s.lead == NONE and s.nodes[seed].route == NONE:
        s.lead = job_of(s, seed)
    if s.p.features & RELOADS:
        for k in range(s.routes_logged):
            merge_trips(s, s.route_of[k])
        if uniform(s) < 0.5:
            cross_trips(s)
