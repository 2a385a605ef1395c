# Changes of one tail, each exactly simulated: all resources are held at the end,
# or nothing has changed.

from libc.stdint cimport int64_t

from router.kernels.airtaxi_calendars cimport hold_leg, late_slot, slot
from router.kernels.airtaxi_day cimport PILOT, Day, Leg, Tail
from router.kernels.airtaxi_tails cimport (
    copy_tail,
    deadline,
    gap_end,
    hold_legs,
    hold_sessions,
    hold_stays,
    lasts,
    next_place,
    place,
    ready,
    recharge,
    splice,
    take_stands,
    touch,
)

cdef enum:
    PUSHED = 8  # most legs after a gap that are put back for a flight in it


cdef inline void clear(Leg* leg) noexcept nogil:
    """Make a leg an empty one."""
    leg.n = leg.seats = leg.weight = leg.timetable = leg.alone = 0


cdef inline int link(Day* d, int kind, int origin, int destination) noexcept nogil:
    """Corridor that a type may fly from one vertiport to another, -1: none."""
    cdef int c = d.link[origin * d.ports + destination]
    return c if c >= 0 and d.least_block[kind * d.corridors + c] >= 0 else -1


cdef inline int block(Day* d, int kind, int corridor) noexcept nogil:
    """Shortest time from off-block to on-block."""
    return d.least_block[kind * d.corridors + corridor]


cdef inline bint between(
    Day* d, int aircraft, int origin, int destination, int start, int end, bint late, Leg* leg
) noexcept nogil:
    """Set an empty leg to leave at or after `start` and to be on block by `end`."""
    cdef int kind = d.tails[aircraft].kind
    cdef int c = link(d, kind, origin, destination), last
    if c < 0:
        return False
    last = end - block(d, kind, c)
    clear(leg)
    if late and late_slot(d, aircraft, c, start, last, leg) and leg.on <= end:
        return True
    return slot(d, aircraft, c, start, last, leg) and leg.on <= end


cdef inline bint punctual(Day* d, int p, Leg* leg) noexcept nogil:
    """Whether a leg's times keep what a party asks for."""
    return (
        d.earliest[p] <= leg.off <= d.latest[p]
        and leg.on <= d.arrive_by[p]
        and leg.on - leg.off <= d.max_ride[p]
    )


cdef inline bint all_punctual(Day* d, Leg* leg) noexcept nogil:
    cdef int i
    for i in range(leg.n):
        if not punctual(d, leg.trips[i], leg):
            return False
    return True


cdef inline int last_off(Day* d, int kind, int p) noexcept nogil:
    """Latest off-block of a party."""
    return min(d.latest[p], d.arrive_by[p] - block(d, kind, d.corridor[p]))


cdef inline int latest_off(Day* d, int kind, Leg* leg) noexcept nogil:
    """Latest off-block of a leg that all on board may keep."""
    cdef int i, latest = d.horizon
    for i in range(leg.n):
        latest = min(latest, last_off(d, kind, leg.trips[i]))
    return latest


cdef inline int latest_on(Day* d, Tail* x, int b) noexcept nogil:
    """Latest on-block into stay b, the legs after it put back as far as they go."""
    cdef int m = b, k, high, off
    while m < x.n and m < b + PUSHED and x.legs[m].corridor >= 0:
        m += 1
    high = deadline(d, x, m)
    for k in range(m - 1, b - 1, -1):
        off = min(
            latest_off(d, x.kind, &x.legs[k]), high - block(d, x.kind, x.legs[k].corridor)
        )
        high = min(x.until, max(off, x.legs[k].off) - d.turnaround[x.kind])
    return high


cdef inline bint push(
    Day* d, int aircraft, int b, Leg* legs, int* n, int* pushed
) noexcept nogil:
    """Put back the legs from b on that the last of n laid legs leaves no time for.

    Each that moves is released, and laid as one more of `legs`; false: not all of
    them can.
    """
    cdef Tail* x = &d.tails[aircraft]
    cdef Leg* leg
    cdef int m, ready_at
    while n[0] > 0:
        m = b + pushed[0]
        if legs[n[0] - 1].on <= deadline(d, x, m):
            return True
        if m >= x.n or pushed[0] >= PUSHED or x.legs[m].corridor < 0:
            return False
        ready_at = legs[n[0] - 1].on + d.turnaround[x.kind]
        leg = &legs[n[0]]
        leg[0] = x.legs[m]
        hold_leg(d, &x.legs[m], -1)
        pushed[0] += 1
        if not slot(
            d, aircraft, leg.corridor, ready_at, latest_off(d, x.kind, leg), leg
        ) or not all_punctual(d, leg):
            return False
        hold_leg(d, leg, 1)
        n[0] += 1
    return True


