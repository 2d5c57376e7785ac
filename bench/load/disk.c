/* What the disk alone can do: creates, writes, syncs and renames files, as a server that keeps each message in a file of its own has to. */
#include "load.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct options *o;
static struct times times;
static atomic_long next_file;

static void *writer(void *unused) {
    char *content = malloc(o->size), temporary[600], final[600];
    memset(content, 'x', o->size);
    for (long number; (number = atomic_fetch_add(&next_file, 1)) < o->messages;) {
        double begin = now();
        snprintf(temporary, sizeof temporary, "%s/t%d.%ld", o->file, getpid(), number);
        snprintf(final, sizeof final, "%s/f%d.%ld", o->file, getpid(), number);
        int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0600);
        if (fd < 0 || write(fd, content, o->size) != o->size || fdatasync(fd)) fail("write", strerror(errno));
        close(fd);
        if (rename(temporary, final)) fail("rename", strerror(errno));
        times_add(&times, now() - begin);
    }
    return unused;
}

int run_disk(const struct options *options) {
    o = options;
    times_open(&times, o->messages);
    pthread_t threads[o->sessions];
    double start = now();
    for (int i = 0; i < o->sessions; i++) pthread_create(&threads[i], NULL, writer, NULL);
    for (int i = 0; i < o->sessions; i++) pthread_join(threads[i], NULL);
    times_print(&times, now() - start, 0, 0, o->latencies);
    return 0;
}
