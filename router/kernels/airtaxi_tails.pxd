# Tails: one aircraft's day as a chain of legs with stays between them.
#
#     stay 0   leg 0   stay 1   leg 1  ...  leg n-1   stay n
#
# An anchor is a leg that has to be: it carries somebody, is a timetable flight
# or a downtime. A gap [a, b) is what lies between two anchors: empty legs only.

from libc.stdint cimport int16_t, int32_t, int64_t
from libc.string cimport memcpy, memmove

from router.kernels.airtaxi_batteries cimport (
    SHORTEST,
    choose_session,
    has_charger,
    hold_session,
    level_after,
    most_charge,
    refill,
    same_hold,
    strongest,
)
from router.kernels.airtaxi_calendars cimport hold_leg, hold_stand, stand_free
from router.kernels.airtaxi_day cimport (
    CHARGER,
    NO_AIRCRAFT,
    POWER,
    STAND,
    Day,
    Leg,
    Session,
    Tail,
)


cdef inline bint is_anchor(Leg* leg) noexcept nogil:
    return leg.n > 0 or leg.corridor < 0


cdef inline int gap_start(Tail* x, int k) noexcept nogil:
    """First leg of the gap that ends at leg k."""
    while k > 0 and not is_anchor(&x.legs[k - 1]):
        k -= 1
    return k


cdef inline int gap_end(Tail* x, int k) noexcept nogil:
    """Leg after the gap that begins at leg k."""
    while k < x.n and not is_anchor(&x.legs[k]):
        k += 1
    return k


cdef inline int place(Tail* x, int k) noexcept nogil:
    """Vertiport of stay k."""
    return x.start if k == 0 else x.legs[k - 1].destination


cdef inline int next_place(Tail* x, int k) noexcept nogil:
    """Where the tail has to be at the end of stay k, -1: anywhere."""
    return x.finish if k == x.n else x.legs[k].origin


cdef inline int arrival(Tail* x, int k) noexcept nogil:
    """When stay k begins."""
    return x.since if k == 0 else x.legs[k - 1].on


cdef inline int ready(Day* d, Tail* x, int k) noexcept nogil:
    """Earliest off-block from stay k."""
    cdef Leg* leg
    if k == 0:
        return x.since
    leg = &x.legs[k - 1]
    if leg.corridor < 0 and leg.on - leg.off >= d.turnaround[x.kind]:
        return leg.on
    return leg.on + d.turnaround[x.kind]


cdef inline int deadline(Day* d, Tail* x, int k) noexcept nogil:
    """Latest on-block into stay k."""
    if k == x.n:
        return x.until
    # A downtime may lie after the time in which the aircraft is to be had.
    if x.legs[k].corridor < 0:
        return min(x.until, x.legs[k].off - 1)
    return min(x.until, x.legs[k].off - d.turnaround[x.kind])


cdef inline int stay_end(Day* d, Tail* x, int k) noexcept nogil:
    return d.horizon if k == x.n else x.legs[k].off


cdef inline void hold_stay(Day* d, Tail* x, int k, int change) noexcept nogil:
    hold_stand(&d.stand_use[place(x, k)], arrival(x, k), stay_end(d, x, k), change)


cdef inline bint stay_fits(Day* d, Tail* x, int k) noexcept nogil:
    """Whether a stand is free for all of stay k."""
    cdef int port = place(x, k)
    return stand_free(&d.stand_use[port], arrival(x, k), stay_end(d, x, k), d.stands[port])


cdef inline void hold_legs(Day* d, Tail* x, int a, int b, int change) noexcept nogil:
    """Hold or release pads and entries of legs [a, b)."""
    cdef int k
    for k in range(a, b):
        hold_leg(d, &x.legs[k], change)


cdef inline void hold_stays(Day* d, Tail* x, int a, int b, int change) noexcept nogil:
    """Hold or release the stands of stays a to b."""
    cdef int k
    for k in range(a, b + 1):
        hold_stay(d, x, k, change)


cdef inline void hold_between(Day* d, Tail* x, int a, int b, int change) noexcept nogil:
    """Hold or release legs [a, b) and the stays around them, a to b."""
    hold_legs(d, x, a, b, change)
    hold_stays(d, x, a, b, change)


cdef inline void hold_sessions(Day* d, Tail* x, int a, int b, int change) noexcept nogil:
    """Hold or release the sessions of stays a to b."""
    cdef int k
    for k in range(a, b + 1):
        hold_session(d, place(x, k), x.kind, &x.sessions[k], change)


cdef inline bint take_stands(Day* d, Tail* x, int a, int b) noexcept nogil:
    """Hold the stands of stays a to b; false, and nothing held, if one is full."""
    cdef int k, done
    for k in range(a, b + 1):
        if arrival(x, k) > stay_end(d, x, k) or not stay_fits(d, x, k):
            for done in range(a, k):
                hold_stay(d, x, done, -1)
            d.cause = STAND
            return False
        hold_stay(d, x, k, 1)
    return True


