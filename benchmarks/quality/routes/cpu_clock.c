/* Lets a process take its own processor time for the monotonic clock: a limit of
   ten seconds is then ten seconds of work, however busy the machine is. Loaded
   before the C library's functions of the same names (LD_PRELOAD).

   Reading the processor time is a system call, so it is read once in a millisecond of
   the real clock, and every other call has the last reading. Waits until a moment of
   that clock last as long on the real one: without that, a thread of Python that waits
   for the interpreter's lock would never sleep, for the moment has always passed. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000L
#define STALE (SECOND / 1000)

static int (*real_clock)(clockid_t, struct timespec *);
static __thread long read_at = -STALE;
static __thread struct timespec spent;

static long nanoseconds(struct timespec moment) {
    return moment.tv_sec * SECOND + moment.tv_nsec;
}

static long really_now(void) {
    struct timespec now;
    if (real_clock == 0)
        real_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    real_clock(CLOCK_MONOTONIC, &now);
    return nanoseconds(now);
}

static void read_spent(long now) {
    read_at = now;
    syscall(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &spent);
}

int clock_gettime(clockid_t id, struct timespec *now) {
    long real = really_now();
    if (id != CLOCK_MONOTONIC && id != CLOCK_REALTIME)
        return real_clock(id, now);
    if (real - read_at >= STALE)
        read_spent(real);
    *now = spent;
    return 0;
}

/* The moment of the real clock that is as far away as one of the clock above. */
static struct timespec really(const struct timespec *until) {
    struct timespec moment;
    long now = really_now(), left;
    read_spent(now);
    left = nanoseconds(*until) - nanoseconds(spent);
    now += left > 0 ? left : 0;
    moment.tv_sec = now / SECOND;
    moment.tv_nsec = now % SECOND;
    return moment;
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                           const struct timespec *until) {
    struct timespec moment = really(until);
    return pthread_cond_clockwait(cond, mutex, CLOCK_MONOTONIC, &moment);
}

int sem_clockwait(sem_t *sem, clockid_t id, const struct timespec *until) {
    static int (*wait)(sem_t *, clockid_t, const struct timespec *);
    struct timespec moment = really(until);
    (void)id;
    if (wait == 0)
        wait = (int (*)(sem_t *, clockid_t, const struct timespec *))dlsym(RTLD_NEXT,
                                                                           "sem_clockwait");
    return wait(sem, CLOCK_MONOTONIC, &moment);
}
