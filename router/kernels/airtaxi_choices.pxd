# Choices: the flights that a relay may lay for parties that nobody serves, and what a
# lone aircraft charges in a stay, by tables that lie in cache.
#
# In each corridor a choice is the crew that is worth most at a moment, for each moment at
# which that changes: somebody's window opens or has closed.

from libc.stdint cimport int32_t, int64_t

from router.kernels.airtaxi_batteries cimport (
    SHORTEST, guessed, has_charger, most_charge, strongest,
)
from router.kernels.airtaxi_calendars cimport slot, stands_full
from router.kernels.airtaxi_day cimport CHOICES, FILLED, Choice, Day, Leg, Relay, Stay
from router.kernels.airtaxi_gaps cimport block, clear, last_off
from router.kernels.airtaxi_parties cimport first_trip, uniform

cdef enum:
    CREW = 48  # parties of a corridor that are looked at
    SEATS = 16  # seats that a crew is chosen for
    SPARE = 5  # Wh that charging is rounded down by


cdef inline int queue_start(Day* d, int corridor, int moment) noexcept nogil:
    """First trip of a corridor's queue that may wait for a departure at a moment."""
    return first_trip(d, corridor, moment - d.widest)


cdef inline int filled_s(Day* d, int row, int soc) noexcept nogil:
    """Seconds in which a battery is charged from empty to a level, nearly."""
    cdef int32_t* filled = d.filled_s + d.filled_from[row]
    cdef int at
    soc = min(soc, d.fill_top[row])
    at = soc // FILLED
    return filled[at] + (filled[at + 1] - filled[at]) * (soc - at * FILLED) // FILLED


cdef inline int time_to(Day* d, int kind, int port, int soc) noexcept nogil:
    """Seconds in which a vertiport charges a battery from empty; the horizon: never."""
    cdef int row
    if not has_charger(d, port):
        return d.horizon
    row = strongest(d, kind, port)
    if soc > d.fill_top[row]:
        return d.horizon
    return filled_s(d, row, soc + SPARE) + 2  # `filled` and `charge` are rounded down


cdef inline bint may_charge(Day* d, int kind, int port, int moment) noexcept nogil:
    """Whether a vertiport has a charger and power to spare at a moment."""
    cdef int group = d.group_from[port]
    cdef int64_t now = min(max(moment, 0), d.horizon - 1)
    if not has_charger(d, port):
        return False
    if d.charger_use[group * <int64_t>d.horizon + now] >= d.chargers[group]:
        return False
    return d.limit_w[port] < 0 or (
        d.power_use[port * <int64_t>d.horizon + now] + d.reserve_w[kind] // 2 <= d.limit_w[port]
    )


cdef inline void stand(Day* d, int kind, int port, int since, int soc, Stay* stay) noexcept nogil:
    """Fill a stay that begins at a moment with a charge."""
    stay.port, stay.since, stay.soc = port, since, soc
    stay.most = most_charge(d, kind)
    stay.charges = may_charge(d, kind, port, since + d.connect[kind] + SHORTEST)
    stay.filled = filled_s(d, strongest(d, kind, port), soc) if has_charger(d, port) else 0


cdef inline int charge(Day* d, int kind, Stay* stay, int off) noexcept nogil:
    """Charge at the end of a stay."""
    cdef int seconds = off - d.disconnect[kind] - stay.since - d.connect[kind], row, soc
    if not stay.charges or seconds < SHORTEST:
        return stay.soc
    row = strongest(d, kind, stay.port)
    seconds += stay.filled
    if seconds > filled_s(d, row, d.fill_top[row]):
        soc = d.fill_top[row]
    else:
        soc = guessed(d, row, <int64_t>seconds * 1000) - SPARE
    return max(stay.soc, min(soc, stay.most))


cdef inline int charged_off(
    Day* d, int kind, Stay* stay, int off, int need, int need_s
) noexcept nogil:
    """First off-block, `off` or later, with a charge; the horizon: never.

    `need_s` is how long the charge takes from empty here.
    """
    cdef int seconds
    if stay.soc >= need:
        return off
    if not stay.charges or need > stay.most or need_s >= d.horizon:
        return d.horizon
    seconds = max(<int>SHORTEST, need_s - stay.filled)
    return max(off, stay.since + d.connect[kind] + seconds + d.disconnect[kind])


cdef inline int needed(Day* d, int kind, int port, int energy) noexcept nogil:
    """Charge with which a flight may leave a vertiport."""
    cdef int need = d.reserve[kind] + energy
    return max(need, d.leave[kind]) if has_charger(d, port) else need


cdef inline bint free_landing(Day* d, Leg* leg) noexcept nogil:
    """Whether there is a stand where a leg lands."""
    cdef int port = leg.destination
    return not stands_full(&d.stand_use[port], min(leg.on, d.horizon - 1), d.stands[port])


