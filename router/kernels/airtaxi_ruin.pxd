# Ruin and recreate for tails: take parties off some flights near one moment and
# serve them anew, with those who were left out. After Schrimpf et al. (2000),
# doi:10.1006/jcph.1999.6413; strings of neighbouring legs and blinks after
# Christiaens and Vanden Berghe (2020), doi:10.1287/trsc.2019.0914.

from libc.math cimport fabs
from libc.stdint cimport int32_t, int64_t

from router.kernels.airtaxi_cross cimport exchange
from router.kernels.airtaxi_day cimport Day, Leg, Relay, Tail
from router.kernels.airtaxi_gaps cimport tidy
from router.kernels.airtaxi_parties cimport (
    alight,
    below,
    first_leg,
    join,
    open_flight,
    shift,
    uniform,
)
from router.kernels.airtaxi_relay cimport relay
from router.kernels.airtaxi_tails cimport arrival, gap_end, gap_start, place, touch

cdef enum:
    REACH = 1800  # seconds around the moment of ruin in which trips left out are tried again
    WAITING = 15  # most trips left out that are tried again in one step
    SHIFT = 900  # seconds by which a flight may move for another party
    STRINGS = 3  # most tails of which a string is emptied
    LENGTH = 4  # most flights of a string
    RELAID = 5  # most flights of a string that a relay replaces
    AROUND = 5400  # seconds around the moment of ruin in which a relay flies
    OVERLOOKED = 15  # percent of the parties that it does not see
    PAIRS = 3  # of tails that are tried for an exchange in one step

cdef struct Bench:
    int32_t n
    int32_t* trips  # taken off or left out, room for all
    double* keys  # by which they are sorted
    int32_t* by_time  # all trips that can fly, by earliest off-block
    int32_t known  # how many of them
    double* near  # per aircraft


cdef inline void empty(Day* d, Bench* bench, int aircraft, int k) noexcept nogil:
    """Take everybody off a leg."""
    cdef Leg* leg = &d.tails[aircraft].legs[k]
    touch(d, aircraft)
    while leg.n > 0:
        bench.trips[bench.n] = leg.trips[leg.n - 1]
        bench.n += 1
        alight(d, leg, leg.trips[leg.n - 1])


cdef inline void look_near(Day* d, Bench* bench, int p, int moment) noexcept nogil:
    """Fill how near each tail's legs are to a party's place and a moment, in seconds or so."""
    cdef int aircraft, k
    cdef double gap
    cdef Tail* x
    for aircraft in range(d.aircraft):
        x = &d.tails[aircraft]
        bench.near[aircraft] = 1e18
        k = max(0, first_leg(x, moment) - 1)
        while k < x.n and x.legs[k].off < moment + REACH:
            gap = fabs(x.legs[k].off - moment) + 900.0 * uniform(d)
            if x.legs[k].corridor >= 0 and x.legs[k].corridor != d.corridor[p]:
                gap += 300
                if x.legs[k].origin != d.origin[d.corridor[p]]:
                    gap += 300
            bench.near[aircraft] = min(bench.near[aircraft], gap)
            k += 1


cdef inline int take_nearest(Day* d, Bench* bench) noexcept nogil:
    """Return the nearest tail that was not taken yet, -1: none is near."""
    cdef int aircraft, best = -1
    for aircraft in range(d.aircraft):
        if bench.near[aircraft] < 1e17:
            if best < 0 or bench.near[aircraft] < bench.near[best]:
                best = aircraft
    if best >= 0:
        bench.near[best] = 1e18
    return best


cdef inline void ruin_strings(Day* d, Bench* bench, int p, int moment) noexcept nogil:
    """Empty short strings of legs of a few tails that are near a place and moment."""
    cdef int strings = 1 + below(d, STRINGS), length = 1 + below(d, LENGTH)
    cdef int k, left, best, _round
    cdef Tail* x
    look_near(d, bench, p, moment)
    for _round in range(strings):
        best = take_nearest(d, bench)
        if best < 0:
            return
        x = &d.tails[best]
        k = max(0, first_leg(x, moment) - below(d, length + 1))
        left = length
        while k < x.n and left > 0:
            if x.legs[k].corridor >= 0:
                left -= 1 if x.legs[k].n > 0 else 0
                empty(d, bench, best, k)
            k += 1
        tidy(d, best)


