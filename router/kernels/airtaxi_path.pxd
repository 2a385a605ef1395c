# The best stretch of one tail's day, all others as they are: dynamic programming
# over cells of time, vertiports and levels of charge, for those not served.
#
# Times and levels are rounded to the nearest cell and level, so a path is only a
# proposal: `relay` lays it exactly, or leaves the tail as it was.

from libc.stdint cimport int16_t, int32_t, int64_t

from router.kernels.airtaxi_batteries cimport level_after, level_at, seconds_to, table
from router.kernels.airtaxi_calendars cimport (
    hold_leg, leg_wait, set_times, slot, stands_full, step_at,
)
from router.kernels.airtaxi_day cimport CELL, LEVELS, STRETCH, Day, Leg, Path, Session, Tail
from router.kernels.airtaxi_gaps cimport clear, punctual, settle
from router.kernels.airtaxi_parties cimport board, first_trip, uniform, welcome
from router.kernels.airtaxi_tails cimport (
    deadline,
    hold_between,
    hold_legs,
    hold_sessions,
    hold_stays,
    next_place,
    place,
    ready,
)

cdef enum:
    CREW = 48  # parties that are looked at for one flight
    SEATS = 16  # seats that a crew is chosen for


cdef inline int queue_start(Day* d, int corridor, int moment) noexcept nogil:
    """First trip of a corridor's queue that may wait for a departure at a moment."""
    return first_trip(d, corridor, moment - d.widest)


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


