/*
 * The least that a generator can do on this machine:
 *
 *     limit write LIST FROM TO THREADS    writes the files of FROM again, below the empty folder TO
 *     limit compare LIST FROM THREADS     looks whether the files of FROM have the same size and time as before
 *
 * LIST names folders, with a slash at the end and those of one depth together, then files. Both print seconds. What the
 * files hold, or their sizes and times, is in memory before the clock starts: nothing but the work itself is measured.
 */

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct entry {
    char *path;
    char *bytes;
    struct stat stat;
};

struct part {
    struct entry *from, *to;
    void (*visit)(struct entry *);
};

static struct entry *entries;
static size_t length;
static int threads;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static int is_folder(const struct entry *entry) { return entry->path[strlen(entry->path) - 1] == '/'; }

static int depth(const struct entry *entry) {
    int slashes = 0;
    for (const char *at = entry->path; *at; at++) {
        slashes += *at == '/';
    }
    return slashes;
}

static void read_list(const char *path) {
    FILE *list = fopen(path, "r");
    if (!list) {
        fail(path);
    }
    char line[4096];
    size_t room = 0;
    while (fgets(line, sizeof line, list)) {
        line[strcspn(line, "\n")] = 0;
        if (length == room) {
            room = room ? room * 2 : 1024;
            entries = realloc(entries, room * sizeof *entries);
        }
        entries[length++] = (struct entry){.path = strdup(line)};
    }
    fclose(list);
}

static void look(struct entry *entry) {
    if (stat(entry->path, &entry->stat)) {
        fail(entry->path);
    }
}

static void load(struct entry *entry) {
    look(entry);
    int file = open(entry->path, O_RDONLY);
    entry->bytes = malloc(entry->stat.st_size + 1);
    if (file < 0 || read(file, entry->bytes, entry->stat.st_size) != entry->stat.st_size) {
        fail(entry->path);
    }
    close(file);
}

static void make(struct entry *entry) {
    if (mkdir(entry->path, 0777)) {
        fail(entry->path);
    }
}

static void store(struct entry *entry) {
    int file = open(entry->path, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (file < 0 || write(file, entry->bytes, entry->stat.st_size) != entry->stat.st_size) {
        fail(entry->path);
    }
    close(file);
}

static void compare(struct entry *entry) {
    struct stat found;
    if (stat(entry->path, &found)) {
        fail(entry->path);
    }
    if (found.st_size != entry->stat.st_size || found.st_mtim.tv_sec != entry->stat.st_mtim.tv_sec ||
        found.st_mtim.tv_nsec != entry->stat.st_mtim.tv_nsec) {
        fprintf(stderr, "%s: changed\n", entry->path);
        exit(1);
    }
}

static void *run_part(void *argument) {
    struct part *part = argument;
    for (struct entry *entry = part->from; entry < part->to; entry++) {
        part->visit(entry);
    }
    return NULL;
}

/* Visits the entries of a range, each thread a part of them. */
static void each(struct entry *from, struct entry *to, void (*visit)(struct entry *)) {
    pthread_t running[threads];
    struct part parts[threads];
    size_t count = to - from;
    for (int i = 0; i < threads; i++) {
        parts[i] = (struct part){from + count * i / threads, from + count * (i + 1) / threads, visit};
        if (i > 0 && pthread_create(&running[i], NULL, run_part, &parts[i])) {
            fail("thread");
        }
    }
    run_part(&parts[0]);
    for (int i = 1; i < threads; i++) {
        pthread_join(running[i], NULL);
    }
}

static void write_all(struct entry *files, struct entry *end) {
    for (struct entry *from = entries, *to; from < files; from = to) {
        for (to = from; to < files && depth(to) == depth(from); to++) {
        }
        each(from, to, make);
    }
    each(files, end, store);
}

int main(int count, char **arguments) {
    int writes = count == 6 && !strcmp(arguments[1], "write");
    if (!writes && !(count == 5 && !strcmp(arguments[1], "compare"))) {
        fprintf(stderr, "usage: limit write LIST FROM TO THREADS | limit compare LIST FROM THREADS\n");
        return 2;
    }
    threads = atoi(arguments[count - 1]);
    read_list(arguments[2]);
    struct entry *files = entries, *end = entries + length;
    while (files < end && is_folder(files)) {
        files++;
    }
    if (threads < 1 || chdir(arguments[3])) {
        fail(arguments[3]);
    }
    each(files, end, writes ? load : look);
    if (writes && chdir(arguments[4])) {
        fail(arguments[4]);
    }
    double started = now();
    if (writes) {
        write_all(files, end);
    } else {
        each(files, end, compare);
    }
    printf("%.6f\n", now() - started);
    return 0;
}
