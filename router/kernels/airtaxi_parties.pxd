# Parties: who is on which leg, and the three ways to serve one more.
#
# join    a leg that flies anyway and has room
# shift   such a leg, moved into the party's window
# open    a new flight in some tail's gap, together with all who wait for the same
#
# `fly` does what somebody else has decided: who flies together, when and with whom.

from libc.stdint cimport int32_t, int64_t, uint64_t

from router.kernels.airtaxi_day cimport FOUND, NOT_WORTH, PARTIES, Day, Leg, Tail
from router.kernels.airtaxi_gaps cimport block, last_off, link, punctual, rebuild, retime, span
from router.kernels.airtaxi_tails cimport (
    gap_end, gap_start, is_anchor, next_place, place, touch, undo,
)

cdef enum:
    GAPS = 8  # cheapest gaps that are simulated before a party is given up
    LATER = 1800  # seconds by which a flight may leave later than somebody has decided
    EVERY = 60  # seconds between two moments that are tried for it

cdef struct Offer:
    double cost
    double key  # by which offers are sorted: gaps of many aircraft cost the same
    int32_t aircraft
    int32_t a
    int32_t b
    int first
    int last


cdef inline uint64_t draw(Day* d) noexcept nogil:
    """Return 64 random bits: splitmix64 (Steele, Lea, Flood 2014, doi:10.1145/2714064.2660195)."""
    d.rng += <uint64_t>0x9E3779B97F4A7C15
    cdef uint64_t z = d.rng
    z = (z ^ (z >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    z = (z ^ (z >> 27)) * <uint64_t>0x94D049BB133111EB
    return z ^ (z >> 31)


cdef inline double uniform(Day* d) noexcept nogil:
    """Return a number in [0, 1)."""
    return <double>(draw(d) >> 11) * (1.0 / 9007199254740992.0)


cdef inline int below(Day* d, int count) noexcept nogil:
    """Return a whole number in [0, count), count > 0."""
    return <int>(((draw(d) >> 32) * <uint64_t>count) >> 32)


cdef inline bint welcome(Day* d, int kind, Leg* leg, int p) noexcept nogil:
    """Whether a leg has room for a party, its times left aside."""
    if leg.n >= PARTIES or leg.alone or (d.solo[p] and leg.seats > 0):
        return False
    if d.timetable[p] and leg.timetable:
        return False
    return (
        (d.types[p] >> kind) & 1
        and leg.seats + d.party[p] <= d.seats[kind]
        and leg.weight + d.trip_kg[p] <= d.payload[kind]
    )


cdef inline void board(Day* d, int aircraft, Leg* leg, int p) noexcept nogil:
    leg.trips[leg.n] = p
    leg.n += 1
    leg.seats += d.party[p]
    leg.weight += d.trip_kg[p]
    leg.alone |= d.solo[p]
    leg.timetable |= d.timetable[p]
    d.tail_of[p] = aircraft
    d.served += d.worth[p]
    if d.worth[p] >= d.promise:
        d.kept += d.promise


cdef inline void alight(Day* d, Leg* leg, int p) noexcept nogil:
    cdef int i
    for i in range(leg.n):
        if leg.trips[i] == p:
            leg.trips[i] = leg.trips[leg.n - 1]
            leg.n -= 1
            leg.seats -= d.party[p]
            leg.weight -= d.trip_kg[p]
            if d.solo[p]:
                leg.alone = 0
            if d.timetable[p]:
                leg.timetable = 0
            d.tail_of[p] = -1
            d.served -= d.worth[p]
            if d.worth[p] >= d.promise:
                d.kept -= d.promise
            return


cdef inline int first_leg(Tail* x, int moment) noexcept nogil:
    """First leg that goes off block at or after a moment.

    Counted, not searched for: a day has some sixty legs, and nothing foretells
    which way a search would turn.
    """
    cdef int32_t* offs = x.offs
    cdef int k, before = 0
    for k in range(x.n):
        before += offs[k] < moment
    return before


cdef inline bint join(Day* d, int p, double blink) noexcept nogil:
    """Board a party on the fullest leg that flies in its window anyway."""
    cdef int aircraft, k, best = -1, at = -1, left, least = 1 << 30
    cdef Tail* x
    cdef Leg* leg
    for aircraft in range(d.aircraft):
        x = &d.tails[aircraft]
        k = first_leg(x, d.earliest[p])
        while k < x.n and x.legs[k].off <= d.latest[p]:
            leg = &x.legs[k]
            if leg.corridor == d.corridor[p] and punctual(d, p, leg) and welcome(d, x.kind, leg, p):
                left = d.seats[x.kind] - leg.seats - d.party[p]
                if left < least and uniform(d) >= blink:
                    best, at, least = aircraft, k, left
            k += 1
    if best < 0:
        return False
    touch(d, best)
    board(d, best, &d.tails[best].legs[at], p)
    return True


cdef inline bint shift(Day* d, int p, int reach) noexcept nogil:
    """Move a leg by at most `reach` seconds into a party's window and board it."""
    cdef int aircraft, k, i, first, last, turn, start = below(d, d.aircraft)
    cdef Tail* x
    cdef Leg* leg
    for turn in range(d.aircraft):
        aircraft = (start + turn) % d.aircraft
        x = &d.tails[aircraft]
        k = first_leg(x, d.earliest[p] - reach)
        while k < x.n and x.legs[k].off <= d.latest[p] + reach:
            leg = &x.legs[k]
            if leg.corridor == d.corridor[p] and welcome(d, x.kind, leg, p):
                first, last = d.earliest[p], d.latest[p]
                for i in range(leg.n):
                    first = max(first, d.earliest[leg.trips[i]])
                    last = min(last, d.latest[leg.trips[i]])
                if first <= last and retime(d, aircraft, k, first, last):
                    if punctual(d, p, leg):
                        board(d, aircraft, leg, p)
                        return True
            k += 1
    return False


cdef inline int first_trip(Day* d, int corridor, int moment) noexcept nogil:
    """First trip of a corridor's queue whose window opens at or after a moment."""
    cdef int low = d.queue_from[corridor], high = d.queue_from[corridor + 1], middle
    while low < high:
        middle = (low + high) >> 1
        if d.earliest[d.queue[middle]] < moment:
            low = middle + 1
        else:
            high = middle
    return low


cdef inline double pool(Day* d, int kind, int p, int t, int32_t* crew, int* n) noexcept nogil:
    """Fill a flight of party p at off-block t with those who wait for the same.

    Greedy by worth a seat; arrival times are looked at when they board. Returns
    the worth on board less the cost of waiting.
    """
    cdef int c = d.corridor[p], i, stop = d.queue_from[c + 1], q, best, low
    cdef int seats = d.seats[kind] - d.party[p]
    cdef int weight = d.payload[kind] - d.trip_kg[p], tabled = d.timetable[p], k
    cdef double worth = d.worth[p] - d.wait_cost[p] * (t - d.earliest[p]), gain, most
    cdef bint taken
    crew[0] = p
    n[0] = 1
    if d.solo[p]:
        return worth
    low = first_trip(d, c, t - d.widest)
    while n[0] < PARTIES:
        best = -1
        most = 0
        for i in range(low, stop):
            q = d.queue[i]
            if d.earliest[q] > t:
                break
            if (
                d.tail_of[q] >= 0 or d.latest[q] < t or d.party[q] > seats or d.solo[q]
                or d.trip_kg[q] > weight or (tabled and d.timetable[q])
                or not (d.types[q] >> kind) & 1
            ):
                continue
            taken = False
            for k in range(n[0]):
                taken |= crew[k] == q
            gain = (d.worth[q] - d.wait_cost[q] * (t - d.earliest[q])) / max(1, d.party[q])
            if not taken and gain > most:
                best, most = q, gain
        if best < 0:
            break
        crew[n[0]] = best
        n[0] += 1
        seats -= d.party[best]
        weight -= d.trip_kg[best]
        tabled |= d.timetable[best]
        worth += d.worth[best] - d.wait_cost[best] * (t - d.earliest[best])
    return worth


cdef inline double best_moment(
    Day* d, int kind, int p, int first, int last, int* moment, int32_t* crew, int* n
) noexcept nogil:
    """Choose the off-block of a new flight that serves most; return its worth."""
    cdef int c = d.corridor[p], i, q, t
    cdef double best = pool(d, kind, p, first, crew, n), worth
    moment[0] = first
    if d.solo[p]:
        return best
    for i in range(first_trip(d, c, first + 1), d.queue_from[c + 1]):
        q = d.queue[i]
        t = d.earliest[q]
        if t > last:
            break
        if d.tail_of[q] < 0:
            worth = pool(d, kind, p, t, crew, n)
            if worth > best + 1e-9:
                best = worth
                moment[0] = t
    pool(d, kind, p, moment[0], crew, n)
    return best


cdef inline void consider(Day* d, int p, int aircraft, Offer* offers, int* n) noexcept nogil:
    """Add every gap of a tail that can take a flight for party p in its window."""
    cdef Tail* x = &d.tails[aircraft]
    cdef int kind = x.kind, c = d.corridor[p], k, i
    cdef int row = kind * d.corridors
    cdef Offer offer
    if not (d.types[p] >> kind) & 1 or d.least_block[row + c] < 0:
        return
    if d.party[p] > d.seats[kind] or d.trip_kg[p] > d.payload[kind]:
        return
    offer.aircraft = aircraft
    offer.a = gap_start(x, first_leg(x, d.earliest[p]))
    while offer.a <= x.n:
        if offer.a > 0 and x.legs[offer.a - 1].on > d.latest[p]:
            return
        offer.b = offer.a
        offer.cost = d.leg_cost[row + c]
        while offer.b < x.n and not is_anchor(&x.legs[offer.b]):
            offer.cost -= d.leg_cost[row + x.legs[offer.b].corridor]
            offer.b += 1
        offer.first = d.earliest[p]
        offer.last = last_off(d, kind, p)
        if span(d, aircraft, offer.a, offer.b, c, &offer.first, &offer.last):
            if place(x, offer.a) != d.origin[c]:
                offer.cost += d.leg_cost[row + link(d, kind, place(x, offer.a), d.origin[c])]
            k = next_place(x, offer.b)
            if k >= 0 and k != d.destination[c]:
                offer.cost += d.leg_cost[row + link(d, kind, d.destination[c], k)]
            if x.n == 0:
                offer.cost += d.day_cost[kind] * d.day_share
            offer.key = offer.cost
            if d.spread > 0:
                offer.key += d.leg_cost[row + c] * d.spread * uniform(d)
            i = n[0]
            while i > 0 and offers[i - 1].key > offer.key:
                if i < GAPS:
                    offers[i] = offers[i - 1]
                i -= 1
            if i < GAPS:
                offers[i] = offer
                n[0] = min(GAPS, n[0] + 1)
        offer.a = offer.b + 1


cdef inline void blame(Day* d, int p, int32_t* counts) noexcept nogil:
    """Count what keeps a party out, over the gaps that `open_flight` would try."""
    cdef Offer offers[GAPS]
    cdef int32_t crew[PARTIES]
    cdef int aircraft, n = 0, i, moment, size
    cdef double worth
    for aircraft in range(d.aircraft):
        consider(d, p, aircraft, offers, &n)
    for i in range(n):
        worth = best_moment(
            d, d.tails[offers[i].aircraft].kind, p, offers[i].first, offers[i].last,
            &moment, crew, &size,
        )
        if worth <= offers[i].cost:
            counts[NOT_WORTH] += 1
        elif rebuild(
            d, offers[i].aircraft, offers[i].a, offers[i].b, d.corridor[p],
            offers[i].first, offers[i].last, moment,
        ):
            counts[FOUND] += 1
            undo(d)
        else:
            counts[d.cause] += 1


cdef inline bint open_flight(Day* d, int p, double blink) noexcept nogil:
    """Fly a party and its fellows in the cheapest gap where that pays."""
    cdef Offer offers[GAPS]
    cdef int32_t crew[PARTIES]
    cdef int aircraft, n = 0, i, j, k, moment, size
    cdef double worth
    cdef Tail* x
    cdef Leg* leg
    for aircraft in range(d.aircraft):
        if uniform(d) >= blink:
            consider(d, p, aircraft, offers, &n)
    for i in range(n):
        x = &d.tails[offers[i].aircraft]
        worth = best_moment(
            d, x.kind, p, offers[i].first, offers[i].last, &moment, crew, &size
        )
        if worth <= offers[i].cost:
            continue
        if not rebuild(
            d, offers[i].aircraft, offers[i].a, offers[i].b, d.corridor[p],
            offers[i].first, offers[i].last, moment,
        ):
            continue
        leg = &x.legs[offers[i].a]
        k = offers[i].a
        while x.legs[k].corridor != d.corridor[p]:
            k += 1
        leg = &x.legs[k]
        for j in range(size):
            if punctual(d, crew[j], leg) and welcome(d, x.kind, leg, crew[j]):
                board(d, offers[i].aircraft, leg, crew[j])
        if d.tail_of[p] >= 0:
            return True
    return False


cdef inline bint fly(
    Day* d, int aircraft, int corridor, int moment, const int32_t* crew, int n
) noexcept nogil:
    """Fly a crew at a moment, or soon after it, in the gap of a tail that the moment lies in.

    False where nobody is flown; a part of the crew may be left out.
    """
    cdef Tail* x = &d.tails[aircraft]
    cdef Leg* leg
    cdef int last = moment + LATER, i, a, b
    for i in range(n):
        moment = max(moment, d.earliest[crew[i]])
        last = min(last, d.latest[crew[i]])
    a = gap_start(x, first_leg(x, moment))
    b = gap_end(x, a)
    while moment <= last:
        if rebuild(d, aircraft, a, b, corridor, moment, last, moment):
            while x.legs[a].corridor != corridor:
                a += 1
            leg = &x.legs[a]
            for i in range(n):
                if d.tail_of[crew[i]] < 0 and punctual(d, crew[i], leg):
                    if welcome(d, x.kind, leg, crew[i]):
                        board(d, aircraft, leg, crew[i])
            return leg.n > 0
        moment += EVERY
    return False
