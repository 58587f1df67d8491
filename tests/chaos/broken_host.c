/* A host on which things break while a program runs there: its wall clock steps, its disk is full or unreadable.
 *
 * Preloaded (LD_PRELOAD). What is broken stands in a file of three numbers that the harness writes and every process of
 * the host has mapped: HOST_FAULTS names it. Of the disk only files below HOST_DATA are broken, so that a program can
 * still say why it ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct faults {
  volatile int64_t shift_s, full, unreadable;
};
static struct faults none;
static struct faults *now_broken = &none;
static char data[PATH_MAX];

__attribute__((constructor)) static void begin(void) {
  const char *file = getenv("HOST_FAULTS"), *below = getenv("HOST_DATA");
  int opened = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
  if (opened < 0) return;
  void *mapped = mmap(NULL, sizeof none, PROT_READ, MAP_SHARED, opened, 0);
  close(opened);
  if (below) snprintf(data, sizeof data, "%s/", below);
  if (mapped != MAP_FAILED) now_broken = mapped;
}

#define SHIFT_IS_ELSEWHERE
static long shift_s(void) { return now_broken->shift_s; }
#include "../calendar/shifted.c"

static int is_data(int opened) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", opened);
  ssize_t length = readlink(link, path, sizeof path - 1);
  return length > 0 && data[0] && strncmp(path, data, strlen(data)) == 0;
}

#define FAILS(fault, error, opened) (now_broken->fault && is_data(opened) ? (errno = (error), 1) : 0)

#define CALL(result, name, parameters, arguments, fault, error, opened) \
  result name parameters {                                              \
    static result(*as_it_is) parameters;                                \
    if (!as_it_is) as_it_is = next(#name);                              \
    return FAILS(fault, error, opened) ? -1 : as_it_is arguments;       \
  }
#define WRITES(name, parameters, arguments) CALL(ssize_t, name, parameters, arguments, full, ENOSPC, to)
#define READS(name, parameters, arguments) CALL(ssize_t, name, parameters, arguments, unreadable, EIO, of)

WRITES(write, (int to, const void *bytes, size_t count), (to, bytes, count))
WRITES(pwrite, (int to, const void *bytes, size_t count, off_t at), (to, bytes, count, at))
WRITES(pwrite64, (int to, const void *bytes, size_t count, off64_t at), (to, bytes, count, at))
WRITES(writev, (int to, const struct iovec *parts, int count), (to, parts, count))
WRITES(pwritev, (int to, const struct iovec *parts, int count, off_t at), (to, parts, count, at))
WRITES(pwritev64, (int to, const struct iovec *parts, int count, off64_t at), (to, parts, count, at))
READS(read, (int of, void *bytes, size_t count), (of, bytes, count))
READS(pread, (int of, void *bytes, size_t count, off_t at), (of, bytes, count, at))
READS(pread64, (int of, void *bytes, size_t count, off64_t at), (of, bytes, count, at))
READS(readv, (int of, const struct iovec *parts, int count), (of, parts, count))
READS(preadv, (int of, const struct iovec *parts, int count, off_t at), (of, parts, count, at))
READS(preadv64, (int of, const struct iovec *parts, int count, off64_t at), (of, parts, count, at))
READS(sendfile, (int to, int of, off_t *at, size_t count), (to, of, at, count))
READS(sendfile64, (int to, int of, off64_t *at, size_t count), (to, of, at, count))
CALL(int, ftruncate, (int to, off_t length), (to, length), full, ENOSPC, to)
CALL(int, ftruncate64, (int to, off64_t length), (to, length), full, ENOSPC, to)