cdef inline void ruin_relays(Day* d, Bench* bench, Relay* r, int p, int moment) noexcept nogil:
    """Empty a string of one or two tails near a place and moment; lay the best for each in turn.

    The first one laid need not be the nearest. Short strings are drawn more often than long ones.
    """
    cdef int[2] who
    cdef int[2] first
    cdef int[2] last
    cdef int length = 1 + below(d, 1 + below(d, RELAID)), n = 0, i, _i, a, b, left, turn
    cdef Tail* x
    look_near(d, bench, p, moment)
    for _i in range(1 + below(d, 2)):
        who[n] = take_nearest(d, bench)
        if who[n] < 0:
            break
        x = &d.tails[who[n]]
        a = max(0, first_leg(x, moment) - below(d, length + 1))
        while a < x.n and x.legs[a].corridor < 0:
            a += 1
        b = a
        left = length
        while b < x.n and left > 0 and x.legs[b].corridor >= 0:
            left -= 1 if x.legs[b].n > 0 else 0
            empty(d, bench, who[n], b)
            b += 1
        first[n], last[n] = gap_start(x, a), gap_end(x, b)
        n += 1
    turn = below(d, max(1, n))
    for i in range(n):
        a = (i + turn) % n
        if not relay(
            d, r, who[a], first[a], last[a], moment - AROUND, moment + AROUND, OVERLOOKED * 0.01
        ):
            tidy(d, who[a])


cdef inline void ruin_corridor(Day* d, Bench* bench, int p, int moment) noexcept nogil:
    """Empty the flights of one corridor near a moment: a new pooling."""
    cdef int width = 300 + below(d, REACH), aircraft, k
    cdef Tail* x
    cdef bint changed
    for aircraft in range(d.aircraft):
        x = &d.tails[aircraft]
        changed = False
        k = first_leg(x, moment - width)
        while k < x.n and x.legs[k].off <= moment + width:
            if x.legs[k].corridor == d.corridor[p] and x.legs[k].n > 0:
                empty(d, bench, aircraft, k)
                changed = True
            k += 1
        if changed:
            tidy(d, aircraft)


cdef inline void ruin_day(Day* d, Bench* bench, int aircraft) noexcept nogil:
    """Empty an aircraft's whole day: does it earn its keep?"""
    cdef int k
    for k in range(d.tails[aircraft].n):
        if d.tails[aircraft].legs[k].corridor >= 0:
            empty(d, bench, aircraft, k)
    tidy(d, aircraft)


cdef inline int first_known(Day* d, Bench* bench, int moment) noexcept nogil:
    cdef int low = 0, high = bench.known, middle
    while low < high:
        middle = (low + high) >> 1
        if d.earliest[bench.by_time[middle]] < moment:
            low = middle + 1
        else:
            high = middle
    return low


cdef inline int any_aircraft(Day* d, bint flown) noexcept nogil:
    """An aircraft drawn by lot of those that fly, or of those that do not; -1: none."""
    cdef int a, found = -1, seen = 0
    for a in range(d.aircraft):
        if (d.tails[a].n > 0) == flown:
            seen += 1
            if below(d, seen) == 0:
                found = a
    return found


cdef inline bint ruin_fleet(Day* d, Bench* bench, Relay* r, double blink) noexcept nogil:
    """Give an idle aircraft the best whole day, mostly in place of another's; false: none idles.

    The one put out of its day may get the new one.
    """
    cdef int a = any_aircraft(d, False)
    if a < 0:
        return False
    if below(d, 4) > 0:
        a = any_aircraft(d, True)
        if a >= 0:
            ruin_day(d, bench, a)
        a = any_aircraft(d, False)
    relay(d, r, a, 0, 0, d.tails[a].since, d.tails[a].until, blink)
    return True


