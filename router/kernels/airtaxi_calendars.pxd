# Calendars: how much of a resource is held in each second of the day.
#
# One cell a second answers exactly and without a search: holding a pad is 60
# additions, a charger for 20 minutes 1,200, which the compiler runs 16 at a time
# (about 60 ns); the largest use over a session is found at the same speed.
#
# Stands are held for hours: theirs are counted by whole blocks too. A second's use
# is that of its cell and that of its block together, and `most` is the largest use of
# a block's cells.

from libc.stdint cimport int16_t, int32_t, int64_t

from router.kernels.airtaxi_day cimport (
    BLOCK, CLOSED, HEADWAY, NO_AIRCRAFT, PAD, PILOT, Day, Leg, Stands,
)


cdef inline void hold(int16_t* use, int start, int end, int change) noexcept nogil:
    cdef int t
    for t in range(start, end):
        use[t] = <int16_t>(use[t] + change)


cdef inline bint room(int16_t* use, int start, int end, int capacity) noexcept nogil:
    """Whether one more fits into [start, end)."""
    cdef int16_t most = 0
    cdef int t
    for t in range(start, end):
        most = use[t] if use[t] > most else most
    return end <= start or most < capacity


cdef inline void hold_cells(Stands* s, int start, int end, int change) noexcept nogil:
    """Hold cells of one block."""
    cdef int b = start // BLOCK, t
    cdef int16_t most = 0
    hold(s.use, start, end, change)
    for t in range(b * BLOCK, b * BLOCK + BLOCK):
        most = s.use[t] if s.use[t] > most else most
    s.most[b] = most


cdef inline void hold_stand(Stands* s, int start, int end, int change) noexcept nogil:
    """Hold (or, with -1, release) a stand in [start, end)."""
    cdef int first = (start + BLOCK - 1) // BLOCK, last = end // BLOCK, b
    if start >= end:
        return
    if first > last:
        hold_cells(s, start, end, change)
        return
    if start < first * BLOCK:
        hold_cells(s, start, first * BLOCK, change)
    for b in range(first, last):
        s.whole[b] = <int16_t>(s.whole[b] + change)
    if last * BLOCK < end:
        hold_cells(s, last * BLOCK, end, change)


cdef inline bint stand_free(Stands* s, int start, int end, int capacity) noexcept nogil:
    """Whether a stand is free for all of [start, end)."""
    cdef int first = (start + BLOCK - 1) // BLOCK, last = end // BLOCK, b
    if start >= end:
        return True
    if first > last:
        return room(s.use, start, end, capacity - s.whole[last])
    for b in range(first, last):
        if s.most[b] + s.whole[b] >= capacity:
            return False
    return (
        room(s.use, start, first * BLOCK, capacity - s.whole[max(first - 1, 0)])
        and room(s.use, last * BLOCK, end, capacity - s.whole[last])
    )