cdef inline void pull(Day* d, int aircraft, int b, int* pushed) noexcept nogil:
    """Hold again what `push` released."""
    hold_legs(d, &d.tails[aircraft], b, b + pushed[0], 1)
    pushed[0] = 0


cdef inline bint span(
    Day* d, int aircraft, int a, int b, int corridor, int* first, int* last
) noexcept nogil:
    """Narrow [first, last] to off-blocks that leave time for the empty legs of a gap."""
    cdef Tail* x = &d.tails[aircraft]
    cdef int kind = x.kind, turn = d.turnaround[kind], c
    cdef int here = place(x, a), there = next_place(x, b)
    cdef int low = ready(d, x, a), after = block(d, kind, corridor)
    if here != d.origin[corridor]:
        c = link(d, kind, here, d.origin[corridor])
        if c < 0:
            return False
        low += block(d, kind, c) + turn
    first[0] = max(first[0], low)
    if first[0] > last[0]:
        return False
    if there >= 0 and there != d.destination[corridor]:
        c = link(d, kind, d.destination[corridor], there)
        if c < 0:
            return False
        after += block(d, kind, c) + turn
    if last[0] > deadline(d, x, b) - after:
        last[0] = min(last[0], latest_on(d, x, b) - after)
    return first[0] <= last[0]


cdef inline int lay(
    Day* d, int aircraft, int a, int b, int corridor, int first, int last, int wish,
    bint late_before, bint late_after, Leg* legs, int* pushed,
) noexcept nogil:
    """Lay a flight (corridor -1: none) and its empty legs into an emptied gap.

    Returns the number of legs, whose pads and entries are held, and with them those
    after the gap that are put back; -1: no room.
    """
    cdef Tail* x = &d.tails[aircraft]
    cdef int kind = x.kind, turn = d.turnaround[kind], n = 0, i
    cdef int here = place(x, a), there = next_place(x, b)
    cdef int low = ready(d, x, a), high = deadline(d, x, b)
    cdef Leg flight
    cdef bint fits
    if corridor < 0:
        if there < 0 or here == there:
            return 0
        if not between(d, aircraft, here, there, low, high, late_before, &legs[0]):
            return -1
        hold_leg(d, &legs[0], 1)
        return 1
    if not span(d, aircraft, a, b, corridor, &first, &last):
        return -1
    clear(&flight)
    wish = min(max(wish, first), last)
    if not slot(d, aircraft, corridor, wish, last, &flight):
        if not slot(d, aircraft, corridor, first, wish - 1, &flight):
            return -1
    hold_leg(d, &flight, 1)
    late_after = late_after and flight.on <= high
    fits = True
    if here != flight.origin:
        fits = between(
            d, aircraft, here, flight.origin, low, flight.off - turn, late_before, &legs[0]
        )
        if fits:
            hold_leg(d, &legs[0], 1)
            n = 1
    legs[n] = flight
    n += 1
    if fits and there >= 0 and there != flight.destination:
        fits = between(
            d, aircraft, flight.destination, there, flight.on + turn,
            high if late_after else latest_on(d, x, b), late_after, &legs[n]
        )
        if fits:
            hold_leg(d, &legs[n], 1)
            n += 1
    if fits and push(d, aircraft, b, legs, &n, pushed):
        return n
    pull(d, aircraft, b, pushed)
    for i in range(n):
        hold_leg(d, &legs[i], -1)
    return -1


