"""Best pooling of the parties of a corridor when each flight has a price, compiled.

Parties of one class have one size, one cost of waiting and windows that open and
close in the same order. Those of a class may board in that order without loss:
exchanging two of them changes no worth. So the state of a corridor in a cell is
how many parties of each class still wait, and one backward sweep over cells and
states finds the best whole flights with whole parties (see ``router.airtaxi.pools``).

Arrays, all C-contiguous:

- ``class_from`` int32 (corridors + 1): classes of each corridor; ``wait`` float64
  (classes): cost of a cell of waiting of one party;
- ``queue_from`` int32 (classes + 1): parties of each class, in the order of their
  windows; ``first``, ``last`` int32 and ``worth`` float64 (parties): cells in which a
  party may leave, and what it would be worth in cell 0;
- ``way_from`` int32 (corridors + 1): ways to fill a flight of each corridor;
  ``part_from`` int32 (ways + 1), ``part_class``, ``part_count`` int32: the parties of
  each way by class, counted from the corridor's first; ``taken`` int32 (ways): seats;
- ``seats`` int32: the numbers of seats of flights, ascending;
- ``price``, ``bought`` (seats, corridors, cells): price of a flight, flights bought;
- ``most`` (seats, corridors, cells): no flight is worth more than this.
"""

import numpy as np

from libc.stdint cimport int32_t, int64_t

cdef enum:
    CLASSES = 16  # most classes of a corridor
    SEATS = 64  # most seats of a flight


