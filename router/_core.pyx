"""The compiled route search: build it from arrays, run it in slices, read its best plan.

Contract of this layer: arrays come from `router.search.problem.RouteArrays`,
which has checked them; nothing is checked again here. A `RouteSearch` owns all
memory it needs from the start; `run` allocates nothing, holds no GIL and may be
called from one thread at a time. Stops are integers 0..n-1 and a reload is
-1 - depot, as in `router.kernels.judge`.
"""

cimport cython
from libc.math cimport log, pow
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

import numpy as np

from router.kernels.anneal cimport add_route_costs, commit, iterate, open_iteration
from router.kernels.jobs cimport (
    bring_in, longing, mend, mend_arcs, new_reload, pool_job, remove_job,
)
from router.kernels.judge cimport (
    earliest_start, end_place, judge, judged_price, latest_end, earliest_end, latest_start,
    start_place,
)
from router.kernels.log cimport empty_slot
from router.kernels.model cimport (
    FAR, GENERAL, NONE, NO_WAY, PAIRED, PLAIN, SPANNED, Gap, Moment, Node, Place, Problem, Ranked,
    Route, Search, Span, TWINS, Travel, Verdict,
)
from router.kernels.pair_near cimport look_pair_near
from router.kernels.place cimport nowhere
from router.kernels.recreate cimport look_for_visit, monotonic_seconds, recreate
from router.kernels.rng cimport draw, next_blink
from router.kernels.tour cimport first_node, put
from router.kernels.travel cimport arc


cdef const int32_t* i32(object array, list keep):
    """Pointer to a C-contiguous int32 array, kept alive; NULL when empty."""
    cdef const int32_t[::1] view = array.reshape(-1)
    keep.append(view)
    return &view[0] if view.shape[0] > 0 else NULL


cdef const int64_t* i64(object array, list keep):
    cdef const int64_t[::1] view = array.reshape(-1)
    keep.append(view)
    return &view[0] if view.shape[0] > 0 else NULL


cdef const double* f64(object array, list keep):
    cdef const double[::1] view = array.reshape(-1)
    keep.append(view)
    return &view[0] if view.shape[0] > 0 else NULL


cdef const uint8_t* u8(object array, list keep):
    cdef const uint8_t[::1] view = array.reshape(-1)
    keep.append(view)
    return &view[0] if view.shape[0] > 0 else NULL


cdef enum:
    LINE = 64  # bytes of a cache line


