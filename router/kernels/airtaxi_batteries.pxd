# Charging: levels and times by table, chargers and site power by calendar.

from libc.stdint cimport int16_t, int32_t, int64_t

from router.kernels.airtaxi_calendars cimport (
    closure_wait,
    first_full,
    first_over,
    hold,
    hold_power,
)
from router.kernels.airtaxi_day cimport CAPS, Day, Session, Tail

cdef enum:
    CHUNK = 120  # seconds for which a session holds the power it draws at their start
    SHORTEST = 30  # seconds; a shorter session is not worth its cable


cdef inline int table(Day* d, int kind, int group, int cap) noexcept nogil:
    return (kind * d.group_from[d.ports] + group) * CAPS + cap


cdef inline int level_after(Day* d, int row, int soc, int seconds) noexcept nogil:
    """State of charge after a session; see router.airtaxi.charging.charge."""
    cdef int64_t* fill = d.fill + d.fill_from[row]
    cdef int low = soc, high = d.fill_top[row], middle
    cdef int64_t until
    if soc >= high:
        return soc
    until = fill[soc] + <int64_t>seconds * 1_000_000
    while low < high:
        middle = (low + high + 1) >> 1
        if fill[middle] <= until:
            low = middle
        else:
            high = middle - 1
    return low


cdef inline int seconds_to(Day* d, int row, int soc, int target) noexcept nogil:
    """Least seconds from one level to a higher one that the table reaches."""
    cdef int64_t* fill = d.fill + d.fill_from[row]
    return <int>((fill[target] - fill[soc] + 999_999) // 1_000_000)


cdef inline int grid_w(Day* d, int kind, int row, int group, int soc) noexcept nogil:
    """Grid power of a session that has reached a level."""
    cdef int64_t watts = d.cap_w[row]
    if soc >= d.accept_from[kind + 1] - d.accept_from[kind]:
        return 0
    watts = min(watts, <int64_t>d.accept_w[d.accept_from[kind] + soc])
    return <int>((watts * 1000 + d.efficiency[group] - 1) // d.efficiency[group])


cdef inline int power_conflict(
    Day* d, int port, int kind, int row, int group, int soc, int start, int end
) noexcept nogil:
    """First second at which a session would exceed the site's power, -1: none."""
    cdef int32_t* use = d.power_use + <int64_t>port * d.horizon
    cdef int t = start, at
    if d.limit_w[port] < 0:
        return -1
    while t < end:
        at = first_over(
            use, t, min(t + CHUNK, end),
            d.limit_w[port] - grid_w(d, kind, row, group, level_after(d, row, soc, t - start)),
        )
        if at >= 0:
            return at
        t += CHUNK
    return -1


cdef inline void hold_session(
    Day* d, int port, int kind, Session* s, int change
) noexcept nogil:
    """Hold (or, with -1, release) the charger and the power of a session."""
    cdef int row, t
    cdef int32_t* use = d.power_use + <int64_t>port * d.horizon
    if s.group < 0:
        return
    hold(d.charger_use + <int64_t>s.group * d.horizon, s.start, s.end, change)
    if d.limit_w[port] < 0:
        return
    row = table(d, kind, s.group, s.cap)
    t = s.start
    while t < s.end:
        hold_power(
            use, t, min(t + CHUNK, s.end),
            change * grid_w(d, kind, row, s.group, level_after(d, row, s.before, t - s.start)),
        )
        t += CHUNK


cdef inline bint try_session(
    Day* d, int port, int kind, int group, int cap, int soc, int target,
    int start, int end, Session* best,
) noexcept nogil:
    """Improve `best` by the longest free session of a group and cap in [start, end].

    Returns whether site power was what cut it short.
    """
    cdef int row = table(d, kind, group, cap)
    cdef int16_t* chargers = d.charger_use + <int64_t>group * d.horizon
    cdef int goal = min(target, d.fill_top[row]), need, s = start, e, at, after
    cdef bint short_of_power = False, by_power
    if goal <= soc:
        return False
    need = seconds_to(d, row, soc, goal)
    while s + SHORTEST <= end:
        e = min(end, s + need)
        by_power = False
        at = first_full(chargers, s, e, d.chargers[group])
        if at >= 0:
            e = at
            d.cut |= 1
        at = power_conflict(d, port, kind, row, group, soc, s, e)
        if at >= 0:
            e = at
            by_power = short_of_power = True
            d.cut |= 2
        if e - s >= SHORTEST:
            after = level_after(d, row, soc, e - s)
            if after > best.after:
                best.group, best.cap, best.start, best.end = group, cap, s, e
                best.before, best.after = soc, after
        if e == min(end, s + need):
            break
        s = e
        if by_power:
            s += CHUNK
        else:
            while s < end and chargers[s] >= d.chargers[group]:
                s += 1
    return short_of_power


cdef inline void choose_session(
    Day* d, int aircraft, int port, int soc, int target, int start, int end, Session* best
) noexcept nogil:
    """Find the session of one stay that charges most, up to the target."""
    cdef int kind = d.tails[aircraft].kind, group, cap, i
    best.group = -1
    best.before = best.after = soc
    best.start = best.end = start
    for i in range(d.down_from[aircraft], d.down_from[aircraft + 1]):
        # An aircraft that is down in the middle of a stay charges before it or after it.
        if d.down_start[i] <= end and start <= d.down_end[i]:
            if d.down_start[i] - start > end - d.down_end[i]:
                end = min(end, d.down_start[i] - 1)
            else:
                start = max(start, d.down_end[i] + 1)
    for group in range(d.group_from[port], d.group_from[port + 1]):
        for cap in range(CAPS):
            if not try_session(d, port, kind, group, cap, soc, target, start, end, best):
                break
        if best.after >= target:
            break