cdef inline bint within_duties(Day* d, int aircraft) noexcept nogil:
    """Whether no pilot of a tail flies for longer than allowed."""
    cdef Tail* x = &d.tails[aircraft]
    cdef int i, k
    cdef int64_t left
    for i in range(d.duty_from[aircraft], d.duty_from[aircraft + 1]):
        left = d.duty_flight[i]
        for k in range(x.n):
            if x.legs[k].corridor >= 0 and d.duty_start[i] <= x.legs[k].off <= d.duty_end[i]:
                left -= x.legs[k].land - x.legs[k].dep
        if left < 0:
            d.cause = PILOT
            return False
    return True


cdef inline bint settle(Day* d, int aircraft, int a, int b, Leg* legs, int n) noexcept nogil:
    """Put n laid legs in place of legs [a, b), which are released, with stands and charge.

    On failure all that the new legs held is released and the tail is as it was.
    """
    cdef Tail* x = &d.tails[aircraft]
    touch(d, aircraft)
    copy_tail(&d.scratch, x)
    splice(x, a, b, legs, n)
    if within_duties(d, aircraft) and lasts(d, x, a, a + n + 1):
        hold_sessions(d, &d.scratch, a, b, -1)
        hold_stays(d, &d.scratch, a, b, -1)
        if take_stands(d, x, a, a + n):
            if recharge(d, aircraft, a, a + n + 1):
                return True
            hold_stays(d, x, a, a + n, -1)
        hold_stays(d, &d.scratch, a, b, 1)
        hold_sessions(d, &d.scratch, a, b, 1)
    hold_legs(d, x, a, a + n, -1)
    copy_tail(x, &d.scratch)
    return False


cdef inline bint rebuild(
    Day* d, int aircraft, int a, int b, int corridor, int first, int last, int wish
) noexcept nogil:
    """Replace the empty legs of gap [a, b) by a flight and the empty legs it needs.

    The flight (corridor -1: none) goes off block in [first, last], at `wish` or
    soon after if it can. Empty legs go as early or as late as they can,
    whichever first fits stands and charge.
    """
    cdef Tail* x = &d.tails[aircraft]
    cdef Leg legs[3 + PUSHED]
    cdef int n, mode, pushed = 0
    if x.n + 3 >= d.most_legs:
        return False
    hold_legs(d, x, a, b, -1)
    for mode in range(4):
        n = lay(
            d, aircraft, a, b, corridor, first, last, wish, mode & 1, mode & 2, legs, &pushed
        )
        if n >= 0 and settle(d, aircraft, a, b + pushed, legs, n):
            return True
        n -= pushed
        pull(d, aircraft, b, &pushed)
        if n <= 1 and (corridor >= 0 or mode == 1):
            break
    hold_legs(d, x, a, b, 1)
    return False


cdef inline bint retime(Day* d, int aircraft, int k, int first, int last) noexcept nogil:
    """Move leg k to an off-block in [first, last], its parties with it."""
    cdef Tail* x = &d.tails[aircraft]
    cdef Leg legs[1 + PUSHED]
    cdef int n = 0, pushed = 0
    legs[0] = x.legs[k]
    first = max(first, ready(d, x, k))
    last = min(last, latest_on(d, x, k + 1) - block(d, x.kind, legs[0].corridor))
    if first > last:
        return False
    hold_leg(d, &x.legs[k], -1)
    if slot(d, aircraft, legs[0].corridor, first, last, &legs[0]) and all_punctual(d, &legs[0]):
        hold_leg(d, &legs[0], 1)
        n = 1
        if push(d, aircraft, k + 1, legs, &n, &pushed):
            if settle(d, aircraft, k, k + 1 + pushed, legs, n):
                return True
        else:
            while n > 0:
                n -= 1
                hold_leg(d, &legs[n], -1)
        pull(d, aircraft, k + 1, &pushed)
    hold_leg(d, &x.legs[k], 1)
    return False


cdef inline void tidy(Day* d, int aircraft) noexcept nogil:
    """Shorten every gap: no empty leg where the tail need not move, one where it must."""
    cdef Tail* x = &d.tails[aircraft]
    cdef int a = 0, b
    while a <= x.n:
        b = gap_end(x, a)
        if b - a > 1 or (b - a == 1 and (next_place(x, b) < 0 or place(x, a) == next_place(x, b))):
            if rebuild(d, aircraft, a, b, -1, 0, 0, 0):
                b = gap_end(x, a)
        a = b + 1
