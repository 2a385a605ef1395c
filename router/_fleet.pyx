"""Best aircraft-day paths through a time-space-charge network, compiled.

The network (see :mod:`router.airtaxi.fleet_size.network`) has a node for each
step ``t``, site ``s`` and charge level ``level``. From a node an aircraft may wait
one step, fly a leg, or charge; all arcs lead forward in time, so that the best
path from every node is one backward sweep.

Arrays, all C-contiguous:

- ``leg_first`` int32 (sites + 1): legs of site ``s`` are ``leg_first[s]`` up to
  ``leg_first[s + 1]``; ``leg_to`` int32 (legs);
- ``leg_steps``, ``leg_burn`` int32 (legs, steps + 1): duration in steps (0: the
  leg may not depart at that step) and levels burned, by step of departure;
- ``charge_first`` int32 (sites * levels + 1), indexed ``s * levels + level``;
  ``charge_steps``, ``charge_to``, ``charge_from_step`` int32 (arcs): duration,
  level reached, and earliest step at which the arc may end;
- ``ground``, ``charging`` float64 (sites, steps + 2): price of being on the ground,
  and of charging there, summed over all steps before the one named;
- ``reward`` float64 (legs, steps + 1): worth of one departure;
- ``terminal`` float64 (sites, levels): worth of ending there, -inf to forbid;
- ``value`` float64 (steps + 1, sites, levels): filled by :func:`sweep` with the
  worth of the best path from each node.
"""

from libc.stdint cimport int32_t


def sweep(
    const int32_t[::1] leg_first,
    const int32_t[::1] leg_to,
    const int32_t[:, ::1] leg_steps,
    const int32_t[:, ::1] leg_burn,
    const int32_t[::1] charge_first,
    const int32_t[::1] charge_steps,
    const int32_t[::1] charge_to,
    const int32_t[::1] charge_from_step,
    const double[:, ::1] ground,
    const double[:, ::1] charging,
    const double[:, ::1] reward,
    const double[:, ::1] terminal,
    double[:, :, ::1] value,
):
    """Fill ``value`` by one backward sweep over the network."""
    cdef int last = <int>value.shape[0] - 1
    cdef int sites = <int>value.shape[1]
    cdef int levels = <int>value.shape[2]
    cdef int t, s, level, a, steps, burn, node
    cdef double best, worth, price
    cdef double *here
    cdef const double *there
    with nogil:
        value[last, :, :] = terminal
        for t in range(last - 1, -1, -1):
            for s in range(sites):
                here = &value[t, s, 0]
                there = &value[t + 1, s, 0]
                price = ground[s, t + 1] - ground[s, t]
                for level in range(levels):
                    here[level] = there[level] - price
                for a in range(leg_first[s], leg_first[s + 1]):
                    steps = leg_steps[a, t]
                    burn = leg_burn[a, t]
                    if steps == 0 or t + steps > last or burn >= levels:
                        continue
                    there = &value[t + steps, leg_to[a], 0]
                    _fly(here + burn, there, levels - burn, reward[a, t])
                for level in range(levels):
                    node = s * levels + level
                    worth = here[level]
                    for a in range(charge_first[node], charge_first[node + 1]):
                        steps = charge_steps[a]
                        if t + steps > last or t + steps < charge_from_step[a]:
                            continue
                        best = value[t + steps, s, charge_to[a]] - (
                            charging[s, t + steps] - charging[s, t]
                        )
                        worth = best if best > worth else worth
                    here[level] = worth


cdef inline void _fly(
    double *here, const double *there, int count, double worth
) noexcept nogil:
    """Let each level be worth at least a departure; branchless, so that it is vectorised."""
    cdef int level
    cdef double best
    for level in range(count):
        best = worth + there[level]
        here[level] = best if best > here[level] else here[level]


def trace(
    const int32_t[::1] leg_first,
    const int32_t[::1] leg_to,
    const int32_t[:, ::1] leg_steps,
    const int32_t[:, ::1] leg_burn,
    const int32_t[::1] charge_first,
    const int32_t[::1] charge_steps,
    const int32_t[::1] charge_to,
    const int32_t[::1] charge_from_step,
    const double[:, ::1] ground,
    const double[:, ::1] charging,
    const double[:, ::1] reward,
    const double[:, :, ::1] value,
    int step,
    int site,
    int level,
    int32_t[:, ::1] moves,
):
    """Walk a best path from ``(step, site, level)`` through a filled ``value``.

    Writes one row a flight or charge to ``moves`` (rows, 4): first step, leg or
    -1, last step, level at the last step. ``moves`` needs ``value.shape[0]``
    rows.

    Returns
    -------
    (rows written, site at the end, level at the end)
    """
    cdef int last = <int>value.shape[0] - 1
    cdef int levels = <int>value.shape[2]
    cdef int t = step, rows = 0, a, chosen, kind, steps, burn
    cdef double here, price
    with nogil:
        while t < last:
            here = value[t, site, level]
            kind = 0
            chosen = -1
            # A sum found again in the same order of operations is equal to the bit.
            for a in range(leg_first[site], leg_first[site + 1]):
                steps = leg_steps[a, t]
                burn = leg_burn[a, t]
                if steps == 0 or t + steps > last or burn > level:
                    continue
                if reward[a, t] + value[t + steps, leg_to[a], level - burn] == here:
                    kind = 1
                    chosen = a
                    break
            price = ground[site, t + 1] - ground[site, t]
            if kind == 0 and value[t + 1, site, level] - price != here:
                for a in range(
                    charge_first[site * levels + level], charge_first[site * levels + level + 1]
                ):
                    steps = charge_steps[a]
                    if t + steps > last or t + steps < charge_from_step[a]:
                        continue
                    price = charging[site, t + steps] - charging[site, t]
                    if value[t + steps, site, charge_to[a]] - price == here:
                        kind = 2
                        chosen = a
                        break
            if kind == 0:
                t += 1
                continue
            moves[rows, 0] = t
            if kind == 1:
                moves[rows, 1] = chosen
                level -= leg_burn[chosen, t]
                t += leg_steps[chosen, t]
                site = leg_to[chosen]
            else:
                moves[rows, 1] = -1
                level = charge_to[chosen]
                t += charge_steps[chosen]
            moves[rows, 2] = t
            moves[rows, 3] = level
            rows += 1
    return rows, site, level
