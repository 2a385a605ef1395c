"""Best aircraft-days under prices: the compiled part of the day plan's bound.

The day is cut into cells of equal length. From a node (cell, vertiport, level) an
aircraft waits, flies or charges; every duration is rounded down to cells, every
level of charge up, so that each real day has a path of at least its worth
(see ``router.airtaxi.relaxation``). One backward sweep values all nodes.

Values of nodes, (cells + 1, ports, levels) each: ``stand`` plugged in where there are
chargers, or waiting where there are none; ``leave`` flying in this very cell, or what
an aircraft has that plugs in first; ``caught`` the same with up to a level that is caught
up with; ``landed`` from the cell on in which a turnaround ends.
"""

import numpy as np

from libc.stdint cimport int16_t, int32_t, uint8_t, uint64_t

cdef double NEVER = -1e30
cdef double BARRED = -1e32

cdef enum:
    BLOCK = 8  # levels that a flight is looked at for together


def rewards(
    const int32_t[::1] queue_from,
    const int32_t[::1] queue,
    const int32_t[::1] first,
    const int32_t[::1] last,
    const int32_t[::1] party,
    const int32_t[::1] solo,
    const double[::1] worth,
    const double[::1] wait,
    int seats,
    double[:, ::1] reward,
    double[:, :, ::1] packed,
):
    """Fill the most worth that one flight of each corridor and cell can carry.

    Parameters
    ----------
    queue_from, queue
        Trips of each corridor.
    first, last
        Per trip: first and last cell in which it may leave.
    party, solo
        Seats it takes, and whether it is alone.
    worth, wait
        What it is worth in its first cell after its price, and what each cell
        of waiting takes from that.
    seats
        Seats of the aircraft.
    reward : (corridors, cells), overwritten
    packed : (corridors, cells, seats + 1), overwritten
        Most worth in at most so many seats: parties are never split.
    """
    cdef int c, i, p, t, w, size
    cdef double gain
    with nogil:
        packed[:, :, :] = 0
        reward[:, :] = 0
        for c in range(reward.shape[0]):
            for i in range(queue_from[c], queue_from[c + 1]):
                p = queue[i]
                size = party[p]
                if size > seats or worth[p] <= 0:
                    continue
                for t in range(first[p], last[p] + 1):
                    gain = worth[p] - wait[p] * (t - first[p])
                    if gain <= 0:
                        break
                    if solo[p]:
                        reward[c, t] = max(reward[c, t], gain)
                        continue
                    for w in range(seats, size - 1, -1):
                        packed[c, t, w] = max(packed[c, t, w], packed[c, t, w - size] + gain)
            for t in range(reward.shape[1]):
                # Who is alone may ride on a timetable flight, which takes no seats.
                if reward[c, t] > 0:
                    reward[c, t] += packed[c, t, 0]
                reward[c, t] = max(reward[c, t], packed[c, t, seats])


