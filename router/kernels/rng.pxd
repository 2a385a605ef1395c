"""Random numbers: splitmix64, one multiply-shift chain a draw, state of one word."""

from libc.math cimport log

from router.kernels.model cimport Search, int32_t, int64_t, uint64_t


cdef inline uint64_t draw(Search* s) noexcept nogil:
    """Return 64 random bits (Steele, Lea, Flood 2014, doi:10.1145/2714064.2660195)."""
    s.random += <uint64_t>0x9E3779B97F4A7C15
    cdef uint64_t z = s.random
    z = (z ^ (z >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    z = (z ^ (z >> 27)) * <uint64_t>0x94D049BB133111EB
    return z ^ (z >> 31)


cdef inline double uniform(Search* s) noexcept nogil:
    """Return a number in [0, 1)."""
    return <double>(draw(s) >> 11) * (1.0 / 9007199254740992.0)


cdef inline int32_t below(Search* s, int32_t count) noexcept nogil:
    """Return a whole number in [0, count), count > 0."""
    return <int32_t>(((draw(s) >> 32) * <uint64_t>count) >> 32)


cdef inline int32_t next_blink(Search* s) noexcept nogil:
    """Return how many positions to look at before one is overlooked."""
    if s.blink_log == 0.0:
        return 2147483647
    cdef double x = log(1.0 - uniform(s)) / s.blink_log
    return <int32_t>x + 1 if x < 1e9 else 1000000000


cdef inline bint blinks(Search* s) noexcept nogil:
    """Return whether this position is overlooked; one decrement a call."""
    s.blink_in -= 1
    if s.blink_in > 0:
        return False
    s.blink_in = next_blink(s)
    return True