cdef inline void copy_tail(Tail* to, Tail* x) noexcept nogil:
    """Copy a tail into another that has room of its own."""
    cdef Leg* legs = to.legs
    cdef Session* sessions = to.sessions
    cdef int32_t* offs = to.offs
    memcpy(legs, x.legs, x.n * sizeof(Leg))
    memcpy(sessions, x.sessions, (x.n + 1) * sizeof(Session))
    memcpy(offs, x.offs, x.n * sizeof(int32_t))
    to[0] = x[0]
    to.legs = legs
    to.sessions = sessions
    to.offs = offs


cdef inline void note_offs(Tail* x, int first) noexcept nogil:
    """Bring the off-blocks from a leg on up to date."""
    cdef int k
    for k in range(first, x.n):
        x.offs[k] = x.legs[k].off


cdef inline void splice(Tail* x, int a, int b, Leg* legs, int n) noexcept nogil:
    """Replace legs [a, b) by n others; the sessions around them are emptied."""
    cdef int k
    memmove(&x.legs[a + n], &x.legs[b], (x.n - b) * sizeof(Leg))
    memmove(&x.sessions[a + n], &x.sessions[b], (x.n - b + 1) * sizeof(Session))
    for k in range(n):
        x.legs[a + k] = legs[k]
    x.n += n - (b - a)
    note_offs(x, a)
    for k in range(a, a + n + 1):
        x.sessions[k].group = -1


cdef inline void unwind(Day* d, Tail* x, int first, int old, int last) noexcept nogil:
    """Release sessions `first` to `last`; hold those from `old` on as `scratch` has them."""
    cdef int k, moved = d.scratch.n - x.n
    hold_sessions(d, x, first, min(last, old - 1), -1)
    for k in range(old, last + 1):
        if not same_hold(&x.sessions[k], &d.scratch.sessions[k + moved]):
            hold_session(d, place(x, k), x.kind, &x.sessions[k], -1)
            hold_session(d, place(x, k), x.kind, &d.scratch.sessions[k + moved], 1)


cdef inline bint lasts(Day* d, Tail* x, int first, int old) noexcept nogil:
    """Whether a tail's charge could last if all chargers and all power were free.

    From stay `old` on it is charged as before, and lasts once it has as much as then.
    """
    cdef int soc = x.soc if first == 0 else x.legs[first - 1].soc, k, port, start, end
    for k in range(first, x.n):
        if k >= old and soc >= x.sessions[k].before:
            return True
        if x.legs[k].corridor < 0:
            return True
        port = place(x, k)
        if has_charger(d, port):
            start = x.since if k == 0 else x.legs[k - 1].on + d.connect[x.kind]
            end = min(x.until, x.legs[k].off - d.disconnect[x.kind])
            if end - start >= SHORTEST:
                soc = level_after(
                    d, strongest(d, x.kind, port), soc, end - start
                )
        soc -= x.legs[k].energy
        if soc < d.reserve[x.kind]:
            d.cause = NO_AIRCRAFT
            return False
    return True


cdef inline bint recharge(Day* d, int aircraft, int first, int old) noexcept nogil:
    """Choose the sessions of stay `first` and later ones and hold them.

    The aircraft charges wherever it stands long enough, so that later flights
    find the battery full. Sessions before `old` must have been released; from
    there on they are as in `scratch`, and where one starts with the charge it
    had there, the rest of the day stays as it was.

    Returns
    -------
    False, and from `old` on nothing changed, where a flight would land below the
    reserve, an aircraft would leave a charger with less than it has to, or the day
    would end below its least charge.
    """
    cdef Tail* x = &d.tails[aircraft]
    cdef int kind = x.kind, k, start, end, target, port
    cdef int soc = x.soc if first == 0 else x.legs[first - 1].soc
    cdef int64_t need = max(d.reserve[kind], x.final_soc)
    cdef bint enough, leaves, kept
    d.cut = 0
    for k in range(first, x.n):
        need += x.legs[k].energy
    for k in range(first, x.n + 1):
        port = place(x, k)
        if k >= old:
            if x.sessions[k].before == soc:
                return True
        target = most_charge(d, kind)
        kept = old <= k < x.n and not d.trim and refill(d, kind, &x.sessions[k], soc, target)
        if kept:
            soc = x.sessions[k].after
        else:
            if k >= old:
                hold_session(d, port, kind, &x.sessions[k], -1)
            x.sessions[k].group = -1
            x.sessions[k].before = x.sessions[k].after = soc
        if not kept and has_charger(d, port):
            start = x.since if k == 0 else x.legs[k - 1].on + d.connect[kind]
            if k == x.n:
                end = x.until
            elif x.legs[k].corridor < 0:
                end = min(x.until, x.legs[k].off - 1)
            else:
                end = min(x.until, x.legs[k].off - d.disconnect[kind])
            target = d.battery[kind] if k == 0 else d.battery[kind] * 9 // 10
            if d.trim or k == x.n:
                target = <int>min(<int64_t>target, need)
            if k < x.n:
                target = max(target, d.leave[kind])
            choose_session(d, aircraft, port, soc, target, start, end, &x.sessions[k])
            if x.sessions[k].group >= 0:
                hold_session(d, port, kind, &x.sessions[k], 1)
                soc = x.sessions[k].after
        leaves = True
        if k < x.n:
            if x.legs[k].corridor >= 0 and has_charger(d, port):
                leaves = soc >= d.leave[kind]
            soc -= x.legs[k].energy
            need -= x.legs[k].energy
            x.legs[k].soc = soc
            enough = leaves and (x.legs[k].corridor < 0 or soc >= d.reserve[kind])
        else:
            enough = soc >= x.final_soc
        if not enough:
            unwind(d, x, first, old, k)
            d.cause = POWER if d.cut & 2 else CHARGER if d.cut & 1 else NO_AIRCRAFT
            return False
    return True