cdef class Pools:
    """Poolings of all corridors; states and their values are kept between sweeps."""

    cdef const int32_t[::1] class_from, queue_from, seats
    cdef const int32_t[::1] way_from, part_from, part_class, part_count, taken
    cdef const double[::1] wait
    cdef const double[:, :, ::1] most
    cdef const double[::1] sums  # worth of the parties of a class before each, and of all
    cdef int cells, corridors
    cdef const int64_t[:, ::1] start  # (corridors, cells + 2): first state of each cell
    cdef const int32_t[:, ::1] come, gone  # (classes, cells + 1): parties that came, that left
    cdef double[::1] value
    cdef double[SEATS + 1] fee  # cheapest price of so many seats, in the cell at hand
    cdef int32_t[SEATS + 1] choice  # and the flight that has it

    def __init__(
        self, class_from, wait, queue_from, first, last, worth, way_from, part_from, part_class,
        part_count, taken, seats, most, int cells,
    ):
        """Take the parties and the ways to fill flights (see above)."""
        self.class_from, self.wait, self.queue_from = class_from, wait, queue_from
        self.seats, self.most = seats, most
        self.way_from, self.part_from, self.taken = way_from, part_from, taken
        self.part_class, self.part_count = part_class, part_count
        self.cells, self.corridors = cells, len(class_from) - 1
        classes = len(queue_from) - 1
        come = np.zeros((classes, cells + 1), np.int32)
        gone = np.zeros((classes, cells + 1), np.int32)
        sums = np.zeros(len(first) + classes)
        for k in range(classes):
            own = slice(queue_from[k], queue_from[k + 1])
            come[k] = np.searchsorted(first[own], np.arange(cells + 1), side="right")
            gone[k] = np.searchsorted(last[own], np.arange(cells + 1), side="left")
            sums[queue_from[k] + k + 1: queue_from[k + 1] + k + 1] = np.cumsum(worth[own])
        start = np.zeros((self.corridors, cells + 2), np.int64)
        for c in range(self.corridors):
            waiting = (come - gone)[class_from[c]: class_from[c + 1]] + 1
            start[c, 1:] = np.cumsum(waiting.prod(axis=0, dtype=np.int64))
        start += np.concatenate(([0], np.cumsum(start[:, -1])))[:-1, None]
        self.come, self.gone, self.sums, self.start = come, gone, sums, start
        self.value = np.zeros(int(start[-1, -1]) if self.corridors else 1)

    def sweep(self, const double[:, :, ::1] price):
        """Return the worth of the best pooling of each corridor under prices."""
        cdef int c, t
        best = np.zeros(self.corridors)
        cdef double[::1] found = best
        with nogil:
            for c in range(self.corridors):
                if self.class_from[c] == self.class_from[c + 1]:
                    continue
                self.value[self.start[c, self.cells]] = 0
                for t in range(self.cells - 1, -1, -1):
                    self._value(c, t, price)
                found[c] = self.value[self.start[c, 1] - 1]
        return best

    cdef bint _quote(self, int c, int t, const double[:, :, ::1] price) noexcept nogil:
        """Note the cheapest flights with at least so many seats; whether any may pay."""
        cdef int s, n, top = self.seats.shape[0] - 1
        cdef bint any_ = False
        for n in range(self.seats[top] + 1):
            self.choice[n] = -1
        for s in range(top + 1):
            any_ |= price[s, c, t] < self.most[s, c, t]
            for n in range(self.seats[s] + 1):
                if self.choice[n] < 0 or price[s, c, t] < self.fee[n]:
                    self.fee[n] = price[s, c, t]
                    self.choice[n] = s
        return any_

    cdef double _gain(self, int c, int t, int way, const int32_t* waiting) noexcept nogil:
        """Return the worth of a way to fill a flight, less its price; -1: too few wait."""
        cdef int i, k, n, at
        cdef double gain = -self.fee[self.taken[way]]
        for i in range(self.part_from[way], self.part_from[way + 1]):
            k, n = self.part_class[i], self.part_count[i]
            if waiting[k] < n:
                return -1
            at = self.come[self.class_from[c] + k, t] - waiting[k]
            k += self.class_from[c]
            at += self.queue_from[k] + k
            gain += self.sums[at + n] - self.sums[at] - n * self.wait[k] * t
        return gain

    cdef int _strides(self, int c, int t, int64_t* stride) noexcept nogil:
        cdef int k, a = self.class_from[c], count = self.class_from[c + 1] - a
        cdef int64_t size = 1
        for k in range(count):
            stride[k] = size
            size *= self.come[a + k, t] - self.gone[a + k, t] + 1
        return count

    cdef int64_t _later(
        self, int c, int t, int count, const int32_t* waiting, const int64_t* stride
    ) noexcept nogil:
        """Return the state of the next cell when nobody more boards in this one."""
        cdef int k, a = self.class_from[c], left
        cdef int64_t at = self.start[c, t + 1]
        for k in range(count):
            left = min(waiting[k], self.come[a + k, t] - self.gone[a + k, t + 1])
            at += (left + self.come[a + k, t + 1] - self.come[a + k, t]) * stride[k]
        return at

    cdef void _value(self, int c, int t, const double[:, :, ::1] price) noexcept nogil:
        """Value all states of one cell from those after it."""
        cdef int32_t[CLASSES] waiting
        cdef int64_t[CLASSES] stride
        cdef int64_t[CLASSES] stride_later
        cdef int a = self.class_from[c], k, i, way, count = self._strides(c, t, stride)
        cdef int64_t at, first = self.start[c, t], end = self.start[c, t + 1], to
        cdef double best, gain
        cdef bint pays = end - first > 1 and self._quote(c, t, price)
        self._strides(c, t + 1, stride_later)
        for k in range(count):
            waiting[k] = 0
        for at in range(first, end):
            best = self.value[self._later(c, t, count, waiting, stride_later)]
            for k in range(count):
                if waiting[k] > 0:
                    best = max(best, self.value[at - stride[k]])
            if pays:
                for way in range(self.way_from[c], self.way_from[c + 1]):
                    gain = self._gain(c, t, way, waiting)
                    if gain > 0:
                        to = at
                        for i in range(self.part_from[way], self.part_from[way + 1]):
                            to -= self.part_count[i] * stride[self.part_class[i]]
                        best = max(best, gain + self.value[to])
            self.value[at] = best
            k = 0
            while k < count:
                if waiting[k] < self.come[a + k, t] - self.gone[a + k, t]:
                    waiting[k] += 1
                    break
                waiting[k] = 0
                k += 1

    def trace(self, const double[:, :, ::1] price, int32_t[:, :, ::1] bought):
        """Add the flights of a best pooling to ``bought``; prices are those of the last sweep."""
        cdef int c
        with nogil:
            for c in range(self.corridors):
                if self.class_from[c] < self.class_from[c + 1]:
                    self._trace(c, price, bought)

    cdef void _trace(
        self, int c, const double[:, :, ::1] price, int32_t[:, :, ::1] bought
    ) noexcept nogil:
        cdef int32_t[CLASSES] waiting
        cdef int64_t[CLASSES] stride
        cdef int64_t[CLASSES] stride_later
        cdef int a = self.class_from[c], k, i, way, count, t = 0, chosen, dropped
        cdef int64_t at = self.start[c, 1] - 1, to, later
        cdef double best, gain
        cdef bint pays
        count = self._strides(c, 0, stride)
        for k in range(count):
            waiting[k] = self.come[a + k, 0] - self.gone[a + k, 0]
        while t < self.cells:
            self._strides(c, t, stride)
            self._strides(c, t + 1, stride_later)
            later = self._later(c, t, count, waiting, stride_later)
            best = self.value[later]
            chosen = dropped = -1
            pays = self.start[c, t + 1] - self.start[c, t] > 1 and self._quote(c, t, price)
            for k in range(count):
                if waiting[k] > 0 and self.value[at - stride[k]] > best + 1e-9:
                    best = self.value[at - stride[k]]
                    dropped = k
            for way in range(self.way_from[c], self.way_from[c + 1] if pays else 0):
                gain = self._gain(c, t, way, waiting)
                if gain > 0:
                    to = at
                    for i in range(self.part_from[way], self.part_from[way + 1]):
                        to -= self.part_count[i] * stride[self.part_class[i]]
                    if gain + self.value[to] > best + 1e-9:
                        best = gain + self.value[to]
                        chosen = way
            if chosen >= 0:
                bought[self.choice[self.taken[chosen]], c, t] += 1
                for i in range(self.part_from[chosen], self.part_from[chosen + 1]):
                    k = self.part_class[i]
                    waiting[k] -= self.part_count[i]
                    at -= self.part_count[i] * stride[k]
            elif dropped >= 0:
                waiting[dropped] -= 1
                at -= stride[dropped]
            else:
                for k in range(count):
                    i = min(waiting[k], self.come[a + k, t] - self.gone[a + k, t + 1])
                    waiting[k] = i + self.come[a + k, t + 1] - self.come[a + k, t]
                at = later
                t += 1