cdef inline int stands_used(Stands* s, int64_t t) noexcept nogil:
    """Stands in use in a second."""
    return s.use[t] + s.whole[t // BLOCK]


cdef inline bint stands_full(Stands* s, int64_t t, int capacity) noexcept nogil:
    """Whether no stand is free in a second."""
    cdef int64_t b = t // BLOCK
    return s.most[b] + s.whole[b] >= capacity and s.use[t] + s.whole[b] >= capacity


cdef inline int last_full(int16_t* use, int start, int end, int capacity) noexcept nogil:
    """Last second of [start, end) at capacity, -1: none."""
    cdef int t
    if room(use, start, end, capacity):
        return -1
    for t in range(end - 1, start - 1, -1):
        if use[t] >= capacity:
            return t
    return -1


cdef inline int first_full(int16_t* use, int start, int end, int capacity) noexcept nogil:
    """First second of [start, end) at capacity, -1: none."""
    cdef int t
    if room(use, start, end, capacity):
        return -1
    for t in range(start, end):
        if use[t] >= capacity:
            return t
    return -1


cdef inline void hold_power(int32_t* use, int start, int end, int watts) noexcept nogil:
    cdef int t
    for t in range(start, end):
        use[t] += watts


cdef inline int first_over(int32_t* use, int start, int end, int64_t spare) noexcept nogil:
    """First second of [start, end) that uses more than `spare`, -1: none."""
    cdef int32_t most = 0
    cdef int t
    for t in range(start, end):
        most = use[t] if use[t] > most else most
    if most <= spare:
        return -1
    for t in range(start, end):
        if use[t] > spare:
            return t
    return -1


cdef inline int opening_wait(Day* d, int port, int start, int end) noexcept nogil:
    """Seconds until [start, end] lies in an opening; 0: it does; horizon: never."""
    cdef int i
    if d.open_from[port] == d.open_from[port + 1]:
        return 0
    for i in range(d.open_from[port], d.open_from[port + 1]):
        if end <= d.open_end[i]:
            if start >= d.open_start[i]:
                return 0
            if d.open_end[i] - d.open_start[i] >= end - start:
                return d.open_start[i] - start
    return d.horizon


cdef inline int closure_wait(
    int32_t* starts, int32_t* ends, int i, int stop, int start, int end
) noexcept nogil:
    """Seconds until [start, end] starts after every closed interval it meets."""
    cdef int wait = 0
    while i < stop:
        if starts[i] <= end + wait and start + wait <= ends[i]:
            wait = ends[i] + 1 - start
        i += 1
    return wait


cdef inline int step_at(Day* d, int kind, int corridor, int departure) noexcept nogil:
    """Index of the step that holds at a departure."""
    cdef int row = kind * d.corridors + corridor
    cdef int i = d.step_from[row], stop = d.step_from[row + 1]
    while i + 1 < stop and d.step_start[i + 1] <= departure:
        i += 1
    return i


cdef inline bint set_times(Day* d, int kind, int corridor, int off, Leg* leg) noexcept nogil:
    """Fill the four moments and the energy of a leg; false: beyond the horizon."""
    cdef int o = d.origin[corridor], t = d.destination[corridor], i
    leg.corridor = corridor
    leg.origin = o
    leg.destination = t
    leg.off = off
    leg.dep = off + d.taxi[o] + d.takeoff[o]
    i = step_at(d, kind, corridor, leg.dep)
    leg.land = leg.dep + d.step_s[i]
    leg.on = leg.land + d.landing[t] + d.taxi[t]
    leg.energy = d.step_wh[i]
    return leg.on <= d.horizon


cdef inline int leg_wait(Day* d, int aircraft, Leg* leg) noexcept nogil:
    """Least seconds to move a leg later for what stops it now; 0: nothing does."""
    cdef int o = leg.origin, t = leg.destination, c = leg.corridor, wait, at
    cdef int16_t* entry = d.entry_use + <int64_t>c * d.horizon
    if entry[leg.dep] > 0:
        d.cause = HEADWAY
        at = leg.dep
        while at < d.horizon and entry[at] > 0:
            at += 1
        return at - leg.dep
    at = last_full(d.pad_use + <int64_t>o * d.horizon, leg.dep - d.takeoff[o], leg.dep, d.pads[o])
    d.cause = PAD
    if at >= 0:
        return at + 1 - (leg.dep - d.takeoff[o])
    at = last_full(d.pad_use + <int64_t>t * d.horizon, leg.land, leg.land + d.landing[t], d.pads[t])
    if at >= 0:
        return at + 1 - leg.land
    d.cause = CLOSED
    wait = opening_wait(d, o, leg.dep - d.takeoff[o], leg.dep)
    if wait == 0:
        wait = opening_wait(d, t, leg.land, leg.land + d.landing[t])
    if wait == 0:
        wait = closure_wait(
            d.close_start, d.close_end, d.close_from[c], d.close_from[c + 1], leg.dep, leg.land
        )
    if wait == 0:
        d.cause = NO_AIRCRAFT
        wait = closure_wait(
            d.down_start, d.down_end, d.down_from[aircraft], d.down_from[aircraft + 1],
            leg.off, leg.on,
        )
    if wait == 0:
        d.cause = PILOT
        wait = closure_wait(
            d.rest_start, d.rest_end, d.rest_from[aircraft], d.rest_from[aircraft + 1],
            leg.off, leg.on,
        )
    return wait


cdef inline bint slot(
    Day* d, int aircraft, int corridor, int start, int end, Leg* leg
) noexcept nogil:
    """Set a leg to the earliest free off-block in [start, end]; false: none."""
    cdef int kind = d.tails[aircraft].kind, t = start, wait
    while t <= end:
        if not set_times(d, kind, corridor, t, leg):
            return False
        wait = leg_wait(d, aircraft, leg)
        if wait == 0:
            return True
        t += wait
    return False


cdef inline bint late_slot(
    Day* d, int aircraft, int corridor, int start, int end, Leg* leg
) noexcept nogil:
    """Set a leg to a late free off-block in [start, end], tried every 20 s; false: none."""
    cdef int kind = d.tails[aircraft].kind, t = end
    while t >= start:
        if set_times(d, kind, corridor, t, leg) and leg_wait(d, aircraft, leg) == 0:
            return True
        t -= 20
    return False


cdef inline void hold_leg(Day* d, Leg* leg, int change) noexcept nogil:
    """Hold (or, with -1, release) the pads and the corridor entry of a leg.

    A downtime spent at a vertiport holds a stand.
    """
    cdef int o = leg.origin, t = leg.destination, h
    if leg.corridor < 0:
        hold_stand(&d.stand_use[o], leg.off, leg.on, change)
        return
    hold(d.pad_use + <int64_t>o * d.horizon, leg.dep - d.takeoff[o], leg.dep, change)
    hold(d.pad_use + <int64_t>t * d.horizon, leg.land, leg.land + d.landing[t], change)
    h = d.headway[leg.corridor]
    if h > 0:
        hold(
            d.entry_use + <int64_t>leg.corridor * d.horizon,
            max(0, leg.dep - h + 1), min(d.horizon, leg.dep + h), change,
        )
