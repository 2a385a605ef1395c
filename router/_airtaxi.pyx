"""The compiled search of the air-taxi planner: one class over flat tables.

:class:`Search` holds the tails and the calendars of every resource. After each
call all that is planned keeps every rule of ``docs/airtaxi_model.md``: legs,
sessions and holds are exact to the second and the watt-hour.
"""

from libc.math cimport exp
from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free

import numpy as np

from router.kernels.airtaxi_batteries cimport CHUNK
from router.kernels.airtaxi_calendars cimport stands_used
from router.kernels.airtaxi_day cimport (
    BLOCK,
    CAPS,
    CAUSES,
    CHOICES,
    FILLED,
    LABELS,
    SLOT,
    STRETCH,
    Choice,
    Day,
    Label,
    Leg,
    Relay,
    Session,
    Stands,
    Tail,
)
from router.kernels.airtaxi_gaps cimport PUSHED, rebuild, tidy
from router.kernels.airtaxi_parties cimport blame, fly, uniform
from router.kernels.airtaxi_ruin cimport Bench, ruin_day, serve, step
from router.kernels.airtaxi_tails cimport (
    copy_tail,
    hold_between,
    hold_sessions,
    next_place,
    note_offs,
    place,
    recharge,
    restore,
    tail_cost,
    undo,
)

POWER_CAPS = CAPS
POWER_CHUNK_S = CHUNK
FILLED_WH = FILLED
CAUSE_NAMES = (
    "NO_AIRCRAFT", "PAD", "STAND", "CHARGER", "POWER", "HEADWAY", "CLOSED", "NOT_WORTH", "PILOT",
    "LIMIT",
)


cdef void free_legs(Tail* x) noexcept:
    free(x.legs)
    free(x.sessions)
    free(x.offs)


