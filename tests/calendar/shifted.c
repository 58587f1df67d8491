/* A wall clock that is CLOCK_SHIFT_S seconds ahead, for a process and all that it starts.
 *
 * Preloaded (LD_PRELOAD). Moves the wall clock alone: what a process waits for by the monotonic clock is as long
 * as ever. A wait until a moment of the wall clock is moved back, since the kernel knows only the real one.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

/* A moment of the monotonic clock is less than this: seconds since the machine started. */
#define WALL_S 1000000000L

/* Who includes this file may have a shift of his own. */
#ifndef SHIFT_IS_ELSEWHERE
static long shift_s(void) {
  static _Atomic long known = -1;
  long shift = known;
  if (shift < 0) {
    const char *told = getenv("CLOCK_SHIFT_S");
    known = shift = told ? atol(told) : 0;
  }
  return shift;
}
#endif

/* glibc keeps an old condition variable beside the one that everybody uses, and dlsym gives the old one. */
static void *next(const char *name) {
  static const char *const versions[] = {"GLIBC_2.3.2", "GLIBC_2.17"};
  for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
    void *found = dlvsym(RTLD_NEXT, name, versions[i]);
    if (found) return found;
  }
  return dlsym(RTLD_NEXT, name);
}

static const struct timespec *real(const struct timespec *at, struct timespec *moved) {
  if (!at || at->tv_sec < WALL_S) return at;
  *moved = (struct timespec){at->tv_sec - shift_s(), at->tv_nsec};
  return moved;
}

static int is_wall(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*as_it_is)(clockid_t, struct timespec *);
  if (!as_it_is) as_it_is = next("clock_gettime");
  int failed = as_it_is(clock, now);
  if (!failed && is_wall(clock)) now->tv_sec += shift_s();
  return failed;
}

time_t time(time_t *now) {
  struct timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  return now ? (*now = at.tv_sec) : at.tv_sec;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec at;
  int failed = clock_gettime(CLOCK_REALTIME, &at);
  if (!failed) *now = (struct timeval){at.tv_sec, at.tv_nsec / 1000};
  return failed;
}

int timespec_get(struct timespec *now, int base) {
  return clock_gettime(CLOCK_REALTIME, now) ? 0 : base;
}

#define UNTIL(name, parameters, arguments)                  \
  int name parameters {                                     \
    static int(*as_it_is) parameters;                       \
    struct timespec moved;                                  \
    if (!as_it_is) as_it_is = next(#name);                  \
    return as_it_is arguments;                              \
  }

UNTIL(pthread_cond_timedwait, (pthread_cond_t *restrict c, pthread_mutex_t *restrict m, const struct timespec *restrict at),
      (c, m, real(at, &moved)))
UNTIL(pthread_cond_clockwait, (pthread_cond_t *c, pthread_mutex_t *m, clockid_t clock, const struct timespec *at),
      (c, m, clock, real(at, &moved)))
UNTIL(pthread_mutex_timedlock, (pthread_mutex_t *restrict m, const struct timespec *restrict at), (m, real(at, &moved)))
UNTIL(sem_timedwait, (sem_t *restrict s, const struct timespec *restrict at), (s, real(at, &moved)))
UNTIL(sem_clockwait, (sem_t *restrict s, clockid_t clock, const struct timespec *restrict at), (s, clock, real(at, &moved)))
UNTIL(cnd_timedwait, (cnd_t *restrict c, mtx_t *restrict m, const struct timespec *restrict at), (c, m, real(at, &moved)))
UNTIL(mtx_timedlock, (mtx_t *restrict m, const struct timespec *restrict at), (m, real(at, &moved)))

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *asked, struct timespec *left) {
  struct timespec moved;
  const struct timespec *until = flags & TIMER_ABSTIME ? real(asked, &moved) : asked;
  return syscall(SYS_clock_nanosleep, clock, flags, until, left) ? errno : 0;
}