cdef inline void cross(Day* d, int port, int moment) noexcept nogil:
    """Let aircraft that stand at a vertiport at a moment exchange the rest of their days."""
    cdef int _round, i, j = 0, k, a, b, start
    for _round in range(PAIRS):
        start = below(d, d.aircraft)
        b = -1
        for i in range(d.aircraft):
            a = (start + i) % d.aircraft
            k = first_leg(&d.tails[a], moment)
            if place(&d.tails[a], k) != port or arrival(&d.tails[a], k) > moment:
                continue
            if b >= 0:
                exchange(d, b, j, a, k)
                break
            b, j = a, k


cdef inline void call_waiting(Day* d, Bench* bench, int moment, int off) noexcept nogil:
    """Add trips left out near a moment; the first `off` on the bench are there already."""
    cdef int i, j, p, added = 0, start = first_known(d, bench, moment - REACH), room
    cdef bint there
    room = max(1, first_known(d, bench, moment + REACH) - start)
    i = start + below(d, room)
    for _ in range(room):
        if added >= WAITING:
            return
        p = bench.by_time[i]
        i = i + 1 if i + 1 < start + room else start
        if d.tail_of[p] >= 0:
            continue
        there = False
        for j in range(off):
            there |= bench.trips[j] == p
        if not there:
            bench.trips[bench.n] = p
            bench.n += 1
            added += 1


cdef inline void sort(Day* d, Bench* bench) noexcept nogil:
    """Order the bench by a rule drawn by lot."""
    cdef int rule = below(d, 6), i, j, p
    cdef double key
    for i in range(bench.n):
        p = bench.trips[i]
        if rule == 0:
            key = uniform(d)
        elif rule == 1:
            key = -d.worth[p]
        elif rule == 2:
            key = d.earliest[p]
        elif rule == 3:
            key = d.latest[p]
        elif rule == 4:
            key = -d.earliest[p]
        else:
            key = -d.party[p] + uniform(d)
        if rule != 1 and d.worth[p] >= d.promise:
            key -= 1e9
        j = i
        while j > 0 and bench.keys[j - 1] > key:
            bench.keys[j] = bench.keys[j - 1]
            bench.trips[j] = bench.trips[j - 1]
            j -= 1
        bench.keys[j] = key
        bench.trips[j] = p


cdef inline void serve(Day* d, int p, double blink, bint shifts) noexcept nogil:
    """Find the cheapest way to serve a party: join, shift, open."""
    if d.corridor[p] < 0 or d.tail_of[p] >= 0 or join(d, p, blink):
        return
    if shifts and shift(d, p, SHIFT):
        return
    open_flight(d, p, blink)


cdef inline void step(
    Day* d, Bench* bench, Relay* r, double blink, int relays, int days, int crossings
) noexcept nogil:
    """Ruin around a trip drawn by lot and recreate."""
    cdef int p, i, taken, moment
    cdef bint shifts
    bench.n = 0
    p = bench.by_time[below(d, bench.known)]
    i = 0
    while d.tail_of[p] >= 0 and i < 3:  # trips left out show where it is tight
        p = bench.by_time[below(d, bench.known)]
        i += 1
    moment = d.earliest[p] + below(d, 1 + min(REACH, max(0, d.latest[p] - d.earliest[p])))
    i = below(d, 100)
    if below(d, 100) < days and ruin_fleet(d, bench, r, blink):
        pass
    elif i < 2:
        ruin_day(d, bench, below(d, d.aircraft))
    elif i < 75 and below(d, 100) < relays:
        ruin_relays(d, bench, r, p, moment)
    elif i < 75:
        ruin_strings(d, bench, p, moment)
    else:
        ruin_corridor(d, bench, p, moment)
    if below(d, 100) < crossings:
        cross(d, d.origin[d.corridor[p]], moment)
    d.day_share = uniform(d) if below(d, 4) > 0 else 0.0
    d.spread = uniform(d)
    taken = bench.n
    call_waiting(d, bench, moment, taken)
    sort(d, bench)
    shifts = below(d, 2) == 0
    for i in range(bench.n):
        serve(d, bench.trips[i], blink, shifts)
