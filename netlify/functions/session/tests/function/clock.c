// Preloaded before the program: its time of day stands still at SECONDS since 1970; other clocks go on.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
  int (*real)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int failed = real(clock, time);
  if (clock == CLOCK_REALTIME) {
    time->tv_sec = SECONDS;
    time->tv_nsec = 0;
  }
  return failed;
}
