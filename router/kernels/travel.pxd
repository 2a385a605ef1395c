"""Distances and durations between locations, from a matrix or computed."""

from libc.math cimport asin, ceil, cos, llrint, sin, sqrt

from router.kernels.model cimport NO_WAY, Problem, Travel, int32_t, int64_t

cdef extern from *:
    """
    #define EARTH_RADIUS_M 6371008.8
    #define RADIAN 0.017453292519943295
    """
    const double EARTH_RADIUS_M
    const double RADIAN


cdef inline int64_t great_circle(const Travel* t, int32_t a, int32_t b) noexcept nogil:
    """Distance over the earth."""
    cdef double h, sin_x, sin_y
    sin_y = sin((t.ys[b] * RADIAN - t.ys[a] * RADIAN) / 2)
    sin_x = sin((t.xs[b] - t.xs[a]) * RADIAN / 2)
    h = sin_y * sin_y + cos(t.ys[a] * RADIAN) * cos(t.ys[b] * RADIAN) * sin_x * sin_x
    return llrint(t.scale * (2 * EARTH_RADIUS_M * asin(sqrt(h if h < 1.0 else 1.0))))


cdef inline int64_t computed(const Travel* t, int32_t a, int32_t b) noexcept nogil:
    """Distance by the formula of `router.matrix`, to the same integer."""
    cdef double dx, dy, length
    if t.speed != 0.0:
        return great_circle(t, a, b)
    dx = t.xs[a] - t.xs[b]
    dy = t.ys[a] - t.ys[b]
    length = t.scale * sqrt(dx * dx + dy * dy)
    return <int64_t>length if t.floor else llrint(length)


cdef inline int64_t arc(const Problem* p, int32_t profile, int32_t a, int32_t b) noexcept nogil:
    """Distance from location a to b; NO_WAY where there is none."""
    cdef const Travel* t = p.travel + profile
    if t.distances != NULL:
        return t.distances[a * p.stride + b]
    if a == p.locations or b == p.locations:
        return 0
    return computed(t, a, b)


cdef inline int64_t ride(const Problem* p, int32_t profile, int32_t a, int32_t b) noexcept nogil:
    """Duration from location a to b; NO_WAY where there is none."""
    cdef const Travel* t = p.travel + profile
    if t.durations != NULL:
        return t.durations[a * p.stride + b]
    if t.speed == 0.0:
        return arc(p, profile, a, b)
    return <int64_t>ceil(<double>arc(p, profile, a, b) / t.speed)


cdef inline int64_t arc_to(const Problem* p, int32_t profile, int32_t a, int32_t b) noexcept nogil:
    """As `arc`, from the row of b where symmetric: b stays, a varies, the row stays cached."""
    if p.travel[profile].symmetric:
        return arc(p, profile, b, a)
    return arc(p, profile, a, b)


cdef inline int64_t ride_to(const Problem* p, int32_t profile, int32_t a, int32_t b) noexcept nogil:
    """As `ride`, from the row of b where symmetric."""
    if p.travel[profile].symmetric:
        return ride(p, profile, b, a)
    return ride(p, profile, a, b)