cdef inline void touch(Day* d, int aircraft) noexcept nogil:
    """Remember a tail as it is, once a step, before it changes."""
    if not d.touched[aircraft]:
        d.touched[aircraft] = 1
        copy_tail(&d.saved[aircraft], &d.tails[aircraft])


cdef inline bint alike(Leg* a, Leg* b) noexcept nogil:
    """Whether two legs hold the same."""
    return a.corridor == b.corridor and a.off == b.off and a.origin == b.origin


cdef inline void restore(Day* d, int aircraft) noexcept nogil:
    """Take a tail back to how it was when it was touched, parties included."""
    cdef Tail* x = &d.tails[aircraft]
    cdef Tail* old = &d.saved[aircraft]
    cdef int k, i, a = 0, same = 0, b, b_old
    while a < min(x.n, old.n) and alike(&x.legs[a], &old.legs[a]):
        a += 1
    while same < min(x.n, old.n) - a and alike(
        &x.legs[x.n - 1 - same], &old.legs[old.n - 1 - same]
    ):
        same += 1
    b, b_old = x.n - same, old.n - same
    for k in range(x.n):
        for i in range(x.legs[k].n):
            d.tail_of[x.legs[k].trips[i]] = -1
    if a < b or a < b_old:
        hold_between(d, x, a, b, -1)
        hold_between(d, old, a, b_old, 1)
    for k in range(x.n + 1):
        i = k if k < a else k + old.n - x.n
        if (a <= k <= b) or not same_hold(&x.sessions[k], &old.sessions[i]):
            hold_session(d, place(x, k), x.kind, &x.sessions[k], -1)
            if k < a or k > b:
                hold_session(d, place(old, i), x.kind, &old.sessions[i], 1)
    hold_sessions(d, old, a, b_old, 1)
    copy_tail(x, old)


cdef inline void undo(Day* d) noexcept nogil:
    """Take every touched tail back; parties board when all tails have left."""
    cdef Tail* x
    cdef int a, k, i
    for a in range(d.aircraft):
        if d.touched[a]:
            restore(d, a)
    for a in range(d.aircraft):
        if d.touched[a]:
            d.touched[a] = 0
            x = &d.tails[a]
            for k in range(x.n):
                for i in range(x.legs[k].n):
                    d.tail_of[x.legs[k].trips[i]] = a


cdef inline double tail_cost(Day* d, int aircraft) noexcept nogil:
    """Cost of a tail's day: flights, stands, waiting; energy at its mean price.

    What a tail may use up of the charge it begins with costs nothing.
    """
    cdef Tail* x = &d.tails[aircraft]
    cdef Leg* leg
    cdef double cost = 0
    cdef int k, i, p
    cdef int64_t energy = max(d.reserve[x.kind], x.final_soc) - x.soc
    cdef bint flies = False
    for k in range(x.n + 1):
        cost += (stay_end(d, x, k) - arrival(x, k)) * d.stand_cost[place(x, k)]
    for k in range(x.n):
        leg = &x.legs[k]
        if leg.corridor < 0:
            continue
        flies = True
        cost += (
            d.flight_cost[x.kind] + d.second_cost[x.kind] * (leg.land - leg.dep)
            + d.fee[leg.destination]
        )
        energy += leg.energy
        for i in range(leg.n):
            p = leg.trips[i]
            cost += d.wait_cost[p] * (leg.off - d.earliest[p])
    return cost + d.wh_cost * max(energy, 0) + (d.day_cost[x.kind] if flies else 0)