cdef class Search:
    """Tails, calendars and the moves between plans.

    Parameters
    ----------
    tables
        Arrays by the names of ``struct Day`` (see ``router.airtaxi.tables``),
        C-contiguous and of its types; kept alive as long as this object.
    seed
        Seed of every random choice.
    """

    cdef Day day
    cdef Bench bench
    cdef Relay relay
    cdef Tail* best
    cdef double* cost
    cdef uint8_t* dirty
    cdef object keep
    cdef readonly double value
    cdef readonly double best_value
    cdef readonly double best_money  # without what promises add
    cdef readonly int64_t steps

    def __cinit__(self, tables, uint64_t seed):
        cdef Day* d = &self.day
        self.keep = dict(tables)
        d.rng = seed
        d.wh_cost, d.promise = tables["wh_cost"], tables["promise"]
        d.horizon, d.ports, d.corridors = tables["horizon"], tables["ports"], tables["corridors"]
        d.kinds, d.aircraft, d.trips = tables["kinds"], tables["aircraft"], tables["trips"]
        d.most_legs, d.widest = tables["most_legs"], tables["widest"]
        self._point_at_tables()
        self._make_room()
        self._place_tails()

    cdef int32_t* _ints(self, str name) except NULL:
        cdef int32_t[::1] view = self.keep[name]
        return &view[0]

    cdef double* _reals(self, str name) except NULL:
        cdef double[::1] view = self.keep[name]
        return &view[0]

    cdef int64_t* _longs(self, str name) except NULL:
        cdef int64_t[::1] view = self.keep[name]
        return &view[0]

    cdef int _point_at_tables(self) except -1:
        cdef Day* d = &self.day
        cdef uint64_t[::1] types = self.keep["types"]
        d.pads, d.takeoff = self._ints("pads"), self._ints("takeoff")
        d.landing, d.taxi = self._ints("landing"), self._ints("taxi")
        d.stands, d.limit_w = self._ints("stands"), self._longs("limit_w")
        d.fee, d.stand_cost = self._reals("fee"), self._reals("stand_cost")
        d.group_from, d.open_from = self._ints("group_from"), self._ints("open_from")
        d.open_start, d.open_end = self._ints("open_start"), self._ints("open_end")
        d.chargers = self._ints("chargers")
        d.origin, d.destination = self._ints("origin"), self._ints("destination")
        d.headway, d.link = self._ints("headway"), self._ints("link")
        d.close_from = self._ints("close_from")
        d.close_start, d.close_end = self._ints("close_start"), self._ints("close_end")
        d.step_from, d.step_start = self._ints("step_from"), self._ints("step_start")
        d.step_s, d.step_wh = self._ints("step_s"), self._ints("step_wh")
        d.least_block, d.leg_cost = self._ints("least_block"), self._reals("leg_cost")
        d.seats, d.payload = self._ints("seats"), self._ints("payload")
        d.battery, d.reserve = self._ints("battery"), self._ints("reserve")
        d.leave = self._ints("leave")
        d.turnaround, d.connect = self._ints("turnaround"), self._ints("connect")
        d.disconnect = self._ints("disconnect")
        d.flight_cost, d.second_cost = self._reals("flight_cost"), self._reals("second_cost")
        d.day_cost = self._reals("day_cost")
        d.reserve_w = self._ints("reserve_w")
        d.fill_from = self._longs("fill_from")
        d.fill_top, d.fill = self._ints("fill_top"), self._longs("fill")
        d.guess_from, d.guess_step = self._longs("guess_from"), self._ints("guess_step")
        d.guess_top, d.guess = self._ints("guess_top"), self._ints("guess")
        d.filled_from, d.filled_s = self._longs("filled_from"), self._ints("filled_s")
        d.grid_from, d.grid_w = self._longs("grid_from"), self._ints("grid_w")
        d.down_from = self._ints("down_from")
        d.down_start, d.down_end = self._ints("down_start"), self._ints("down_end")
        d.rest_from, d.rest_start = self._ints("rest_from"), self._ints("rest_start")
        d.rest_end, d.duty_from = self._ints("rest_end"), self._ints("duty_from")
        d.duty_start, d.duty_end = self._ints("duty_start"), self._ints("duty_end")
        d.duty_flight = self._ints("duty_flight")
        d.corridor, d.party = self._ints("corridor"), self._ints("party")
        d.trip_kg, d.earliest = self._ints("trip_kg"), self._ints("earliest")
        d.latest, d.arrive_by = self._ints("latest"), self._ints("arrive_by")
        d.max_ride, d.solo = self._ints("max_ride"), self._ints("solo")
        d.timetable, d.types = self._ints("timetable"), &types[0]
        d.worth, d.wait_cost = self._reals("worth"), self._reals("wait_cost")
        d.queue_from, d.queue = self._ints("queue_from"), self._ints("queue")
        self.bench.by_time, self.bench.known = self._ints("by_time"), self.keep["known"]
        return 0

    cdef void* _room(self, int64_t count, size_t size) except NULL:
        cdef void* memory = calloc(max(1, count), size)
        if memory == NULL:
            raise MemoryError
        return memory

    cdef int _give_legs(self, Tail* x) except -1:
        x.legs = <Leg*>self._room(self.day.most_legs, sizeof(Leg))
        x.sessions = <Session*>self._room(self.day.most_legs + 1, sizeof(Session))
        x.offs = <int32_t*>self._room(self.day.most_legs, sizeof(int32_t))
        return 0

    cdef int _make_room(self) except -1:
        cdef Day* d = &self.day
        cdef int64_t cells = d.horizon, blocks = d.horizon // BLOCK + 1
        cdef int a
        d.pad_use = <int16_t*>self._room(cells * d.ports, sizeof(int16_t))
        d.stand_use = <Stands*>self._room(d.ports, sizeof(Stands))
        for a in range(d.ports):
            d.stand_use[a].use = <int16_t*>self._room(blocks * BLOCK, sizeof(int16_t))
            d.stand_use[a].whole = <int16_t*>self._room(blocks, sizeof(int16_t))
            d.stand_use[a].most = <int16_t*>self._room(blocks, sizeof(int16_t))
        d.power_use = <int32_t*>self._room(cells * d.ports, sizeof(int32_t))
        d.charger_use = <int16_t*>self._room(cells * d.group_from[d.ports], sizeof(int16_t))
        d.entry_use = <int16_t*>self._room(cells * d.corridors, sizeof(int16_t))
        d.tails = <Tail*>self._room(d.aircraft, sizeof(Tail))
        d.saved = <Tail*>self._room(d.aircraft, sizeof(Tail))
        self.best = <Tail*>self._room(d.aircraft, sizeof(Tail))
        for a in range(d.aircraft):
            self._give_legs(&d.tails[a])
            self._give_legs(&d.saved[a])
            self._give_legs(&self.best[a])
        self._give_legs(&d.scratch)
        self._give_legs(&d.spare)
        d.touched = <uint8_t*>self._room(d.aircraft, 1)
        self.dirty = <uint8_t*>self._room(d.aircraft, 1)
        self.cost = <double*>self._room(d.aircraft, sizeof(double))
        d.tail_of = <int32_t*>self._room(d.trips, sizeof(int32_t))
        for a in range(d.trips):
            d.tail_of[a] = -1
        self.bench.trips = <int32_t*>self._room(2 * d.trips, sizeof(int32_t))
        self.bench.keys = <double*>self._room(2 * d.trips, sizeof(double))
        self._make_relay()
        self.bench.near = <double*>self._room(d.aircraft, sizeof(double))
        return 0

    cdef int _make_relay(self) except -1:
        cdef Day* d = &self.day
        cdef Relay* r = &self.relay
        r.choice = <Choice*>self._room(CHOICES, sizeof(Choice))
        r.start = <int32_t*>self._room(d.corridors + 1, sizeof(int32_t))
        r.close = <int32_t*>self._room(d.corridors, sizeof(int32_t))
        r.label = <Label*>self._room(LABELS, sizeof(Label))
        r.newest = <int32_t*>self._room(d.ports, sizeof(int32_t))
        r.slot = <int32_t*>self._room(d.horizon // SLOT + 3, sizeof(int32_t))
        r.chain = <int32_t*>self._room(STRETCH, sizeof(int32_t))
        r.legs = <Leg*>self._room(STRETCH + PUSHED + 1, sizeof(Leg))
        return 0

    cdef int _place_tails(self) except -1:
        """Stand every aircraft at its start, its downtimes at places as anchors."""
        cdef Day* d = &self.day
        cdef int32_t[:, ::1] tails = self.keep["tails"]
        cdef int32_t[::1] fixed_from = self.keep["fixed_from"]
        cdef int32_t[:, ::1] fixed = self.keep["fixed"]
        cdef Tail* x
        cdef Leg* leg
        cdef int a, i
        for a in range(d.aircraft):
            x = &d.tails[a]
            x.kind, x.start, x.finish = tails[a, 0], tails[a, 1], tails[a, 2]
            x.since, x.until = tails[a, 3], tails[a, 4]
            x.soc, x.final_soc = tails[a, 5], tails[a, 6]
            for i in range(fixed_from[a], fixed_from[a + 1]):
                leg = &x.legs[x.n]
                leg.corridor = -1
                leg.origin = leg.destination = fixed[i, 0]
                leg.off = leg.dep = fixed[i, 1]
                leg.land = leg.on = fixed[i, 2]
                x.sessions[x.n].group = -1
                x.n += 1
            x.sessions[x.n].group = -1
            note_offs(x, 0)
            hold_between(d, x, 0, x.n, 1)
        return 0

    def __dealloc__(self):
        cdef Day* d = &self.day
        cdef int a
        for a in range(d.aircraft):
            if d.tails != NULL:
                free_legs(&d.tails[a])
            if d.saved != NULL:
                free_legs(&d.saved[a])
            if self.best != NULL:
                free_legs(&self.best[a])
        free_legs(&d.scratch)
        free_legs(&d.spare)
        free(d.pad_use)
        if d.stand_use != NULL:
            for a in range(d.ports):
                free(d.stand_use[a].use)
                free(d.stand_use[a].whole)
                free(d.stand_use[a].most)
        free(d.stand_use)
        free(d.power_use)
        free(d.charger_use)
        free(d.entry_use)
        free(d.tails)
        free(d.saved)
        free(self.best)
        free(d.touched)
        free(self.dirty)
        free(self.cost)
        free(d.tail_of)
        free(self.bench.trips)
        free(self.bench.keys)
        free(self.bench.near)
        free(self.relay.choice)
        free(self.relay.start)
        free(self.relay.close)
        free(self.relay.label)
        free(self.relay.newest)
        free(self.relay.slot)
        free(self.relay.chain)
        free(self.relay.legs)

    def lead_home(self):
        """Fly every aircraft to its downtimes and its end; charge for the end.

        Returns
        -------
        Indices of the aircraft for which no way was found.
        """
        cdef Day* d = &self.day
        cdef int a, k
        cdef bint lost
        stranded = []
        for a in range(d.aircraft):
            lost = not recharge(d, a, 0, d.tails[a].n + 1)
            k = 0
            while k <= d.tails[a].n:
                if next_place(&d.tails[a], k) >= 0 and (
                    place(&d.tails[a], k) != next_place(&d.tails[a], k)
                ):
                    if not rebuild(d, a, k, k, -1, 0, 0, 0):
                        lost = True
                    else:
                        k += 1
                k += 1
            if lost:
                stranded.append(a)
            d.touched[a] = 0
        self._settle_accounts()
        return stranded

    def construct(self, int32_t[::1] order):
        """Serve trips one after the other, each in the cheapest way."""
        cdef Day* d = &self.day
        cdef int i, a
        with nogil:
            for i in range(order.shape[0]):
                serve(d, order[i], 0.0, True)
            for a in range(d.aircraft):
                tidy(d, a)
                d.touched[a] = 0
        self._settle_accounts()

    def complete(self, int32_t[::1] order):
        """Serve each trip that is left out where that pays, an aircraft's day cost included."""
        cdef Day* d = &self.day
        cdef double served, kept
        cdef int i
        with nogil:
            d.day_share = 1.0
            d.spread = 0.0
            for i in range(order.shape[0]):
                served, kept = d.served, d.kept
                serve(d, order[i], 0.0, True)
                self._decide(0.0, served, kept)

    def replan(self, flights, int32_t[::1] order):
        """Fly other days, and serve trips in an order after that; keep them if they are worth more.

        Parameters
        ----------
        flights
            (aircraft, corridor, moment, trips) each, in the order in which they are
            laid; those that cannot be flown within half an hour are left out.
        order
            As in :meth:`construct`.

        Returns
        -------
        Whether the new days are kept.
        """
        cdef Day* d = &self.day
        cdef double served = d.served, kept = d.kept, value = self.value
        cdef int i, a, c, moment
        cdef int32_t[::1] crew
        with nogil:
            for i in range(d.aircraft):
                self.bench.n = 0
                ruin_day(d, &self.bench, i)
        for a, c, moment, trips in flights:
            crew = np.array(trips, np.int32)
            with nogil:
                fly(d, a, c, moment, &crew[0], crew.shape[0])
        with nogil:
            d.day_share = 1.0
            d.spread = 0.0
            for i in range(order.shape[0]):
                serve(d, order[i], 0.0, True)
            for i in range(d.aircraft):
                tidy(d, i)
            self._decide(0.0, served, kept)
        return self.value > value

    cdef void _settle_accounts(self) noexcept:
        cdef int a
        self.value = self.day.served
        for a in range(self.day.aircraft):
            self.cost[a] = tail_cost(&self.day, a)
            self.value -= self.cost[a]
            self.dirty[a] = 0
            copy_tail(&self.best[a], &self.day.tails[a])
        self.best_value = self.value
        self.best_money = self.value - self.day.kept

    def run(
        self, int64_t steps, double temperature, double blink, int relays=90, int days=1,
        int crossings=40,
    ):
        """Ruin and recreate, accepting losses as annealing does.

        Parameters
        ----------
        steps
            How many.
        temperature
            A loss of this much is accepted with probability 1/e; minor currency
            units.
        blink
            Probability with which a place is overlooked, 0 to 1.
        relays
            Of the steps that empty strings of flights, percentage in which relays lay the best.
        days
            Percentage of steps that give an idle aircraft the best whole day likewise.
        crossings
            Percentage of steps in which aircraft that stand at one vertiport may exchange
            the rest of their days.
        """
        cdef int64_t _i
        if self.bench.known == 0:
            return
        with nogil:
            for _i in range(steps):
                self._step(temperature, blink, relays, days, crossings)

    cdef void _step(
        self, double temperature, double blink, int relays, int days, int crossings
    ) noexcept nogil:
        cdef Day* d = &self.day
        cdef double served = d.served, kept = d.kept
        self.steps += 1
        step(d, &self.bench, &self.relay, blink, relays, days, crossings)
        self._decide(temperature, served, kept)

    cdef void _decide(self, double temperature, double served, double kept) noexcept nogil:
        """Keep what was changed, or undo it, by Metropolis' rule."""
        cdef Day* d = &self.day
        cdef double value = self.value + d.served - served, loss
        cdef int a
        for a in range(d.aircraft):
            if d.touched[a]:
                value += self.cost[a] - tail_cost(d, a)
        loss = self.value - value
        if loss > 0 and (temperature <= 0 or uniform(d) >= exp(-loss / temperature)):
            undo(d)
            d.served = served
            d.kept = kept
            return
        self.value = value
        for a in range(d.aircraft):
            if d.touched[a]:
                self.cost[a] = tail_cost(d, a)
                d.touched[a] = 0
                self.dirty[a] = 1
        if value > self.best_value + 1e-6:
            self.best_value = value
            self.best_money = value - d.kept
            for a in range(d.aircraft):
                if self.dirty[a]:
                    copy_tail(&self.best[a], &d.tails[a])
                    self.dirty[a] = 0

    def explain(self, int p):
        """Return what keeps trip p out, most often first.

        Names of ``UnservedReason``; ``LIMIT`` where a place could be found after all.
        """
        cdef int32_t counts[16]
        cdef int i
        for i in range(CAUSES):
            counts[i] = 0
        if self.day.corridor[p] >= 0:
            with nogil:
                for i in range(self.day.aircraft):
                    self.day.touched[i] = 0
                blame(&self.day, p, counts)
                undo(&self.day)
        found = sorted(((-counts[i], i) for i in range(CAUSES) if counts[i] > 0))
        return [CAUSE_NAMES[i] for _, i in found]

    def recall(self):
        """Return to the best plan."""
        cdef Day* d = &self.day
        cdef int a, k, i, p
        d.served = d.kept = 0
        for a in range(d.trips):
            d.tail_of[a] = -1
        for a in range(d.aircraft):
            copy_tail(&d.saved[a], &self.best[a])
            restore(d, a)
        for a in range(d.aircraft):
            for k in range(d.tails[a].n):
                for i in range(d.tails[a].legs[k].n):
                    p = d.tails[a].legs[k].trips[i]
                    d.tail_of[p] = a
                    d.served += d.worth[p]
                    if d.worth[p] >= d.promise:
                        d.kept += d.promise
        self._settle_accounts()

    def trim(self):
        """Charge no more than each aircraft's day needs."""
        cdef Day* d = &self.day
        cdef int a
        d.trim = 1
        for a in range(d.aircraft):
            copy_tail(&d.saved[a], &d.tails[a])
            hold_sessions(d, &d.tails[a], 0, d.tails[a].n, -1)
            if not recharge(d, a, 0, d.tails[a].n + 1):
                copy_tail(&d.tails[a], &d.saved[a])
                hold_sessions(d, &d.tails[a], 0, d.tails[a].n, 1)
        d.trim = 0
        self._settle_accounts()

    def legs(self, bint best=False):
        """Return all flights, of the plan at hand or of the best.

        Each is (aircraft, corridor, off, dep, land, on, energy, soc, trips).
        """
        cdef Day* d = &self.day
        cdef Tail* tails = self.best if best else d.tails
        cdef Leg* leg
        cdef int a, k, i
        found = []
        for a in range(d.aircraft):
            for k in range(tails[a].n):
                leg = &tails[a].legs[k]
                if leg.corridor >= 0:
                    found.append((
                        a, leg.corridor, leg.off, leg.dep, leg.land, leg.on, leg.energy, leg.soc,
                        tuple(leg.trips[i] for i in range(leg.n)),
                    ))
        return found

    def sessions(self, bint best=False):
        """Return all charging, likewise.

        Each is (aircraft, vertiport, group, cap, start, end, before, after).
        """
        cdef Day* d = &self.day
        cdef Tail* tails = self.best if best else d.tails
        cdef Session* s
        cdef int a, k
        found = []
        for a in range(d.aircraft):
            for k in range(tails[a].n + 1):
                s = &tails[a].sessions[k]
                if s.group >= 0:
                    found.append((
                        a, place(&tails[a], k), s.group, s.cap, s.start, s.end, s.before, s.after
                    ))
        return found

    def costs(self):
        """Return what the day of each aircraft costs in the plan at hand, without what it earns."""
        return np.array([self.cost[a] for a in range(self.day.aircraft)])

    @property
    def exchanged(self):
        """How often two aircraft exchanged the rest of their days, steps not kept included."""
        return self.day.exchanged

    def strays(self):
        """Return how many seconds of calendars the tails do not account for; 0 unless a move errs.

        For tests: all that the plan at hand holds is released, counted, and held again. Blocks
        of stands and off-blocks that are not what they are a copy of count as well.
        """
        cdef Day* d = &self.day
        cdef int64_t i, cells = d.horizon, found = 0
        cdef int a, k, sign
        cdef int16_t most
        for a in range(d.aircraft):
            for k in range(d.tails[a].n):
                found += d.tails[a].offs[k] != d.tails[a].legs[k].off
        for a in range(d.ports):
            for k in range(cells // BLOCK + 1):
                most = 0
                for i in range(k * BLOCK, k * BLOCK + BLOCK):
                    most = max(most, d.stand_use[a].use[i])
                found += most != d.stand_use[a].most[k]
        for sign in range(-1, 2, 2):
            for a in range(d.aircraft):
                hold_between(d, &d.tails[a], 0, d.tails[a].n, sign)
                hold_sessions(d, &d.tails[a], 0, d.tails[a].n, sign)
            if sign < 0:
                for i in range(cells * d.ports):
                    found += d.pad_use[i] != 0 or d.power_use[i] != 0
                    found += stands_used(&d.stand_use[i // cells], i % cells) != 0
                for i in range(cells * d.group_from[d.ports]):
                    found += d.charger_use[i] != 0
                for i in range(cells * d.corridors):
                    found += d.entry_use[i] != 0
        return found

    def served_trips(self):
        """Return a mask over the trips: 1 where served."""
        cdef int p
        return np.array([self.day.tail_of[p] >= 0 for p in range(self.day.trips)], dtype=bool)
