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
    CHUNK = 120  # seconds for which a session holds the power it draws at their start;
    # the third and each later chunk is half as long again as the one before
    SHORTEST = 30  # seconds; a shorter session is not worth its cable


cdef inline int table(Day* d, int kind, int group, int cap) noexcept nogil:
    return (kind * d.group_from[d.ports] + group) * CAPS + cap


cdef inline bint has_charger(Day* d, int port) noexcept nogil:
    return d.group_from[port] < d.group_from[port + 1]


cdef inline int strongest(Day* d, int kind, int port) noexcept nogil:
    """Row of the strongest charger of a vertiport, which has one."""
    return table(d, kind, d.group_from[port], 0)


cdef inline int most_charge(Day* d, int kind) noexcept nogil:
    """Level up to which a stay between flights charges."""
    return max(d.battery[kind] * 9 // 10, d.leave[kind])


cdef inline int guessed(Day* d, int row, int64_t milliseconds) noexcept nogil:
    """Level that so long a charge from empty reaches, by a straight line between entries."""
    cdef int32_t* guess = d.guess + d.guess_from[row]
    cdef int64_t step = d.guess_step[row] * 1000
    cdef int at = <int>min(milliseconds // step, <int64_t>d.guess_top[row])
    if at == d.guess_top[row]:
        return guess[at]
    return guess[at] + <int>((guess[at + 1] - guess[at]) * (milliseconds - at * step) // step)


cdef inline int level_after(Day* d, int row, int soc, int seconds) noexcept nogil:
    """State of charge after a session; see router.airtaxi.charging.charge."""
    cdef int64_t* fill = d.fill + d.fill_from[row]
    if soc >= d.fill_top[row]:
        return soc
    return level_at(d, row, fill[soc] + <int64_t>seconds * 1_000_000)


cdef inline int level_at(Day* d, int row, int64_t until) noexcept nogil:
    """Highest level that charging from empty reaches in so many microseconds.

    Between two entries of `guess` it rises so evenly that a straight line hits it
    or a neighbour.
    """
    cdef int64_t* fill = d.fill + d.fill_from[row]
    cdef int level, top = d.fill_top[row]
    if until <= 0:
        return 0
    level = guessed(d, row, until // 1000)
    while fill[level] > until:
        level -= 1
    while level < top and fill[level + 1] <= until:
        level += 1
    return level


cdef inline int seconds_to(Day* d, int row, int soc, int target) noexcept nogil:
    """Least seconds from one level to a higher one that the table reaches."""
    cdef int64_t* fill = d.fill + d.fill_from[row]
    return <int>((fill[target] - fill[soc] + 999_999) // 1_000_000)


cdef inline int charged_s(Day* d, int row, int soc) noexcept nogil:
    """Whole seconds in which a battery is charged from empty to a level, or as far as it gets."""
    return <int>(d.fill[d.fill_from[row] + min(soc, d.fill_top[row])] // 1_000_000)


cdef inline int grid_after(Day* d, int row, int seconds) noexcept nogil:
    """Grid power so many seconds after a charge from empty began, or a little more."""
    return d.grid_w[d.grid_from[row] + min(seconds // d.guess_step[row], d.guess_top[row])]


cdef inline int power_conflict(
    Day* d, int port, int row, int soc, int start, int end
) noexcept nogil:
    """First second at which a session would exceed the site's power, -1: none."""
    cdef int32_t* use = d.power_use + <int64_t>port * d.horizon
    cdef int t = start, at, chunk = CHUNK, before
    if d.limit_w[port] < 0:
        return -1
    before = charged_s(d, row, soc)
    while t < end:
        at = first_over(
            use, t, min(t + chunk, end), d.limit_w[port] - grid_after(d, row, before + t - start)
        )
        if at >= 0:
            return at
        t += chunk
        chunk += chunk >> 1 if t > start + CHUNK else 0
    return -1


cdef inline void hold_session(
    Day* d, int port, int kind, Session* s, int change
) noexcept nogil:
    """Hold (or, with -1, release) the charger and the power of a session."""
    cdef int row, before, t, chunk = CHUNK
    cdef int32_t* use = d.power_use + <int64_t>port * d.horizon
    if s.group < 0:
        return
    hold(d.charger_use + <int64_t>s.group * d.horizon, s.start, s.end, change)
    if d.limit_w[port] < 0:
        return
    row = table(d, kind, s.group, s.cap)
    before = charged_s(d, row, s.held)
    t = s.start
    while t < s.end:
        hold_power(
            use, t, min(t + chunk, s.end), change * grid_after(d, row, before + t - s.start)
        )
        t += chunk
        chunk += chunk >> 1 if t > s.start + CHUNK else 0


cdef inline bint same_hold(Session* a, Session* b) noexcept nogil:
    """Whether two sessions of one stay hold the same."""
    if a.group < 0 or b.group < 0:
        return a.group < 0 and b.group < 0
    return (
        a.group == b.group and a.cap == b.cap and a.start == b.start and a.end == b.end
        and a.held == b.held
    )


cdef inline bint refill(Day* d, int kind, Session* s, int soc, int target) noexcept nogil:
    """Begin a session at another level that what it holds covers; false: it has to be chosen anew.

    Power falls with charge, so a session that begins higher needs no more than it holds.
    """
    cdef int row
    if s.group < 0 or soc < s.held or soc >= target or (s.after >= target and soc < s.before):
        return False
    row = table(d, kind, s.group, s.cap)
    s.before, s.after = soc, level_after(d, row, soc, s.end - s.start)
    return s.after > soc


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
        at = power_conflict(d, port, row, soc, s, e)
        if at >= 0:
            e = at
            by_power = short_of_power = True
            d.cut |= 2
        if e - s >= SHORTEST:
            after = level_after(d, row, soc, e - s)
            if after > best.after:
                best.group, best.cap, best.start, best.end = group, cap, s, e
                best.before, best.after, best.held = soc, after, soc
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
    best.before = best.after = best.held = soc
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
