/*
 * Runs a program without its output: `run PROGRAM…` prints how many seconds it took and its peak memory in kilobytes.
 *
 * Started from node, a program would have node's memory as its peak: a child counts what it had before `exec`.
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
    if (count < 2) {
        fprintf(stderr, "usage: run PROGRAM…\n");
        return 2;
    }
    double started = now();
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stdout)) {
            _exit(127);
        }
        execvp(arguments[1], arguments + 1);
        perror(arguments[1]);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
        perror("run");
        return 1;
    }
    printf("%.6f %ld\n", now() - started, usage.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
