"""Accept or undo: simulated annealing over ruin and recreate."""

from libc.math cimport log

from router.kernels.jobs cimport longing, served
from router.kernels.log cimport begin, rollback
from router.kernels.model cimport NONE, Search, int32_t, int64_t
from router.kernels.recreate cimport recreate
from router.kernels.refit cimport refit_tails
from router.kernels.rng cimport uniform
from router.kernels.ruin cimport ruin
from router.kernels.tails cimport exchange_tails
from router.kernels.tour cimport depot_at, first_node, logged_price, more_routes, price


cdef inline void open_iteration(Search* s) noexcept nogil:
    """Start an iteration from the current plan."""
    begin(s)
    s.start_cost = s.cost
    s.start_penalty = s.penalty
    s.start_missing = s.missing
    s.start_forbidden = s.forbidden
    s.start_served = s.served
    s.start_declined = s.declined


cdef inline void add_route_costs(Search* s) noexcept nogil:
    """Bring the plan's cost up to date with the touched routes."""
    cdef int32_t k
    for k in range(s.routes_logged):
        s.cost += price(s, s.route_of[k]) - logged_price(s, k)


cdef inline void copy_best(Search* s) noexcept nogil:
    """Bring the best plan's copy up to date: only routes that differ."""
    cdef int32_t k, r, v
    for k in range(s.dirty_count):
        r = s.dirty[k]
        s.routes[r].dirty = 0
        v = first_node(s, r)
        while v != first_node(s, r) + 1:
            s.best_next[v] = s.nodes[v].next
            if v >= s.p.reloads_at:
                s.best_reload[v - s.p.reloads_at] = depot_at(s, v)
            v = s.nodes[v].next
    s.dirty_count = 0
    s.best_cost = s.cost
    s.best_missing = s.missing
    s.best_found_at = s.iteration


cdef inline void list_absent(Search* s, int32_t u) noexcept nogil:
    """Bring the list of jobs left out up to date about job u."""
    cdef int32_t k, last
    if served(s, u):
        k = s.absent_at[u]
        if k != NONE:
            s.absent_count -= 1
            last = s.absent[s.absent_count]
            s.absent[k] = last
            s.absent_at[last] = k
            s.absent_at[u] = NONE
        return
    if s.absent_at[u] == NONE:
        s.absent_at[u] = s.absent_count
        s.absent[s.absent_count] = u
        s.absent_count += 1
    if s.p.prize[u] < 0 and s.patience[u] < 1000:
        s.patience[u] += 1
        s.penalty += s.absence


cdef inline void commit(Search* s) noexcept nogil:
    """Keep the iteration's plan."""
    cdef int32_t k, r
    for k in range(s.routes_logged):
        r = s.route_of[k]
        s.active += (s.routes[r].size > 0) - (s.route_log[k].size > 0)
        if not s.routes[r].dirty:
            s.routes[r].dirty = 1
            s.dirty[s.dirty_count] = r
            s.dirty_count += 1
    for k in range(s.pool_count):
        list_absent(s, s.pool[k].job)
    if s.missing < s.best_missing or (s.missing == s.best_missing and s.cost < s.best_cost):
        copy_best(s)


cdef inline void undo(Search* s) noexcept nogil:
    """Return to the plan at the iteration's start."""
    rollback(s)
    s.served = s.start_served
    s.declined = s.start_declined
    s.cost = s.start_cost
    s.penalty = s.start_penalty
    s.missing = s.start_missing
    s.forbidden = s.start_forbidden


cdef inline bint acceptable(Search* s, double allowed) noexcept nogil:
    """Whether cost and missing jobs weigh no more than allowed over the plan before.

    Never with forbidden arcs.
    """
    if s.forbidden > 0:
        return False
    return <double>(s.cost + s.penalty - s.start_cost - s.start_penalty
                    + s.dear * more_routes(s)
                    + s.lure * (s.declined - s.start_declined)) < allowed


cdef inline void iterate(Search* s) noexcept nogil:
    """One ruin, one recreate, one decision by Metropolis' rule."""
    cdef double allowed = -s.temperature * log(1.0 - uniform(s))
    cdef bint kept
    open_iteration(s)
    if s.tail_rate > 0 and uniform(s) < s.tail_rate:
        if s.refit_rate > 0 and uniform(s) < s.refit_rate:
            kept = refit_tails(s, allowed)
        else:
            kept = exchange_tails(s, allowed)
    else:
        ruin(s)
        kept = recreate(s, allowed)
    if kept:
        add_route_costs(s)
        kept = acceptable(s, allowed)
    if kept:
        commit(s)
    else:
        undo(s)
    s.iteration += 1