cdef inline bint open_choice(Day* d, Relay* r, int aircraft, Choice* g) noexcept nogil:
    """Move a choice to its first free slot; false: it has none, or is worth nothing there."""
    cdef int kind = d.tails[aircraft].kind, asked = g.first, port = d.origin[g.corridor]
    cdef Leg leg
    clear(&leg)
    if not slot(d, aircraft, g.corridor, asked, g.last, &leg):
        return False
    if leg.on > r.end or not free_landing(d, &leg):
        return False
    g.first, g.on, g.energy = leg.off, leg.on, leg.energy
    g.worth -= g.wait * (g.first - asked)
    g.need = needed(d, kind, port, leg.energy)
    g.need_s = time_to(d, kind, port, g.need)
    return g.worth > 0


cdef inline bint best_crew(
    Day* d, int kind, int32_t* who, int n, int t, Choice* g
) noexcept nogil:
    """Fill a choice with the crew that is worth most at an off-block; false: nobody waits."""
    cdef double[SEATS + 1] best
    cdef double[SEATS + 1] wait
    cdef int[SEATS + 1] last
    cdef int seats = min(<int>SEATS, d.seats[kind]), w, i, q, size
    cdef double worth
    g.first, g.worth = t, 0
    for w in range(seats + 1):
        best[w] = wait[w] = 0
        last[w] = d.horizon
    for i in range(n):
        q = who[i]
        worth = d.worth[q] - d.wait_cost[q] * (t - d.earliest[q])
        if d.earliest[q] > t or last_off(d, kind, q) < t or worth <= 0:
            continue
        if d.solo[q]:
            if worth > g.worth:
                g.worth, g.wait, g.last = worth, d.wait_cost[q], last_off(d, kind, q)
            continue
        size = d.party[q]
        for w in range(seats, size - 1, -1):
            if best[w - size] + worth > best[w]:
                best[w] = best[w - size] + worth
                wait[w] = wait[w - size] + d.wait_cost[q]
                last[w] = min(last[w - size], last_off(d, kind, q))
    for w in range(seats + 1):
        if best[w] > g.worth:
            g.worth, g.wait, g.last = best[w], wait[w], last[w]
    return g.worth > 0


cdef inline int note_moment(int* moments, int n, int t) noexcept nogil:
    """Put a moment into ascending ones, once; return how many there are."""
    cdef int i = n, k
    while i > 0 and moments[i - 1] > t:
        i -= 1
    if i > 0 and moments[i - 1] == t:
        return n
    for k in range(n, i, -1):
        moments[k] = moments[k - 1]
    moments[i] = t
    return n + 1


cdef inline void gather(
    Day* d, Relay* r, int aircraft, int low, int high, double blink
) noexcept nogil:
    """Fill the choices that leave in [low, high], by corridor and then by moment."""
    cdef int kind = d.tails[aircraft].kind, seats = min(<int>SEATS, d.seats[kind])
    cdef int c, i, q, n, m, waiting, start, stop, share
    cdef int32_t[CREW] who
    cdef int[2 * CREW] moments
    cdef double skip
    r.choices = 0
    for c in range(d.corridors):
        r.start[c] = r.choices
        r.close[c] = -1
        if block(d, kind, c) < 0:
            continue
        start = stop = queue_start(d, c, low)
        waiting = 0
        while stop < d.queue_from[c + 1] and d.earliest[d.queue[stop]] <= high:
            q = d.queue[stop]
            waiting += d.tail_of[q] < 0 and d.latest[q] >= low
            stop += 1
        skip = max(blink, 1 - CREW / max(1.0, <double>waiting))
        n = m = 0
        for i in range(start, stop):
            q = d.queue[i]
            if d.tail_of[q] >= 0 or last_off(d, kind, q) < low or d.party[q] > seats or n >= CREW:
                continue
            if not (d.types[q] >> kind) & 1 or uniform(d) < skip:
                continue
            who[n] = q
            n += 1
            m = note_moment(moments, m, max(low, d.earliest[q]))
            if last_off(d, kind, q) < high:
                m = note_moment(moments, m, last_off(d, kind, q) + 1)
        share = max(1, (CHOICES - r.choices) // (d.corridors - c))  # the others need room too
        for i in range(min(m, share)):
            if r.choices >= CHOICES:
                break
            r.choice[r.choices].corridor = c
            if best_crew(d, kind, who, n, moments[i], &r.choice[r.choices]):
                if open_choice(d, r, aircraft, &r.choice[r.choices]):
                    r.close[c] = max(r.close[c], r.choice[r.choices].last)
                    r.choices += 1
    r.start[d.corridors] = r.choices