cdef inline void earn(
    Day* d, Path* path, int aircraft, int since, int cells, double blink
) noexcept nogil:
    """Fill what a flight of each corridor would earn in each cell of a stretch."""
    cdef int kind = d.tails[aircraft].kind, c, i, q, t, w, first, last, size
    cdef int seats = min(<int>SEATS, d.seats[kind]), wide = SEATS + 1
    cdef float gain, most
    cdef Leg leg
    cdef bint any_
    for c in range(d.corridors):
        for t in range(cells):
            path.reward[c * path.cells + t] = 0
        if d.step_from[kind * d.corridors + c] == d.step_from[kind * d.corridors + c + 1]:
            continue
        any_ = False
        for i in range(queue_start(d, c, since), d.queue_from[c + 1]):
            q = d.queue[i]
            if d.earliest[q] >= since + cells * CELL:
                break
            size = d.party[q]
            if d.tail_of[q] >= 0 or d.latest[q] < since or size > seats:
                continue
            if not (d.types[q] >> kind) & 1 or (blink > 0 and uniform(d) < blink):
                continue
            if not any_:
                any_ = True
                for t in range(cells * wide):
                    path.packed[t] = 0
            first = max(0, (d.earliest[q] - since + CELL - 1) // CELL)
            last = min(d.latest[q], d.arrive_by[q] - d.least_block[kind * d.corridors + c])
            last = min(cells - 1, (last - since) // CELL)
            for t in range(first, last + 1):
                gain = (
                    d.worth[q] - d.price_share * d.price[q]
                    - d.wait_cost[q] * (since + t * CELL - d.earliest[q])
                )
                if gain <= 0:
                    break
                if d.solo[q]:
                    path.reward[c * path.cells + t] = max(
                        path.reward[c * path.cells + t], gain
                    )
                    continue
                for w in range(seats, size - 1, -1):
                    most = path.packed[t * wide + w - size] + gain
                    if most > path.packed[t * wide + w]:
                        path.packed[t * wide + w] = most
        if not any_:
            continue
        for t in range(cells):
            gain = max(path.reward[c * path.cells + t], path.packed[t * wide + seats])
            if gain > 0:
                clear(&leg)
                if not set_times(d, kind, c, since + t * CELL, &leg):
                    gain = 0
                elif leg_wait(d, aircraft, &leg) != 0:
                    gain = 0
            path.reward[c * path.cells + t] = gain


cdef inline int nearest_level(Path* path, int kind, int soc) noexcept nogil:
    cdef int32_t* level = path.soc + kind * LEVELS
    cdef int y = 0
    while y + 1 < LEVELS and level[y + 1] <= soc:
        y += 1
    return y


cdef inline int hop(Day* d, int kind, int corridor, int moment, int* step) noexcept nogil:
    """Cells from an off-block to the next possible one."""
    cdef int o = d.origin[corridor], t = d.destination[corridor]
    cdef int lead = d.taxi[o] + d.takeoff[o]
    step[0] = step_at(d, kind, corridor, moment + lead)
    return max(1, (  # what is flown within a cell would have no value yet
        lead + d.step_s[step[0]] + d.landing[t] + d.taxi[t] + d.turnaround[kind] + CELL // 2
    ) // CELL)


cdef inline void land_cell(
    Day* d, Path* path, int kind, int v, int t, int cells, int extra
) noexcept nogil:
    """Value landing in a cell: ready to fly, or plugged in a little later."""
    cdef int y, row = d.ports * LEVELS
    cdef float* free = path.free + t * row + v * LEVELS
    cdef float* landed = path.landed + t * row + v * LEVELS
    cdef float* plug = path.plug + (t + extra) * row + v * LEVELS
    if path.level_cells[kind * d.ports + v] > 0 and t + extra <= cells:
        for y in range(LEVELS):
            landed[y] = max(free[y], plug[y])
    else:
        for y in range(LEVELS):
            landed[y] = free[y]


cdef inline void bar_cell(Day* d, Path* path, int v, int t) noexcept nogil:
    """Say that the tail cannot be at a vertiport in a cell."""
    cdef int y, at = (t * d.ports + v) * LEVELS
    for y in range(LEVELS):
        path.free[at + y] = path.plug[at + y] = path.landed[at + y] = <float>-1e18


cdef inline void look_around(
    Day* d, Path* path, int kind, int start, int end, int cells
) noexcept nogil:
    """Fill the first and last cell in which each vertiport is of use."""
    cdef int v, c
    for v in range(d.ports):
        path.near[v], path.away[v] = 0, cells
        c = d.link[start * d.ports + v]
        if v != start and c >= 0 and d.least_block[kind * d.corridors + c] >= 0:
            path.near[v] = d.least_block[kind * d.corridors + c] // CELL
        c = d.link[v * d.ports + end] if end >= 0 else -1
        if v != end and c >= 0:
            if d.least_block[kind * d.corridors + c] >= 0:
                path.away[v] = cells - d.least_block[kind * d.corridors + c] // CELL


cdef inline bint may_charge(Day* d, int kind, int v, int64_t now) noexcept nogil:
    """Whether a vertiport has a charger and power to spare at a moment."""
    cdef int group = d.group_from[v]
    if d.charger_use[group * <int64_t>d.horizon + now] >= d.chargers[group]:
        return False
    return d.limit_w[v] < 0 or (
        d.power_use[v * <int64_t>d.horizon + now] + d.reserve_w[kind] // 2 <= d.limit_w[v]
    )


cdef inline int least_level(int16_t* burn) noexcept nogil:
    """Lowest level that is enough for a flight that the highest one is enough for."""
    cdef int low = 0, high = LEVELS - 1, middle
    while low < high:
        middle = (low + high) >> 1
        if burn[middle] >= 0:
            high = middle
        else:
            low = middle + 1
    return low


cdef inline void value_cell(
    Day* d, Path* path, int kind, int t, int since, int cells, int extra
) noexcept nogil:
    """Value all nodes of one cell from those after it."""
    cdef int v, c, k, y, step, row = d.ports * LEVELS, up, there
    cdef float worth, other
    cdef float* free
    cdef float* plug
    cdef float* later
    cdef int16_t* burn
    cdef int64_t now = min(d.horizon - 1, since + t * CELL)
    cdef bint full
    for v in range(d.ports):
        if not path.near[v] <= t <= path.away[v]:
            bar_cell(d, path, v, t)
            continue
        free = path.free + t * row + v * LEVELS
        plug = path.plug + t * row + v * LEVELS
        later = path.free + (t + 1) * row + v * LEVELS
        full = stands_full(&d.stand_use[v], now, d.stands[v])
        for y in range(LEVELS):
            free[y] = <float>-1e18 if full else later[y]
        for there in range(d.ports):
            c = d.link[v * d.ports + there]
            if c < 0 or d.least_block[kind * d.corridors + c] < 0:
                continue
            k = hop(d, kind, c, since + t * CELL, &step)
            if t + k > cells:
                continue
            worth = path.reward[c * path.cells + t] - d.leg_cost[kind * d.corridors + c]
            burn = path.burn + step * LEVELS
            later = path.landed + (t + k) * row + there * LEVELS
            y = LEVELS - 1
            if burn[y] < 0 or worth + later[burn[y]] <= free[least_level(burn)]:
                continue  # worth grows with charge, so that no level gains by this flight
            while y >= 0 and burn[y] >= 0:
                other = worth + later[burn[y]]
                if other > free[y]:
                    free[y] = other
                y -= 1
        later = path.plug + (t + 1) * row + v * LEVELS
        for y in range(LEVELS):
            plug[y] = max(free[y], later[y])
        up = path.level_cells[kind * d.ports + v]
        if full:
            for y in range(LEVELS):
                plug[y] = free[y]
        elif up > 0 and t + up <= cells and may_charge(d, kind, v, now):
            later = path.plug + (t + up) * row + v * LEVELS
            for y in range(LEVELS - 1):
                if later[y + 1] > plug[y]:
                    plug[y] = later[y + 1]
        land_cell(d, path, kind, v, t, cells, extra)


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


cdef inline int find_path(
    Day* d, Path* path, int aircraft, int a, int b, int soc, int since, int cells
) noexcept nogil:
    """Fill `flights` and `moments` with the best path of a stretch; return their number.

    The stretch runs from stay a to leg b (or the day's end); -1: there is none.
    """
    cdef Tail* x = &d.tails[aircraft]
    cdef int kind = x.kind, row = d.ports * LEVELS, v, y, t, c, k, step, n = 0, there, up, chosen
    cdef int least, end = next_place(x, b)
    cdef int extra = max(0, d.connect[kind] + d.disconnect[kind] - d.turnaround[kind]) // CELL
    cdef float best, other, worth
    cdef bint plugged, plug_next
    cdef float* last = path.free + cells * row
    least = least_charge(d, x, b)
    for v in range(d.ports):
        for y in range(LEVELS):
            last[v * LEVELS + y] = (
                0 if (end < 0 or end == v) and path.soc[kind * LEVELS + y] >= least
                else <float>-1e18
            )
            path.plug[cells * row + v * LEVELS + y] = last[v * LEVELS + y]
            path.landed[cells * row + v * LEVELS + y] = last[v * LEVELS + y]
    look_around(d, path, kind, place(x, a), end, cells)
    for t in range(cells - 1, -1, -1):
        value_cell(d, path, kind, t, since, cells, extra)
    v = place(x, a)
    y = nearest_level(path, kind, soc)
    t = 0
    plugged = path.level_cells[kind * d.ports + v] > 0
    if plugged and a > 0:
        t = min(cells - 1, extra)
        if path.free[v * LEVELS + y] >= path.plug[t * row + v * LEVELS + y]:
            plugged = False
            t = 0
    if (path.plug if plugged else path.free)[t * row + v * LEVELS + y] < -1e17:
        return -1
    while t < cells:
        if plugged:
            best = path.plug[t * row + v * LEVELS + y]
            if path.free[t * row + v * LEVELS + y] >= best:
                plugged = False
                continue
            up = path.level_cells[kind * d.ports + v]
            if y + 1 < LEVELS and t + up <= cells and (
                path.plug[(t + up) * row + v * LEVELS + y + 1] >= best
            ):
                t += up
                y += 1
            else:
                t += 1
            continue
        best = path.free[(t + 1) * row + v * LEVELS + y]
        chosen = -1
        plug_next = False
        for there in range(d.ports):
            c = d.link[v * d.ports + there]
            if c < 0 or d.least_block[kind * d.corridors + c] < 0:
                continue
            k = hop(d, kind, c, since + t * CELL, &step)
            if t + k > cells or path.burn[step * LEVELS + y] < 0:
                continue
            worth = path.reward[c * path.cells + t] - d.leg_cost[kind * d.corridors + c]
            up = path.burn[step * LEVELS + y]
            other = worth + path.free[(t + k) * row + there * LEVELS + up]
            if other > best:
                best, chosen, plug_next = other, c, False
            if path.level_cells[kind * d.ports + there] > 0 and t + k + extra <= cells:
                other = worth + path.plug[(t + k + extra) * row + there * LEVELS + up]
                if other > best:
                    best, chosen, plug_next = other, c, True
        if chosen < 0:
            t += 1
            continue
        if n >= STRETCH:
            return -1
        path.flights[n] = chosen
        path.moments[n] = since + t * CELL
        path.charges[n] = path.soc[kind * LEVELS + y]
        n += 1
        k = hop(d, kind, chosen, since + t * CELL, &step)
        y = path.burn[step * LEVELS + y]
        v = d.destination[chosen]
        t += k + (extra if plug_next else 0)
        plugged = plug_next
    return n


cdef inline int arrival_soc(Tail* x, int k) noexcept nogil:
    """Charge at the beginning of stay k."""
    return x.soc if k == 0 else x.legs[k - 1].soc


cdef inline int charged_by(
    Day* d, int aircraft, int port, int arrival, int soc, int target, int* off
) noexcept nogil:
    """Put `off` back until a lone aircraft has charged to a target; return its charge then."""
    cdef int kind = d.tails[aircraft].kind, row, since = arrival + d.connect[kind], seconds
    if d.group_from[port] == d.group_from[port + 1]:
        return soc
    row = table(d, kind, d.group_from[port], 0)
    target = min(target, d.fill_top[row])
    if soc < target:
        seconds = seconds_to(d, row, soc, target)
        off[0] = max(off[0], since + seconds + d.disconnect[kind])
    seconds = off[0] - d.disconnect[kind] - since
    return max(soc, level_after(d, row, soc, seconds)) if seconds > 0 else soc


cdef inline bint relay(
    Day* d, Path* path, int aircraft, int a, int b, int low, int high, double blink
) noexcept nogil:
    """Replace the emptied legs [a, b) of a tail by the best path for those not served.

    All new legs are flown in [low, high]. Returns whether the tail changed; if so
    all of them are held and boarded.
    """
    cdef Tail* x = &d.tails[aircraft]
    cdef int kind = x.kind, since, until, cells, n, i, k, now, end, last, soc, on, off
    cdef Leg* legs = path.legs
    cdef bint fits = True
    since = max(ready(d, x, a), low)
    end = min(deadline(d, x, b), high)
    until = end + d.turnaround[kind]
    cells = (until - since) // CELL
    if cells < 1 or cells >= path.cells:
        return False
    hold_sessions(d, x, a, b, -1)
    hold_between(d, x, a, b, -1)
    earn(d, path, aircraft, since, cells, blink)
    soc = arrival_soc(x, a)
    if since == low:  # it has stood here for a while
        soc = max(soc, x.sessions[a].after)
    n = find_path(d, path, aircraft, a, b, soc, since, cells)
    hold_stays(d, x, a, b, 1)
    hold_sessions(d, x, a, b, 1)
    if x.n - (b - a) + n + 3 >= d.most_legs:
        n = -1
    now = since
    on = since - d.connect[kind] if a == 0 or since == low else x.legs[a - 1].on
    k = 0
    for i in range(max(0, n)):
        clear(&legs[i])
        last = max(path.moments[i] + 600, path.moments[i + 1] if i + 1 < n else end)
        last = min(last, end)
        off = max(now, path.moments[i] - CELL // 2)
        charged_by(d, aircraft, d.origin[path.flights[i]], on, soc, path.charges[i], &off)
        fits = slot(d, aircraft, path.flights[i], off, last, &legs[i]) and legs[i].on <= end
        if not fits:
            break
        hold_leg(d, &legs[i], 1)
        k += 1
        off = legs[i].off
        soc = charged_by(d, aircraft, legs[i].origin, on, soc, 0, &off) - legs[i].energy
        on = legs[i].on
        now = on + d.turnaround[kind]
    if n >= 0 and fits and settle(d, aircraft, a, b, legs, n):
        for i in range(n):
            fill_leg(d, aircraft, &x.legs[a + i])
        return True
    if n < 0 or not fits:
        for i in range(k):
            hold_leg(d, &legs[i], -1)
    hold_legs(d, x, a, b, 1)
    return False