cdef void* room_for(size_t count, size_t size, list keep):
    """Zeroed memory for count items (at least one), from a cache line on, freed with the owner."""
    cdef uint8_t[::1] view = np.zeros(max(count, 1) * size + LINE, dtype=np.uint8)
    keep.append(view)
    return <void*>((<size_t>&view[0] + LINE - 1) // LINE * LINE)


cdef enum:
    LONG = 20  # stops of a route in which one that is left out has its appeal once


cdef inline double share_of_route(Search* s) noexcept nogil:
    """How much one stop is of its route, beside one of LONG, at most 2.

    What a route costs by itself has to be earned by all of its stops together.
    """
    return min(2.0, <double>LONG * max(s.active, 1) / max(s.served, 1))


@cython.final
cdef class RouteSearch:
    """One search trajectory over one problem.

    Parameters
    ----------
    arrays
        A `router.search.problem.RouteArrays`.
    parameters
        A `router.search.parameters.Parameters`.
    seed
        Seed of every random choice, 0 to 2**63 - 1.
    """

    cdef Search s
    cdef list keep
    cdef object arrays

    def __init__(self, arrays, parameters, seed: int) -> None:
        self.arrays = arrays
        self.keep = []
        self._read_sizes(arrays)
        self._read_travel(arrays.travel)
        self._read_stops(arrays)
        self._read_fleet(arrays)
        self._allocate()
        self._read_parameters(parameters, seed)
        self._lay_out()

    def _read_sizes(self, arrays) -> None:
        cdef Problem* p = &self.s.p
        p.n = arrays.stops
        p.slots = arrays.slot_type.shape[0]
        p.reloads_at = p.n + 2 * p.slots
        p.reload_pool = arrays.reload_pool
        p.nodes = p.reloads_at + p.reload_pool
        p.types = arrays.start.shape[0]
        p.depots = arrays.depot_place.shape[0]
        p.groups = arrays.group_required.shape[0]
        p.profiles = len(arrays.travel)
        p.locations = arrays.locations
        p.stride = p.locations + 1
        p.adds = arrays.add.shape[1]
        p.dims = arrays.deliver.shape[1]
        p.near_count = arrays.near.shape[1]
        p.kind = arrays.kind
        p.features = arrays.features
        p.backhaul = arrays.backhaul

    def _read_travel(self, profiles) -> None:
        cdef Travel* travel = <Travel*>room_for(len(profiles), sizeof(Travel), self.keep)
        cdef int32_t k
        for k, one in enumerate(profiles):
            travel[k].distances = i32(one.distances, self.keep)
            travel[k].durations = i32(one.durations, self.keep)
            travel[k].xs = f64(one.xs, self.keep)
            travel[k].ys = f64(one.ys, self.keep)
            travel[k].scale = one.scale
            travel[k].speed = one.speed
            travel[k].floor = one.floor
            travel[k].symmetric = one.symmetric
        self.s.p.travel = travel
        self.s.p.symmetric = len(profiles) == 1 and travel.symmetric
        self.s.p.straight = self.s.p.symmetric and travel.xs != NULL
        self.s.p.as_far = len(profiles) == 1 and travel.durations == NULL and travel.speed == 0

    def _read_stops(self, arrays) -> None:
        cdef Problem* p = &self.s.p
        keep = self.keep
        p.place = i32(arrays.place, keep)
        p.service = i64(arrays.service, keep)
        p.open = i64(arrays.open, keep)
        p.close = i64(arrays.close, keep)
        p.first_window = i32(arrays.first_window, keep)
        p.window_open = i64(arrays.window_open, keep)
        p.window_close = i64(arrays.window_close, keep)
        p.release = i64(arrays.release, keep)
        p.add = i64(arrays.add, keep)
        p.deliver = i64(arrays.deliver, keep)
        p.collect = i64(arrays.collect, keep)
        p.carry = i64(arrays.carry, keep)
        p.mate = i32(arrays.mate, keep)
        p.pickup = u8(arrays.pickup, keep)
        p.nature = i32(arrays.nature, keep)
        p.prize = i64(arrays.prize, keep)
        p.group = i32(arrays.group, keep)
        p.group_first = i32(arrays.group_first, keep)
        p.members = i32(arrays.members, keep)
        p.near = i32(arrays.near, keep)
        p.keys = i64(arrays.keys, keep)
        p.key_weight = f64(arrays.key_weight, keep)
        p.key_count = arrays.keys.shape[0]

    def _read_fleet(self, arrays) -> None:
        cdef Problem* p = &self.s.p
        keep = self.keep
        p.slot_type = i32(arrays.slot_type, keep)
        p.first_slot = i32(arrays.first_slot, keep)
        p.start = i32(arrays.start, keep)
        p.end = i32(arrays.end, keep)
        p.profile = i32(arrays.profile, keep)
        p.capacity = i64(arrays.capacity, keep)
        p.hold = i64(arrays.hold, keep)
        p.shift_open = i64(arrays.shift_open, keep)
        p.shift_close = i64(arrays.shift_close, keep)
        p.fixed = i64(arrays.fixed, keep)
        p.per_distance = i64(arrays.per_distance, keep)
        p.least_per_distance = arrays.per_distance.min()
        p.per_duration = i64(arrays.per_duration, keep)
        p.max_distance = i64(arrays.max_distance, keep)
        p.max_duration = i64(arrays.max_duration, keep)
        p.max_stops = i32(arrays.max_stops, keep)
        p.max_reloads = i32(arrays.max_reloads, keep)
        p.reload_first = i32(arrays.reload_first, keep)
        p.reload_depots = i32(arrays.reload_depots, keep)
        p.twin = i32(arrays.twin, keep)
        p.allowed = u8(arrays.allowed, keep)
        p.depot_place = i32(arrays.depot_place, keep)
        p.depot_open = i64(arrays.depot_open, keep)
        p.depot_close = i64(arrays.depot_close, keep)
        p.depot_service = i64(arrays.depot_service, keep)

    def _allocate(self) -> None:
        cdef Search* s = &self.s
        cdef size_t n = s.p.n, nodes = s.p.nodes, slots = s.p.slots, extra = s.p.reload_pool
        cdef size_t adds = s.p.adds
        cdef bint timed = s.p.kind != PLAIN
        keep = self.keep
        s.nodes = <Node*>room_for(nodes, sizeof(Node), keep)
        s.node_log = <Node*>room_for(nodes, sizeof(Node), keep)
        s.trip = <int32_t*>room_for(nodes, sizeof(int32_t), keep)
        s.node_trip_log = <int32_t*>room_for(nodes, sizeof(int32_t), keep)
        s.nowhere = <int32_t>(slots + extra)
        s.node_of = <int32_t*>room_for(nodes, sizeof(int32_t), keep)
        if timed:
            s.moments = <Moment*>room_for(nodes, sizeof(Moment), keep)
            s.moment_log = <Moment*>room_for(nodes, sizeof(Moment), keep)
        if s.p.kind == SPANNED:
            s.spans = <Span*>room_for(nodes, sizeof(Span), keep)
            s.span_log = <Span*>room_for(nodes, sizeof(Span), keep)
        if s.p.kind == PAIRED:
            s.aboard = <int64_t*>room_for(nodes * s.p.dims, sizeof(int64_t), keep)
            s.aboard_log = <int64_t*>room_for(nodes * s.p.dims, sizeof(int64_t), keep)
        s.routes = <Route*>room_for(slots, sizeof(Route), keep)
        s.route_log = <Route*>room_for(slots, sizeof(Route), keep)
        s.route_of = <int32_t*>room_for(slots, sizeof(int32_t), keep)
        s.room = <int64_t*>room_for((slots + extra + 1) * s.p.adds, sizeof(int64_t), keep)
        s.room_log = <int64_t*>room_for((slots + extra) * s.p.adds, sizeof(int64_t), keep)
        s.trip_of = <int32_t*>room_for(slots + extra, sizeof(int32_t), keep)
        s.trip_stamp = <int32_t*>room_for(slots + extra, sizeof(int32_t), keep)
        s.alone = <int64_t*>room_for(n * s.p.types, sizeof(int64_t), keep)
        s.reload_depot = <int32_t*>room_for(extra, sizeof(int32_t), keep)
        s.best_reload = <int32_t*>room_for(extra, sizeof(int32_t), keep)
        s.empty = <int32_t*>room_for(slots, sizeof(int32_t), keep)
        s.empty_count = <int32_t*>room_for(s.p.types, sizeof(int32_t), keep)
        s.stacked = <uint8_t*>room_for(slots, sizeof(uint8_t), keep)
        s.group_served = <int32_t*>room_for(s.p.groups, sizeof(int32_t), keep)
        s.p.near_length = <int32_t*>room_for(n * s.p.near_count, sizeof(int32_t), keep)
        s.p.near_short = <int32_t*>room_for(n * s.p.near_count, sizeof(int32_t), keep)
        s.p.near_used = <int32_t*>room_for(n, sizeof(int32_t), keep)
        s.absent = <int32_t*>room_for(n, sizeof(int32_t), keep)
        s.absent_at = <int32_t*>room_for(n, sizeof(int32_t), keep)
        s.patience = <int32_t*>room_for(n, sizeof(int32_t), keep)
        s.pool = <Ranked*>room_for(n, sizeof(Ranked), keep)
        s.pooled = <int32_t*>room_for(n, sizeof(int32_t), keep)
        s.scratch = <int32_t*>room_for(nodes + s.p.near_count + 8, sizeof(int32_t), keep)
        s.walk = <int64_t*>room_for(max(3 * (nodes + 8), adds), sizeof(int64_t), keep)
        s.route_seen = <int32_t*>room_for(slots, sizeof(int32_t), keep)
        if s.p.kind == GENERAL:
            s.place_seen = <int32_t*>room_for(nodes, sizeof(int32_t), keep)
        if s.p.kind == PAIRED:
            s.pickups = <Gap*>room_for(nodes, sizeof(Gap), keep)
            s.deliveries = <Gap*>room_for(nodes, sizeof(Gap), keep)
        s.best_next = <int32_t*>room_for(nodes, sizeof(int32_t), keep)
        s.dirty = <int32_t*>room_for(slots, sizeof(int32_t), keep)

    def _read_parameters(self, parameters, uint64_t seed) -> None:
        cdef Search* s = &self.s
        cdef bint twins = s.p.features & TWINS
        s.random = seed * <uint64_t>0x9E3779B97F4A7C15 + 1
        draw(s)
        s.blink_log = log(1.0 - parameters.blink_rate) if parameters.blink_rate > 0 else 0.0
        s.blink_in = next_blink(s)
        s.mean_removed = parameters.mean_removed
        s.longest_string = parameters.longest_string
        s.split_rate = parameters.split_rate
        s.split_depth = parameters.split_depth
        s.open_rate = parameters.open_rate
        s.fit_rate = parameters.fit_rate if s.p.types > 1 and s.p.kind != GENERAL else 0.0
        s.shrink_rate = parameters.shrink_rate if s.p.types > 1 and s.p.kind != GENERAL else 0.0
        s.tail_rate = parameters.tail_rate if s.p.kind != GENERAL else 0.0
        s.trade_rate = 0.0
        if s.p.types > 1 and s.p.kind != GENERAL and s.p.profiles == 1:
            s.trade_rate = parameters.trade_rate
        s.refit_rate = parameters.refit_rate if s.p.kind == PLAIN and twins else 0.0
        s.crowd = parameters.crowd
        s.appeal = parameters.appeal
        s.retry = parameters.retry
        s.eager = 0
        s.absence = self.arrays.absence
        s.deadline = 1e300

    def _lay_out(self) -> None:
        """Empty routes, everything unserved."""
        cdef Search* s = &self.s
        cdef int32_t v, r, t
        for v in range(s.p.n):
            s.nodes[v].route = NONE
            s.trip[v] = s.nowhere
            s.nodes[v].loc = s.p.place[v]
            s.absent_at[v] = NONE
        for v in range(s.p.reloads_at, s.p.nodes):
            s.nodes[v].route = NONE
        for v in range(s.p.adds):
            s.room[s.nowhere * s.p.adds + v] = -1
        for v in range(s.p.groups):
            s.group_served[v] = NONE
        for r in range(s.p.slots):
            self._lay_out_route(r)
        for t in range(s.p.types):
            for v in range(s.p.n):
                s.alone[<int64_t>t * s.p.n + v] = self._price_alone(t, v)
        self._measure_neighbours()
        self._leave_all_out()
        s.best_cost = s.cost
        s.best_missing = s.missing

    cdef void _measure_neighbours(self) noexcept:
        """Note how many neighbours each stop has, and how far they and routes' ends are."""
        cdef Search* s = &self.s
        cdef Problem* p = &s.p
        cdef int64_t i, home
        cdef int32_t v, t, k
        for v in range(p.n):
            home = FAR
            for t in range(p.types):
                home = min(home, arc(p, 0, p.place[v], start_place(s, t)),
                           arc(p, 0, p.place[v], end_place(s, t)))
            for k in range(p.near_count):
                i = <int64_t>v * p.near_count + k
                if p.near[i] == NONE:
                    break
                p.near_used[v] = k + 1
                if p.symmetric:
                    p.near_length[i] = <int32_t>min(
                        arc(p, 0, p.place[v], p.place[p.near[i]]), NO_WAY)
                    p.near_short[i] = <int32_t>min(
                        p.near_length[i] + min(home, <int64_t>p.near_length[i]), NO_WAY)

    cdef void _lay_out_route(self, int32_t r) noexcept:
        cdef Search* s = &self.s
        cdef int32_t start = first_node(s, r), t = s.p.slot_type[r], a
        s.routes[r].type = t
        s.nodes[start].loc = start_place(s, t)
        s.nodes[start + 1].loc = end_place(s, t)
        s.nodes[start].route = s.nodes[start + 1].route = r
        s.trip[start] = s.trip[start + 1] = r
        s.nodes[start].next = start + 1
        s.nodes[start].prev = s.nodes[start + 1].next = NONE
        s.nodes[start + 1].prev = start
        s.best_next[start] = start + 1
        for a in range(s.p.adds):
            s.room[<int64_t>r * s.p.adds + a] = s.p.capacity[<int64_t>t * s.p.adds + a]
        s.empty[s.p.first_slot[t] + s.empty_count[t]] = r
        s.empty_count[t] += 1
        s.stacked[r] = 1
        if s.p.kind == PLAIN:
            return
        s.moments[start].ready = earliest_start(s, t) + s.p.depot_service[s.p.start[t]]
        s.moments[start].latest = latest_start(s, t)
        s.moments[start + 1].latest = latest_end(s, t)
        if s.spans != NULL:
            s.spans[start].fore = s.p.depot_service[s.p.start[t]]
            s.spans[start].fore_latest = latest_start(s, t)
            s.spans[start + 1].back = 0
            s.spans[start + 1].back_early = earliest_end(s, t)

    cdef int64_t _price_alone(self, int32_t t, int32_t u) noexcept:
        """Cost of a route of type t for job u alone; FAR where it breaks a rule."""
        cdef Search* s = &self.s
        cdef int32_t items[2]
        cdef Verdict verdict
        if s.p.mate[u] != NONE and not s.p.pickup[u]:
            return FAR
        items[0] = u
        items[1] = s.p.mate[u]
        verdict = judge(s, t, items, 1 if s.p.mate[u] == NONE else 2)
        if not verdict.feasible:
            return FAR
        return judged_price(s, t, &verdict)

    cdef void _leave_all_out(self) noexcept:
        cdef Search* s = &self.s
        cdef int32_t u, g
        for u in range(s.p.n):
            g = s.p.group[u]
            if s.p.mate[u] != NONE and not s.p.pickup[u]:
                continue
            if g != NONE and s.p.members[s.p.group_first[g]] != u:
                continue
            s.absent_at[u] = s.absent_count
            s.absent[s.absent_count] = u
            s.absent_count += 1
            if s.p.prize[u] >= 0:
                s.cost += s.p.prize[u]
            else:
                s.missing += 1
                s.penalty += longing(s, u)

    def load(self, plan, double deadline) -> None:
        """Take over a plan: (type, items) routes; stops that break a rule stay out.

        Unknown or repeated stops must not occur. Routes beyond the fleet are
        left out.
        """
        cdef Search* s = &self.s
        s.deadline = deadline
        open_iteration(s)
        for type, items in plan:
            self._load_route(type, list(items))
        mend_arcs(s)
        add_route_costs(s)
        commit(s)

    def restart(self, plan, double deadline) -> None:
        """Go on from another plan; the best plan found so far is kept."""
        cdef Search* s = &self.s
        cdef int32_t k
        s.deadline = deadline
        open_iteration(s)
        for k in range(s.p.n):
            if s.nodes[k].route != NONE:
                remove_job(s, k)
        for k in range(s.routes_logged):
            mend(s, s.route_of[k])
        for type, items in plan:
            self._load_route(type, list(items))
        mend_arcs(s)
        add_route_costs(s)
        commit(s)

    def _load_route(self, int32_t type, list items) -> None:
        cdef Search* s = &self.s
        cdef int32_t[::1] row
        cdef Verdict verdict
        cdef int32_t r = empty_slot(s, type), at, v, mate, m
        items = self._one_of_each_group(items)
        while r != NONE and items:
            row = np.asarray(items, dtype=np.int32)
            m = row.shape[0]
            verdict = judge(s, type, &row[0], m)
            if verdict.feasible:
                break
            v = verdict.culprit if verdict.culprit >= 0 else max(items)
            if v < 0:
                return
            mate = s.p.mate[v]
            items = [item for item in items if item != v and (mate < 0 or item != mate)]
        if r == NONE or not items:
            return
        at = first_node(s, r)
        for item in items:
            v = item if item >= 0 else new_reload(s, -1 - item)
            if v == NONE:
                continue
            put(s, r, v, at)
            at = v
        for item in items:
            v = item
            if v >= 0 and (s.p.mate[v] == NONE or s.p.pickup[v]):
                pool_job(s, v)
                bring_in(s, v, self._absentee(v))
        mend(s, r)

    def _one_of_each_group(self, list items) -> list:
        """Keep of each exclusive group the first member; none where one is served."""
        cdef Search* s = &self.s
        cdef int32_t v, g
        kept, seen = [], set()
        for item in items:
            v = item
            g = NONE if v < 0 else s.p.group[v]
            if g != NONE:
                if s.group_served[g] != NONE or g in seen:
                    continue
                seen.add(g)
            kept.append(item)
        return kept

    cdef int32_t _absentee(self, int32_t u) noexcept:
        """Member of u's group that stands in the list of absent jobs, or u."""
        cdef Search* s = &self.s
        cdef int32_t g = s.p.group[u]
        return u if g == NONE else s.p.members[s.p.group_first[g]]

    def construct(self, double deadline) -> None:
        """Insert every absent job greedily; ends early at the deadline.

        From nothing, optional jobs are served even where that does not pay: no
        single one of them may be worth a vehicle that many together are, and what
        is not worth its way is soon left out.
        """
        cdef Search* s = &self.s
        cdef int32_t k
        with nogil:
            s.deadline = deadline
            open_iteration(s)
            for k in range(s.absent_count):
                pool_job(s, s.absent[k])
            s.eager = s.active == 0
            recreate(s, 1e300)
            s.eager = 0
            mend_arcs(s)
            add_route_costs(s)
            commit(s)

    def run(
        self, double until, int64_t iterations, double opened, double closes,
        int64_t planned, double hot, double cold, int64_t begun=0
    ) -> int:
        """Iterate until a moment of the monotonic clock or a number of iterations.

        The temperature falls from hot to cold in geometric steps, by the share of
        `planned` iterations after the first `begun` where planned > 0, else of the time
        from opened to closes. Returns the iterations done in all.
        """
        cdef Search* s = &self.s
        cdef double now, share, warm
        with nogil:
            s.deadline = closes
            while s.iteration < iterations:
                now = monotonic_seconds()
                if now >= until:
                    break
                if planned > 0:
                    share = <double>(s.iteration - begun) / <double>planned
                else:
                    share = (now - opened) / (closes - opened)
                s.temperature = hot * pow(cold / hot, min(share, 1.0))
                warm = max(s.temperature - 2 * cold, 0.0)
                s.dear = <int64_t>(s.crowd * warm)
                s.lure = <int64_t>(s.appeal * warm * share_of_route(s))
                iterate(s)
        return s.iteration

    def best(self) -> list:
        """The best plan: (slot, type, items) of each route with stops, by slot."""
        cdef Search* s = &self.s
        cdef int32_t r, v, start
        routes = []
        for r in range(s.p.slots):
            start = first_node(s, r)
            v = s.best_next[start]
            if v == start + 1:
                continue
            items = []
            while v != start + 1:
                items.append(v if v < s.p.n else -1 - s.best_reload[v - s.p.reloads_at])
                v = s.best_next[v]
            routes.append((r, s.routes[r].type, items))
        return routes

    def judge(self, int32_t type, items) -> tuple:
        """(feasible, distance, duration, culprit) of a sequence, by the exact rules."""
        cdef int32_t[::1] row = np.asarray([*items, 0], dtype=np.int32)
        cdef int32_t m = row.shape[0] - 1
        cdef Verdict verdict = judge(&self.s, type, &row[0], m)
        return bool(verdict.feasible), verdict.distance, verdict.duration, verdict.culprit

    def cheapest(self, int32_t u) -> int:
        """Least cost of serving the absent job u in a route in use; FAR: nowhere."""
        cdef Place best
        cdef int32_t blink_in = self.s.blink_in
        self.s.blink_in = 2147483647
        nowhere(&best)
        if self.s.p.mate[u] != NONE:
            look_pair_near(&self.s, u, &best)
        else:
            look_for_visit(&self.s, u, &best)
        self.s.blink_in = blink_in
        return best.delta

    @property
    def iterations(self) -> int:
        """Iterations done."""
        return self.s.iteration

    @property
    def best_cost(self) -> int:
        """Cost of the best plan, prizes lost included."""
        return self.s.best_cost

    @property
    def best_missing(self) -> int:
        """Required jobs that the best plan leaves out."""
        return self.s.best_missing

    @property
    def best_found_at(self) -> int:
        """Iteration of the best plan."""
        return self.s.best_found_at

    @property
    def cost(self) -> int:
        """Cost of the current plan."""
        return self.s.cost

    @property
    def served(self) -> int:
        """Stops in the current plan's routes."""
        return self.s.served
