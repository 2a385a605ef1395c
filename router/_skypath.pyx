"""Best aircraft-days under prices: the compiled part of the day plan's bound.

The day is cut into cells of equal length. From a node (cell, vertiport, level) an
aircraft waits, flies or charges; every duration is rounded down to cells, every
level of charge up, so that each real day has a path of at least its worth
(see ``router.airtaxi.bound``). One backward sweep values all nodes.
"""

import numpy as np

from libc.stdint cimport int16_t, int32_t, uint64_t

cdef double NEVER = -1e30


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

    cdef int cells, ports, levels, plug_cells, last, gift
    cdef const int32_t[::1] legs_from, leg_ids, leg_to
    cdef const int32_t[:, ::1] leg_cells
    cdef const int32_t[:, ::1] leg_map
    cdef const int16_t[:, ::1] burn
    cdef const double[::1] rise
    cdef const double[:, ::1] fill_price
    cdef const double[:, ::1] wait_cost
    cdef readonly object ready
    cdef double[:, :, ::1] free
    cdef double[:, :, ::1] plug
    cdef double[:, :, ::1] landed
    cdef uint64_t rng

    def __init__(
        self, legs_from, leg_ids, leg_to, leg_cells, leg_map, burn, rise, fill_price, wait_cost,
        terminal, int plug_cells, int last, uint64_t seed, int gift,
    ):
        """Take the tables.

        Parameters
        ----------
        legs_from, leg_ids, leg_to
            Corridors by vertiport of origin; their destinations by corridor.
        leg_cells : (corridors, cells)
            Cells from off-block until the next off-block at the earliest; 0: barred.
        leg_map : (corridors, cells), burn : (rows, levels)
            Row of each corridor and cell; the level after the flight for each
            level before it, -1: below the reserve.
        rise
            Watt-hours from each level to the next.
        fill_price : (ports, cells)
            Price of a watt-hour, negative: no charger.
        wait_cost : (ports, cells)
            Cost of a cell on the stand.
        terminal : (ports, levels)
            Worth of ending the day there.
        plug_cells
            Cells that a stay with charging takes beyond a turnaround, >= 0.
        last
            Last cell of the day.
        seed
            Of the choice among paths of nearly the same worth.
        gift
            Levels that each stay with charging gets for nothing, 0 or 1.
        """
        self.legs_from, self.leg_ids, self.leg_to = legs_from, leg_ids, leg_to
        self.leg_cells, self.leg_map, self.burn = leg_cells, leg_map, burn
        self.rise, self.fill_price, self.wait_cost = rise, fill_price, wait_cost
        self.plug_cells, self.last, self.rng = plug_cells, last, seed
        self.cells, self.ports = fill_price.shape[1], fill_price.shape[0]
        self.levels = burn.shape[1]
        self.gift = gift
        shape = (self.cells + 1, self.ports, self.levels)
        self.ready = np.full(shape, NEVER)
        self.ready[last:] = terminal
        self.free = self.ready
        self.plug = self.ready.copy()
        self.landed = self.ready.copy()

    def set_tariffs(self, fill_price, wait_cost):
        """Set the prices of a watt-hour and of a cell on the stand; see above."""
        self.fill_price, self.wait_cost = fill_price, wait_cost

    def sweep(self, const double[:, ::1] reward):
        """Value all nodes, given the worth (less cost) of a flight by corridor and cell."""
        cdef int t, v
        with nogil:
            for t in range(self.last - 1, -1, -1):
                for v in range(self.ports):
                    self._value(t, v, reward)

    cdef void _value(self, int t, int v, const double[:, ::1] reward) noexcept nogil:
        cdef int i, c, k, y, top = self.levels - 1
        cdef double* free = &self.free[t, v, 0]
        cdef double* plug = &self.plug[t, v, 0]
        cdef double* landed = &self.landed[t, v, 0]
        cdef const double* later = &self.free[t + 1, v, 0]
        cdef const double* plugged = &self.plug[t + 1, v, 0]
        cdef const double* there
        cdef const int16_t* after
        cdef double wait = self.wait_cost[v, t], price = self.fill_price[v, t], worth
        for y in range(self.levels):
            free[y] = later[y] - wait
        for i in range(self.legs_from[v], self.legs_from[v + 1]):
            c = self.leg_ids[i]
            k = self.leg_cells[c, t]
            if k <= 0 or t + k > self.last:
                continue
            worth = reward[c, t]
            there = &self.landed[t + k, self.leg_to[c], 0]
            after = &self.burn[self.leg_map[c, t], 0]
            y = top
            while y >= 0 and after[y] >= 0:
                free[y] = max(free[y], worth + there[after[y]])
                y -= 1
        if price < 0:
            for y in range(self.levels):
                plug[y] = landed[y] = free[y]
            return
        for y in range(top):
            plug[y] = max(
                free[y], max(plugged[y], plugged[y + 1] - price * self.rise[y]) - wait
            )
        plug[top] = max(free[top], plugged[top] - wait)
        k = min(t + self.plug_cells, self.last)
        plugged = &self.plug[k, v, 0]
        wait = 0
        for i in range(t, k):
            wait += self.wait_cost[v, i]
        for y in range(top):
            landed[y] = max(free[y], plugged[y + self.gift] - wait)
        landed[top] = max(free[top], plugged[top] - wait)

    def start_value(self, int cell, int port, int level):
        """Return the worth of the best day from a stand."""
        return self.plug[cell, port, level]

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
        cdef int t = cell, v = port, y = level, i, c, k, flights = 0, chosen
        cdef bint plugged = True
        cdef double best, worth, wait
        with nogil:
            while t < self.last:
                wait = self.wait_cost[v, t]
                if plugged:
                    if self.free[t, v, y] >= self.plug[t, v, y] - 1e-6:
                        plugged = False
                    else:
                        if y < self.levels - 1 and (
                            self.plug[t + 1, v, y + 1] - self.fill_price[v, t] * self.rise[y]
                            > self.plug[t + 1, v, y]
                        ):
                            filled[v, t] += self.rise[y]
                            y += 1
                        stood[v, t] += 1
                        t += 1
                    continue
                best = self.free[t + 1, v, y] - wait + heat * self._gumbel(heat)
                chosen = -1
                for i in range(self.legs_from[v], self.legs_from[v + 1]):
                    c = self.leg_ids[i]
                    k = self.leg_cells[c, t]
                    if k <= 0 or t + k > self.last or self.burn[self.leg_map[c, t], y] < 0:
                        continue
                    worth = (
                        reward[c, t]
                        + self.landed[t + k, self.leg_to[c], self.burn[self.leg_map[c, t], y]]
                        + heat * self._gumbel(heat)
                    )
                    if worth > best:
                        best = worth
                        chosen = c
                if chosen < 0:
                    stood[v, t] += 1
                    t += 1
                    continue
                flown[chosen, t] += 1
                flights += 1
                k = self.leg_cells[chosen, t]
                y = self.burn[self.leg_map[chosen, t], y]
                v = self.leg_to[chosen]
                t += k
                if t == self.last:
                    break
                if self.fill_price[v, t] >= 0 and self.landed[t, v, y] > self.free[t, v, y] + 1e-6:
                    for i in range(t, min(t + self.plug_cells, self.last)):
                        stood[v, i] += 1
                    t = min(t + self.plug_cells, self.last)
                    y = min(y + self.gift, self.levels - 1)
                    plugged = True
        return flights

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
