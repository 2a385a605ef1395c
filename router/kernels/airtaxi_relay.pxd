# Relays: the best flights of a few hours of one tail, all others as they are.
#
# A label is a way to come to stand at a vertiport: since when, with how much charge, worth
# how much. Labels are made in the order of time by flying choices (airtaxi_choices.pxd),
# and one is left out where another at its vertiport stands there no later, is worth no less
# and has no less charge from then on (labelling for shortest paths with resources: Irnich
# and Desaulniers 2005, doi:10.1007/0-387-25486-2_2).
#
# Moments are whole seconds. Charging is that of a lone aircraft, nearly to the watt-hour,
# so what is found is a proposal: `relay` lays it exactly, or leaves the tail as it was.

from libc.stdint cimport int32_t, int64_t

from router.kernels.airtaxi_batteries cimport has_charger, level_at, table
from router.kernels.airtaxi_calendars cimport hold_leg, leg_wait, set_times, slot, step_at
from router.kernels.airtaxi_choices cimport (
    CREW,
    SEATS,
    charge,
    charged_off,
    free_landing,
    gather,
    needed,
    queue_start,
    stand,
    time_to,
)
from router.kernels.airtaxi_day cimport (
    LABELS, SLOT, STRETCH, Choice, Day, Label, Leg, Relay, Session, Stay, Tail,
)
from router.kernels.airtaxi_gaps cimport (
    block, clear, latest_on, link, pull, punctual, push, settle,
)
from router.kernels.airtaxi_parties cimport board, welcome
from router.kernels.airtaxi_tails cimport (
    arrival,
    hold_between,
    hold_legs,
    hold_sessions,
    hold_stays,
    next_place,
    place,
    ready,
)

cdef enum:
    LOOK = 14400  # seconds that a tail may stand before a choice
    TRIES = 4  # times that a departure is put back for pads and entries
    AFTER = 600  # seconds by which an empty flight may be late


cdef struct Approach:  # of a label to the origin of a choice
    int32_t empty  # corridor of an empty flight there, -1: none
    int32_t off  # when it leaves
    int32_t spent  # Wh that it takes
    int32_t ready  # first off-block of the choice
    bint before  # it charges before that flight, and not after it
    Stay stay  # at the origin


cdef inline int least_charge(Day* d, Tail* x, int b) noexcept nogil:
    """Charge that the rest of the day needs at the off-block of leg b, sessions as they are."""
    cdef int need = x.final_soc, k, row
    cdef Session* s
    for k in range(x.n, b, -1):
        s = &x.sessions[k]
        if s.group >= 0:
            row = table(d, x.kind, s.group, s.cap)
            need = min(need, d.fill_top[row])
            need = level_at(
                d, row, d.fill[d.fill_from[row] + need] - <int64_t>(s.end - s.start) * 1_000_000
            ) + 1
        if x.legs[k - 1].corridor >= 0:
            need = max(need, d.reserve[x.kind]) + x.legs[k - 1].energy
    return min(need + 200, d.battery[x.kind])