cdef class Network:
    """Nodes and arcs of one kind of aircraft-day, and the values of all nodes."""

    cdef int cells, ports, levels, plug_cells, hop_cells, last, catch_up
    cdef const int32_t[::1] legs_from, leg_ids, leg_to
    cdef const int32_t[:, ::1] leg_cells
    cdef const int32_t[:, ::1] leg_map
    cdef const int16_t[:, ::1] burn
    cdef const double[:, ::1] back
    cdef const double[::1] most_back
    cdef const double[::1] rise
    cdef const uint8_t[::1] charges
    cdef const uint8_t[:, ::1] lands, left
    cdef const double[:, ::1] fill_price
    cdef const double[:, ::1] back_price
    cdef const double[:, ::1] wait_cost
    cdef double[:, :, ::1] stand
    cdef double[:, :, ::1] leave
    cdef double[:, :, ::1] caught
    cdef double[:, :, ::1] landed
    cdef uint64_t rng

    def __init__(
        self, legs_from, leg_ids, leg_to, leg_cells, leg_map, burn, back, rise, charges, terminal,
        int plug_cells, int hop_cells, int last, uint64_t seed, bint catch_up,
    ):
        """Take the tables.

        Parameters
        ----------
        legs_from, leg_ids, leg_to
            Corridors by vertiport of origin; their destinations by corridor.
        leg_cells : (corridors, cells)
            Cells from off-block until the next off-block at the earliest; 0: barred.
        leg_map : (corridors, cells), burn, back : (rows, levels)
            Row of each corridor and cell; the level after the flight for each
            level before it, -1: below the reserve; watt-hours to be paid back.
        rise
            Watt-hours from each level to the next.
        charges
            Whether each vertiport has chargers.
        terminal : (ports, levels)
            Worth of ending the day there.
        plug_cells
            Cells that a stay with charging takes beyond a turnaround, >= 0.
        hop_cells
            Most cells after a turnaround in which an aircraft that stood too short a time
            to be plugged in may leave, where there are chargers.
        last
            Last cell of the day.
        seed
            Of the choice among paths of nearly the same worth.
        catch_up
            Whether an aircraft that waits, not plugged in, may catch up with the charge that it
            left the stand before too early for: a level after one cell, two after more.
        """
        self.legs_from, self.leg_ids, self.leg_to = legs_from, leg_ids, leg_to
        self.leg_cells, self.leg_map, self.burn, self.back = leg_cells, leg_map, burn, back
        self.most_back = back.max(axis=1)
        self.rise, self.charges = rise, charges
        self.plug_cells, self.hop_cells, self.catch_up = plug_cells, hop_cells, catch_up
        self.last, self.rng = last, seed
        self.ports, self.levels = terminal.shape
        self.cells = leg_cells.shape[1]
        # Where flights land, and the cells from which those who landed may fly on.
        lands = np.zeros((self.cells + 1, self.ports), np.uint8)
        legs, cells = np.nonzero(leg_cells)
        end = cells + leg_cells[legs, cells]
        lands[end[end <= last], leg_to[legs[end <= last]]] = 1
        left = lands.copy()
        for w in range(1, max(2, hop_cells) + 1):
            left[w:] |= lands[:-w]
        self.lands, self.left = lands, left
        shape = (self.cells + 1, self.ports, self.levels)
        ready = np.full(shape, NEVER)
        ready[last:] = terminal
        self.stand, self.leave = ready, ready.copy()
        self.caught, self.landed = ready.copy(), ready.copy()

    def set_prices(self, fill_price, back_price, wait_cost):
        """Set the prices, each (ports, cells).

        Parameters
        ----------
        fill_price
            Of a watt-hour, where nothing charges of one that is caught up with.
        back_price
            At which watt-hours are paid back to who lands in a cell.
        wait_cost
            Of a cell on the stand.
        """
        self.fill_price, self.back_price, self.wait_cost = fill_price, back_price, wait_cost

    def sweep(self, const double[:, ::1] reward):
        """Value all nodes, given the worth (less cost) of a flight by corridor and cell."""
        cdef int t, v
        with nogil:
            for t in range(self.last - 1, -1, -1):
                for v in range(self.ports):
                    self._leave(t, v, reward)
                    self._stand(t, v)
                    if self.left[t, v]:
                        self._catch_up(t, v)
                    if self.lands[t, v]:
                        self._land(t, v)

    cdef void _leave(self, int t, int v, const double[:, ::1] reward) noexcept nogil:
        """Value flying in a cell; what is worth less than staying is not looked for."""
        cdef int i, c, k, y, row, low, n = self.levels, top = n - 1
        cdef double* leave = &self.leave[t, v, 0]
        cdef const double* there
        cdef const int16_t* after
        cdef const double* back
        cdef double worth, dear, wait = 0
        cdef bint flies = False
        k = self._plugged(t, v, &wait)
        if k == t:
            wait, k = self.wait_cost[v, t], t + 1
        there = &self.stand[k, v, 0]
        for y in range(n):
            leave[y] = there[y] - wait
        for i in range(self.legs_from[v], self.legs_from[v + 1]):
            c = self.leg_ids[i]
            k = t + self.leg_cells[c, t]
            if k == t or k > self.last:
                continue
            worth = reward[c, t]
            row = self.leg_map[c, t]
            there = &self.landed[k, self.leg_to[c], 0]
            after, back = &self.burn[row, 0], &self.back[row, 0]
            dear = self.back_price[self.leg_to[c], k] if k < self.cells else 0
            # Worth grows with charge, as charge may be thrown away: of levels side by side none
            # gains by a flight that takes the highest of them to less than the lowest has.
            y = top
            while y >= 0 and after[y] >= 0:
                low = max(0, y - BLOCK + 1)
                if worth + there[after[y]] + dear * self.most_back[row] <= leave[low]:
                    y = low - 1
                    continue
                flies = True
                while y >= low and after[y] >= 0:
                    leave[y] = max(leave[y], worth + there[after[y]] + dear * back[y])
                    y -= 1
        # With less charge less may be sold back at a better price.
        if flies:
            for y in range(1, n):
                leave[y] = max(leave[y], leave[y - 1])

    cdef inline int _plugged(self, int t, int v, double* wait) noexcept nogil:
        """Return from which cell on who lands in ``t`` charges or stays; add its waiting."""
        cdef int i, k = min(self.last, t + (self.plug_cells if self.charges[v] else 1))
        for i in range(t, k):
            wait[0] += self.wait_cost[v, i]
        return k

    cdef void _stand(self, int t, int v) noexcept nogil:
        """Value charging or waiting in a cell, or leaving."""
        cdef int y, n = self.levels, top = n - 1
        cdef const double* rise = &self.rise[0]
        cdef double* stand = &self.stand[t, v, 0]
        cdef const double* leave = &self.leave[t, v, 0]
        cdef const double* later = &self.stand[t + 1, v, 0]
        cdef double wait = self.wait_cost[v, t], price = self.fill_price[v, t]
        if self.charges[v]:
            for y in range(top):
                stand[y] = max(
                    leave[y], max(later[y], later[y + 1] - price * rise[y]) - wait
                )
            stand[top] = max(leave[top], later[top] - wait)
        else:
            for y in range(n):
                stand[y] = max(leave[y], later[y] - wait)

    cdef void _catch_up(self, int t, int v) noexcept nogil:
        """Value flying, or waiting on where nothing charges, with a level caught up with first."""
        cdef int y, n = self.levels, top = n - 1
        cdef const double* rise = &self.rise[0]
        cdef const double* ready
        cdef double* caught = &self.caught[t, v, 0]
        cdef double price = self.fill_price[v, t]
        ready = &self.leave[t, v, 0] if self.charges[v] else &self.stand[t, v, 0]
        if not self.catch_up:
            price = 1e30
        for y in range(top):
            caught[y] = max(ready[y], ready[y + 1] - price * rise[y])
        caught[top] = ready[top]

    cdef void _land(self, int t, int v) noexcept nogil:
        """Value plugging in, flying on at once, and after some cells with what is caught up."""
        cdef int y, w, k, n = self.levels, top = n - 1
        cdef const double* rise = &self.rise[0]
        cdef int hops = self.hop_cells if self.charges[v] else 2
        cdef double* landed = &self.landed[t, v, 0]
        cdef const double* leave = &self.leave[t, v, 0]
        cdef const double* later
        cdef double wait = 0, price
        k = self._plugged(t, v, &wait)
        if self.charges[v]:
            later = &self.stand[k, v, 0]
            for y in range(n):
                landed[y] = later[y] - wait
            if hops == 0:
                return
            for y in range(n):
                landed[y] = max(landed[y], leave[y])
        else:
            for y in range(n):
                landed[y] = leave[y]
        wait = 0
        for w in range(1, min(hops, self.last - t) + 1):
            wait += self.wait_cost[v, t + w - 1]
            later = &self.caught[t + w, v, 0]
            for y in range(n):
                landed[y] = max(landed[y], later[y] - wait)
            if w > 1 and self.catch_up and t + w < self.cells:
                price = self.fill_price[v, t + w]
                for y in range(top):
                    landed[y] = max(landed[y], later[y + 1] - price * rise[y] - wait)

    def start_value(self, int cell, int port, int level):
        """Return the worth of the best day from a stand."""
        return self.stand[cell, port, level]

    cdef double _draw(self) noexcept nogil:
        self.rng += <uint64_t>0x9E3779B97F4A7C15
        cdef uint64_t z = self.rng
        z = (z ^ (z >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
        z = (z ^ (z >> 27)) * <uint64_t>0x94D049BB133111EB
        return <double>((z ^ (z >> 31)) >> 11) * (1.0 / 9007199254740992.0)

    def trace(
        self, int cell, int port, int level, const double[:, ::1] reward, double heat,
        int32_t[:, ::1] flown, int32_t[:, ::1] stood, double[:, ::1] filled,
    ):
        """Follow a best path and count its flights by corridor and cell.

        The cells it waits on a stand are added to ``stood``, (ports, cells), and the
        watt-hours that it pays for to ``filled``, likewise.

        Among flights, waiting and charging the worse ones are taken with
        probability falling with their loss over ``heat`` (0: never).

        Returns
        -------
        Number of flights.
        """
        cdef int t = cell, v = port, y = level, i, c, k, row, flights = 0, chosen
        cdef double best, worth
        cdef bint stands = True
        with nogil:
            while t < self.last:
                if stands and self.charges[v]:
                    worth = self.stand[t + 1, v, y]
                    k = 0
                    if y < self.levels - 1:
                        best = self.stand[t + 1, v, y + 1] - self.fill_price[v, t] * self.rise[y]
                        if best > worth:
                            worth, k = best, 1
                    if self.leave[t, v, y] <= worth - self.wait_cost[v, t] + 1e-6:
                        if k > 0:
                            filled[v, t] += self.rise[y]
                            y += 1
                        stood[v, t] += 1
                        t += 1
                        continue
                    stands = False
                while y > 0 and self._lower(t, v, y, reward):
                    y -= 1
                best = -1e31
                if stands:
                    best = self.stand[t + 1, v, y] - self.wait_cost[v, t]
                    best += heat * self._gumbel(heat)
                chosen = -1
                for i in range(self.legs_from[v], self.legs_from[v + 1]):
                    c = self.leg_ids[i]
                    worth = self._flight(t, c, y, reward)
                    if worth == BARRED:
                        continue
                    worth += heat * self._gumbel(heat)
                    if worth > best:
                        best = worth
                        chosen = c
                if chosen < 0:
                    stood[v, t] += 1
                    t += 1
                    stands = True
                    continue
                flown[chosen, t] += 1
                flights += 1
                row = self.leg_map[chosen, t]
                v, t = self.leg_to[chosen], t + self.leg_cells[chosen, t]
                if t < self.last:
                    if self.charges[v]:
                        filled[v, t] -= self.back[row, y]
                    stands = self._after(&t, v, self.burn[row, y], &y, stood, filled)
        return flights

    cdef inline double _flight(
        self, int t, int c, int y, const double[:, ::1] reward
    ) noexcept nogil:
        """Return what a flight from a cell and level is worth, with what follows."""
        cdef int k = t + self.leg_cells[c, t], row = self.leg_map[c, t]
        cdef double worth
        if k == t or k > self.last or self.burn[row, y] < 0:
            return BARRED
        worth = reward[c, t] + self.landed[k, self.leg_to[c], self.burn[row, y]]
        if k < self.cells:
            worth += self.back_price[self.leg_to[c], k] * self.back[row, y]
        return worth

    cdef bint _lower(self, int t, int v, int y, const double[:, ::1] reward) noexcept nogil:
        """Return whether what leaving is worth is what it is worth with a level less."""
        cdef int i, k
        cdef double value = self.leave[t, v, y] - 1e-6, wait = 0
        if self.leave[t, v, y - 1] < value:
            return False
        k = self._plugged(t, v, &wait)
        if k == t:
            wait, k = self.wait_cost[v, t], t + 1
        if self.stand[k, v, y] - wait >= value:
            return False
        for i in range(self.legs_from[v], self.legs_from[v + 1]):
            if self._flight(t, self.leg_ids[i], y, reward) >= value:
                return False
        return True

    cdef bint _after(
        self, int* t, int v, int landed, int* y, int32_t[:, ::1] stood, double[:, ::1] filled
    ) noexcept nogil:
        """Go on from a landing as best; return whether the aircraft stays on its stand."""
        cdef int w, k, up, since = t[0]
        cdef int hops = self.hop_cells if self.charges[v] else 2
        cdef double wait = 0, gain, value = self.landed[since, v, landed] - 1e-6
        cdef const double* ready
        y[0] = landed
        if self.charges[v]:
            k = self._plugged(since, v, &wait)
            if hops == 0 or self.stand[k, v, landed] - wait >= value:
                for w in range(since, k):
                    stood[v, w] += 1
                t[0] = k
                return True
        elif self.leave[since, v, landed] >= value:
            return True
        wait = 0
        for w in range(min(hops, self.last - since) + 1):
            if w > 0:
                wait += self.wait_cost[v, since + w - 1]
                stood[v, since + w - 1] += 1
            t[0] = since + w
            if t[0] == self.last:
                return True
            ready = &self.leave[t[0], v, 0] if self.charges[v] else &self.stand[t[0], v, 0]
            gain = 0
            for up in range((min(w, 2) if self.catch_up else 0) + 1):
                y[0] = landed + up
                if y[0] >= self.levels:
                    break
                if up > 0:
                    gain += self.rise[y[0] - 1]
                if ready[y[0]] - gain * self.fill_price[v, t[0]] - wait >= value:
                    if self.charges[v]:
                        filled[v, t[0]] += gain
                    return not self.charges[v]
            y[0] = landed
        return True

    cdef double _gumbel(self, double heat) noexcept nogil:
        """Return a bounded stand-in for Gumbel noise: cheap, mean 0."""
        if heat <= 0:
            return 0
        cdef double u = self._draw()
        return 2.0 * u - 1.0


def boarded(
    const int32_t[::1] queue_from,
    const int32_t[::1] queue,
    const int32_t[::1] first,
    const int32_t[::1] last,
    const int32_t[::1] party,
    const int32_t[::1] solo,
    const double[::1] worth,
    const double[::1] wait,
    int seats,
    const int32_t[:, ::1] flown,
    const double[:, ::1] reward,
    double[::1] count,
):
    """Add to ``count`` how often each trip is on board of the flights of ``flown``.

    Each flight carries what earned it ``reward`` (as :func:`rewards` found it).
    """
    cdef int c, t, i, p, w, n, size, k, lone
    cdef double gain, most, none
    cdef double[:, ::1] table = np.zeros((4097, seats + 1))
    cdef int32_t[::1] here = np.zeros(4096, np.int32)
    cdef double[::1] gains = np.zeros(4096)
    with nogil:
        for c in range(flown.shape[0]):
            for t in range(flown.shape[1]):
                if flown[c, t] == 0 or reward[c, t] <= 0:
                    continue
                n = 0
                lone = -1
                most = none = 0
                for i in range(queue_from[c], queue_from[c + 1]):
                    p = queue[i]
                    if not first[p] <= t <= last[p] or party[p] > seats or n >= 4096:
                        continue
                    gain = worth[p] - wait[p] * (t - first[p])
                    if gain <= 0:
                        continue
                    if solo[p]:
                        if gain > most:
                            lone, most = p, gain
                        continue
                    if party[p] == 0:
                        none += gain
                    here[n] = p
                    gains[n] = gain
                    n += 1
                if lone >= 0 and most + none >= reward[c, t] - 1e-6:
                    count[lone] += flown[c, t]
                    for k in range(n):
                        if party[here[k]] == 0:
                            count[here[k]] += flown[c, t]
                    continue
                if n <= 0:
                    continue
                for w in range(seats + 1):
                    table[0, w] = 0
                for k in range(n):
                    size = party[here[k]]
                    for w in range(seats + 1):
                        table[k + 1, w] = table[k, w]
                        if w >= size:
                            table[k + 1, w] = max(
                                table[k, w], table[k, w - size] + gains[k]
                            )
                w = seats
                for k in range(n - 1, -1, -1):
                    if table[k + 1, w] > table[k, w] + 1e-12:
                        count[here[k]] += flown[c, t]
                        w -= party[here[k]]
