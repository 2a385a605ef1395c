# Two tails that stand at the same vertiport exchange the rest of their days.
#
# Legs keep their times, and the two stays between them hold as many stands in
# every second as before, so pads, entries and stands stay as they are. What
# changes is who flies: turnarounds, duties and charge are looked at anew. A tail with a
# downtime to come takes no part.

from libc.string cimport memcpy

from router.kernels.airtaxi_batteries cimport hold_session, same_hold
from router.kernels.airtaxi_calendars cimport closure_wait
from router.kernels.airtaxi_day cimport Day, Leg, Session, Tail
from router.kernels.airtaxi_gaps cimport within_duties
from router.kernels.airtaxi_tails cimport (
    arrival,
    copy_tail,
    lasts,
    note_offs,
    place,
    ready,
    recharge,
    touch,
)


cdef inline void swap_rest(Day* d, int a, int i, int b, int j) noexcept nogil:
    """Exchange the legs from i and j on, with their parties, and the sessions after them."""
    cdef Tail* x = &d.tails[a]
    cdef Tail* y = &d.tails[b]
    cdef int n = x.n - i, m = y.n - j, k, q
    memcpy(d.spare.legs, &x.legs[i], n * sizeof(Leg))
    memcpy(&x.legs[i], &y.legs[j], m * sizeof(Leg))
    memcpy(&y.legs[j], d.spare.legs, n * sizeof(Leg))
    memcpy(d.spare.sessions, &x.sessions[i + 1], n * sizeof(Session))
    memcpy(&x.sessions[i + 1], &y.sessions[j + 1], m * sizeof(Session))
    memcpy(&y.sessions[j + 1], d.spare.sessions, n * sizeof(Session))
    x.n = i + m
    y.n = j + n
    note_offs(x, i)
    note_offs(y, j)
    for k in range(i, x.n):
        for q in range(x.legs[k].n):
            d.tail_of[x.legs[k].trips[q]] = a
    for k in range(j, y.n):
        for q in range(y.legs[k].n):
            d.tail_of[y.legs[k].trips[q]] = b


cdef inline bint is_down(Day* d, int aircraft, int moment) noexcept nogil:
    """Whether an aircraft has a downtime, spent anywhere, at or after a moment.

    Sessions of another day do not know of it.
    """
    cdef int i
    for i in range(d.down_from[aircraft], d.down_from[aircraft + 1]):
        if d.down_end[i] >= moment:
            return True
    return False


cdef inline bint may_fly(Day* d, int aircraft, Leg* legs, int n) noexcept nogil:
    """Whether somebody is there to fly an aircraft on n legs, none of them a downtime."""
    cdef int k
    for k in range(n):
        if legs[k].corridor < 0 or closure_wait(
            d.rest_start, d.rest_end, d.rest_from[aircraft], d.rest_from[aircraft + 1],
            legs[k].off, legs[k].on,
        ):
            return False
    return True


cdef inline bint in_time(Day* d, Tail* x, int i, Tail* y, int j) noexcept nogil:
    """Whether tail x can go on from stay i as y does from stay j."""
    return j == y.n or ready(d, x, i) <= y.legs[j].off


cdef inline bint carry_on(Day* d, int aircraft, int k) noexcept nogil:
    """Charge a tail from stay k on, whose session is released; as it was, if it cannot."""
    copy_tail(&d.scratch, &d.tails[aircraft])
    if (
        within_duties(d, aircraft) and lasts(d, &d.tails[aircraft], k, k + 1)
        and recharge(d, aircraft, k, k + 1)
    ):
        return True
    copy_tail(&d.tails[aircraft], &d.scratch)
    return False


cdef inline bint exchange(Day* d, int a, int i, int b, int j) noexcept nogil:
    """Let tail a go on from stay i as b does from stay j, and b as a.

    Both stays lie at one vertiport. False, and nothing changed, where one cannot.
    """
    cdef Tail* x = &d.tails[a]
    cdef Tail* y = &d.tails[b]
    cdef Session one = x.sessions[i], other = y.sessions[j]
    cdef int k
    if (
        x.kind != y.kind or x.finish != y.finish or x.until != y.until
        or x.final_soc != y.final_soc or (i == x.n and j == y.n)
        or x.n - i + j >= d.most_legs - 3 or y.n - j + i >= d.most_legs - 3
        or is_down(d, a, arrival(x, i)) or is_down(d, b, arrival(y, j))
        or not in_time(d, x, i, y, j) or not in_time(d, y, j, x, i)
        or not may_fly(d, a, &y.legs[j], y.n - j) or not may_fly(d, b, &x.legs[i], x.n - i)
    ):
        return False
    touch(d, a)
    touch(d, b)
    hold_session(d, place(x, i), x.kind, &one, -1)
    hold_session(d, place(y, j), y.kind, &other, -1)
    x.sessions[i].group = y.sessions[j].group = -1
    swap_rest(d, a, i, b, j)
    copy_tail(&d.spare, x)  # its sessions after the stay are the other's own
    if carry_on(d, a, i):
        if carry_on(d, b, j):
            d.exchanged += 1
            return True
        for k in range(i, x.n + 1):
            if not same_hold(&x.sessions[k], &d.spare.sessions[k]):
                hold_session(d, place(x, k), x.kind, &x.sessions[k], -1)
                hold_session(d, place(x, k), x.kind, &d.spare.sessions[k], 1)
        copy_tail(x, &d.spare)
    swap_rest(d, a, i, b, j)
    x.sessions[i] = one
    y.sessions[j] = other
    hold_session(d, place(x, i), x.kind, &one, 1)
    hold_session(d, place(y, j), y.kind, &other, 1)
    return False