cdef inline Label* add_label(Day* d, Relay* r, int kind, Stay* stay, double worth) noexcept nogil:
    """Add a label, NULL: another is no later, no emptier and worth no less, or there is no room."""
    cdef int i = r.newest[stay.port], late
    cdef int lost = max(0, d.connect[kind] + d.disconnect[kind] - d.turnaround[kind])
    cdef Label* y
    while i >= 0:
        y = &r.label[i]
        late = stay.since - y.stay.since
        if late >= 0 and y.worth >= worth and (
            y.stay.soc >= stay.soc
            or (y.stay.charges and y.stay.filled + max(0, late - lost) >= stay.filled)
        ):
            return NULL
        i = y.sibling
    if r.labels >= LABELS:
        return NULL
    y = &r.label[r.labels]
    y.stay, y.worth = stay[0], worth
    y.sibling = r.newest[stay.port]
    r.newest[stay.port] = r.labels
    # Labels of the slot in hand go to the next one: none is passed over.
    i = min(r.slots - 1, max((stay.since - r.low) // SLOT, r.now + 1))
    y.next = r.slot[i]
    r.slot[i] = r.labels
    r.labels += 1
    return y


cdef inline bint approach(
    Day* d, int kind, Label* y, int corridor, int high, Approach* to
) noexcept nogil:
    """Fill how a label gets to the origin of a corridor; false: not in time."""
    cdef int port = d.origin[corridor], need, since
    to.empty = -1
    to.off = to.spent = 0
    to.before = False
    to.ready = y.ready
    to.stay = y.stay
    if port == y.stay.port:
        return True
    to.empty = link(d, kind, y.stay.port, port)
    if to.empty < 0:
        return False
    to.spent = d.step_wh[step_at(d, kind, to.empty, y.ready)]
    need = needed(d, kind, y.stay.port, to.spent)
    to.off = charged_off(d, kind, &y.stay, y.ready, need, time_to(d, kind, y.stay.port, need))
    if to.off >= high:
        return False
    since = to.off + block(d, kind, to.empty)
    to.ready = since + d.turnaround[kind]
    stand(d, kind, port, since, charge(d, kind, &y.stay, to.off) - to.spent, &to.stay)
    to.before = y.stay.charges and not to.stay.charges
    return True


cdef inline int depart(
    Day* d, int kind, Label* y, Approach* to, Choice* g, int* soc
) noexcept nogil:
    """Off-block of a choice for which there is charge, nothing else looked at; fill that charge.

    Where only the place before has a charger, the empty flight waits for it: `to.off` moves.
    """
    cdef int off = max(g.first, to.ready), need, way
    if not to.before:
        off = charged_off(d, kind, &to.stay, off, g.need, g.need_s)
        soc[0] = charge(d, kind, &to.stay, off)
        return off
    way = block(d, kind, to.empty) + d.turnaround[kind]
    need = max(needed(d, kind, y.stay.port, to.spent), to.spent + g.need)
    to.off = charged_off(
        d, kind, &y.stay, max(y.ready, off - way), need, time_to(d, kind, y.stay.port, need)
    )
    soc[0] = charge(d, kind, &y.stay, to.off) - to.spent
    return max(off, to.off + way)


cdef inline int free_off(
    Day* d, Relay* r, int aircraft, Choice* g, int off, Leg* leg
) noexcept nogil:
    """First off-block, `off` or soon after, with pads, entry and stand; -1: none is found."""
    cdef int wait, _try
    for _try in range(TRIES):
        if off > g.last or not set_times(d, d.tails[aircraft].kind, g.corridor, off, leg):
            return -1
        wait = leg_wait(d, aircraft, leg)
        if wait == 0:
            return off if leg.on <= r.end and free_landing(d, leg) else -1
        off += wait
    return -1


cdef inline void extend(Day* d, Relay* r, int aircraft, int at, int high) noexcept nogil:
    """Fly from a label all that can be flown next."""
    cdef int kind = d.tails[aircraft].kind, c, i, off, on, soc, energy, row = kind * d.corridors
    cdef int straight
    cdef Label* y = &r.label[at]
    cdef Label* made
    cdef Choice* g
    cdef Approach to
    cdef Stay stay
    cdef Leg leg
    cdef double cost, most, gain
    for c in range(d.corridors):
        if r.close[c] < y.ready or not approach(d, kind, y, c, high, &to):
            continue
        cost = d.leg_cost[row + c]
        if to.empty >= 0:
            cost += d.leg_cost[row + to.empty]
        # Without it the tail could fly there empty. What lands earlier can charge there, so a later
        # flight has to gain more.
        straight = link(d, kind, y.stay.port, d.destination[c])
        most = -d.leg_cost[row + straight] if straight >= 0 else 0.0
        for i in range(r.start[c], r.start[c + 1]):
            g = &r.choice[i]
            if g.first > to.ready + LOOK:
                break
            if g.last < to.ready or g.worth - cost <= most:
                continue
            off = depart(d, kind, y, &to, g, &soc)
            if off > g.last:
                continue
            on, energy = g.on, g.energy
            if off != g.first:
                off = free_off(d, r, aircraft, g, off, &leg)
                on, energy = leg.on, leg.energy
            gain = g.worth - g.wait * (off - g.first) - cost
            if off < 0 or gain <= most or soc - energy < d.reserve[kind]:
                continue
            if has_charger(d, d.destination[c]):
                most = gain
            stand(d, kind, d.destination[c], on, soc - energy, &stay)
            made = add_label(d, r, kind, &stay, y.worth + gain)
            if made != NULL:
                made.parent, made.choice, made.off = at, i, off
                made.empty, made.empty_off = to.empty, to.off
                made.ready = on + d.turnaround[kind]


cdef inline double finish(
    Day* d, Relay* r, int aircraft, Label* y, int b, int least, int until
) noexcept nogil:
    """Worth of a stretch that ends with a label; -1e18: it cannot.

    `least` is the charge that leg b needs, `until` when that leaves.
    """
    cdef Tail* x = &d.tails[aircraft]
    cdef int kind = x.kind, there = next_place(x, b), way, need, spent
    cdef Stay stay
    y.home = -1
    if there < 0 or there == y.stay.port:
        return y.worth if charge(d, kind, &y.stay, until) >= least else -1e18
    y.home = link(d, kind, y.stay.port, there)
    if y.home < 0:
        return -1e18
    way = block(d, kind, y.home)
    spent = d.step_wh[step_at(d, kind, y.home, y.ready)]
    need = needed(d, kind, y.stay.port, spent)
    y.home_off = charged_off(d, kind, &y.stay, y.ready, need, time_to(d, kind, y.stay.port, need))
    if y.home_off + way > r.end:
        return -1e18
    stand(
        d, kind, there, y.home_off + way, charge(d, kind, &y.stay, y.home_off) - spent, &stay
    )
    if charge(d, kind, &stay, until) < least:  # charge as long as can be, then leave
        y.home_off = r.end - way
        if charge(d, kind, &y.stay, y.home_off) - spent < least:
            return -1e18
    return y.worth - d.leg_cost[kind * d.corridors + y.home]


cdef inline int best_label(
    Day* d, Relay* r, int aircraft, int a, int b, int high
) noexcept nogil:
    """Make all labels of a stretch; return the one it should end with, -1: none can."""
    cdef Tail* x = &d.tails[aircraft]
    cdef int i, at, best = -1, least = least_charge(d, x, b)
    cdef int until = x.until if b == x.n else x.legs[b].off
    cdef double worth, most = -1e17
    cdef Stay stay
    cdef Label* y
    r.labels = 0
    r.slots = (r.end - r.low) // SLOT + 2
    for i in range(r.slots):
        r.slot[i] = -1
    for i in range(d.ports):
        r.newest[i] = -1
    r.now = -1
    stand(
        d, x.kind, place(x, a), arrival(x, a), x.soc if a == 0 else x.legs[a - 1].soc, &stay
    )
    if a == 0:
        stay.most = d.battery[x.kind]  # as `recharge` has it
    y = add_label(d, r, x.kind, &stay, 0.0)
    y.parent, y.ready = -1, r.low
    for i in range(r.slots):
        r.now = i
        at = r.slot[i]
        while at >= 0:
            y = &r.label[at]
            worth = finish(d, r, aircraft, y, b, least, until)
            if worth > most:
                most, best = worth, at
            extend(d, r, aircraft, at, high)
            at = y.next
    return best


cdef inline void fill_leg(Day* d, int aircraft, Leg* leg) noexcept nogil:
    """Board the parties not served that are worth most together: a knapsack of seats."""
    cdef int kind = d.tails[aircraft].kind, c = leg.corridor, i, q, w, n = 0, k
    cdef int seats = min(<int>SEATS, d.seats[kind] - leg.seats)
    cdef int32_t[CREW] who
    cdef double[CREW] gain
    cdef double[(CREW + 1) * (SEATS + 1)] best
    for i in range(queue_start(d, c, leg.off), d.queue_from[c + 1]):
        q = d.queue[i]
        if d.earliest[q] > leg.off or n >= CREW:
            break
        if d.tail_of[q] < 0 and d.party[q] <= seats and punctual(d, q, leg):
            if welcome(d, kind, leg, q) and not d.solo[q]:
                who[n] = q
                gain[n] = d.worth[q] - d.wait_cost[q] * (leg.off - d.earliest[q])
                n += 1
    for w in range(seats + 1):
        best[w] = 0
    for k in range(n):
        for w in range(seats + 1):
            best[(k + 1) * (SEATS + 1) + w] = best[k * (SEATS + 1) + w]
            if w >= d.party[who[k]]:
                best[(k + 1) * (SEATS + 1) + w] = max(
                    best[k * (SEATS + 1) + w],
                    best[k * (SEATS + 1) + w - d.party[who[k]]] + gain[k],
                )
    w = seats
    for k in range(n - 1, -1, -1):
        if best[(k + 1) * (SEATS + 1) + w] > best[k * (SEATS + 1) + w] + 1e-9:
            w -= d.party[who[k]]
            if welcome(d, kind, leg, who[k]):
                board(d, aircraft, leg, who[k])
    if leg.n == 0:
        k = -1
        for i in range(queue_start(d, c, leg.off), d.queue_from[c + 1]):
            q = d.queue[i]
            if d.earliest[q] > leg.off:
                break
            if d.solo[q] and d.tail_of[q] < 0 and punctual(d, q, leg) and welcome(d, kind, leg, q):
                if k < 0 or d.worth[q] > d.worth[k]:
                    k = q
        if k >= 0:
            board(d, aircraft, leg, k)


cdef inline bint lay_leg(
    Day* d, Relay* r, int aircraft, int corridor, int off, int last, int* n, int* now
) noexcept nogil:
    """Lay one more leg, at `off` or later, and hold its pads and entry."""
    cdef Leg* leg = &r.legs[n[0]]
    if n[0] >= STRETCH:
        return False
    clear(leg)
    if not slot(d, aircraft, corridor, max(now[0], off), last, leg) or leg.on > r.end:
        return False
    hold_leg(d, leg, 1)
    now[0] = leg.on + d.turnaround[d.tails[aircraft].kind]
    n[0] += 1
    return True


cdef inline bint lay_stretch(Day* d, Relay* r, int aircraft, int best, int* n) noexcept nogil:
    """Lay the legs of a label's way; false: one of the n that were to be laid finds no slot."""
    cdef int at = best, k = 0, now = r.low
    cdef Label* y
    while r.label[at].parent >= 0:
        if k >= STRETCH:
            return False
        r.chain[k] = at
        k += 1
        at = r.label[at].parent
    while k > 0:
        k -= 1
        y = &r.label[r.chain[k]]
        if y.empty >= 0 and not lay_leg(
            d, r, aircraft, y.empty, y.empty_off, y.empty_off + AFTER, n, &now
        ):
            return False
        if not lay_leg(
            d, r, aircraft, r.choice[y.choice].corridor, y.off, r.choice[y.choice].last, n, &now
        ):
            return False
    y = &r.label[best]
    return y.home < 0 or lay_leg(d, r, aircraft, y.home, y.home_off, y.home_off + AFTER, n, &now)


cdef inline bint relay(
    Day* d, Relay* r, int aircraft, int a, int b, int low, int high, double blink
) noexcept nogil:
    """Replace the emptied legs [a, b) of a tail by the best stretch for those not served.

    Choices leave in [low, high]; flights after the stretch may be put back for it. Returns
    whether the tail changed; if so all of it is held and boarded.
    """
    cdef Tail* x = &d.tails[aircraft]
    cdef int best, i, n = 0, laid, pushed = 0
    cdef bint fits
    r.low = max(low, ready(d, x, a))
    r.end = min(latest_on(d, x, b), d.horizon)
    high = min(high, r.end)
    if r.low > high:
        return False
    hold_sessions(d, x, a, b, -1)
    hold_between(d, x, a, b, -1)
    gather(d, r, aircraft, r.low, high, blink)
    best = best_label(d, r, aircraft, a, b, high)
    hold_stays(d, x, a, b, 1)
    hold_sessions(d, x, a, b, 1)
    if best >= 0:
        fits = lay_stretch(d, r, aircraft, best, &n)
        laid = n
        fits = (
            fits and x.n - (b - a) + n + 1 < d.most_legs
            and push(d, aircraft, b, r.legs, &n, &pushed)
        )
        if fits and settle(d, aircraft, a, b + pushed, r.legs, n):
            for i in range(a, a + laid):
                fill_leg(d, aircraft, &x.legs[i])
            return True
        if not fits:
            for i in range(n):
                hold_leg(d, &r.legs[i], -1)
        pull(d, aircraft, b, &pushed)
    hold_legs(d, x, a, b, 1)
    return False
