/*
 * Stands before the C library's calls that write or sync files below a folder (BAD_DISK_FOLDER), and makes them slow or fail, as a file
 * that is shared with the test (BAD_DISK_CONTROL) says at that moment. For LD_PRELOAD; Linux.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* BadDisk.java knows this layout. */
struct control {
    volatile int32_t sync_millis;
    volatile int32_t sync_error;
    volatile int32_t write_error;
    volatile int32_t unused;
    int64_t syncs;
    int64_t flushes;
    int64_t failures;
};

static struct control *control;
static const char *folder;
static size_t folder_length;

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("BAD_DISK_CONTROL");
    folder = getenv("BAD_DISK_FOLDER");
    if (name == NULL || folder == NULL) {
        return;
    }
    folder_length = strlen(folder);
    int file = open(name, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        return;
    }
    void *at = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (at != MAP_FAILED) {
        control = at;
    }
}

static int is_ours(int file) {
    char link[64];
    char path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path);
    return length >= (ssize_t) folder_length && memcmp(path, folder, folder_length) == 0
        && (length == (ssize_t) folder_length || path[folder_length] == '/');
}

static int fails(int error) {
    if (error == 0) {
        return 0;
    }
    __atomic_add_fetch(&control->failures, 1, __ATOMIC_RELAXED);
    errno = error;
    return 1;
}

/* The wait of a sync, of a file or of the whole file system, and whether it fails. */
static int sync_fails(int file, int whole) {
    if (control == NULL || !is_ours(file)) {
        return 0;
    }
    __atomic_add_fetch(whole ? &control->flushes : &control->syncs, 1, __ATOMIC_RELAXED);
    int millis = control->sync_millis;
    struct timespec left = {millis / 1000, millis % 1000 * 1000000L};
    while (millis > 0 && nanosleep(&left, &left) < 0 && errno == EINTR) {
    }
    return fails(control->sync_error);
}

static int write_fails(int file) {
    return control != NULL && control->write_error != 0 && is_ours(file) && fails(control->write_error);
}

#define EXPORT __attribute__((visibility("default")))
#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (real == NULL) { \
        real = (type (*)(__VA_ARGS__)) find(#name); \
    }

typedef void *(*lookup)(void *, const char *);

static lookup real_dlsym(void) {
    static lookup found;
    static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5"};
    for (size_t i = 0; found == NULL && i < sizeof versions / sizeof *versions; i++) {
        found = (lookup) dlvsym(RTLD_NEXT, "dlsym", versions[i]);
    }
    return found;
}

static void *find(const char *name) {
    return real_dlsym()(RTLD_NEXT, name);
}

EXPORT int fsync(int file) {
    REAL(int, fsync, int)
    return sync_fails(file, 0) ? -1 : real(file);
}

EXPORT int fdatasync(int file) {
    REAL(int, fdatasync, int)
    return sync_fails(file, 0) ? -1 : real(file);
}

EXPORT int syncfs(int file) {
    REAL(int, syncfs, int)
    return sync_fails(file, 1) ? -1 : real(file);
}

EXPORT ssize_t write(int file, const void *octets, size_t count) {
    REAL(ssize_t, write, int, const void *, size_t)
    return write_fails(file) ? -1 : real(file, octets, count);
}

EXPORT ssize_t pwrite(int file, const void *octets, size_t count, off_t at) {
    REAL(ssize_t, pwrite, int, const void *, size_t, off_t)
    return write_fails(file) ? -1 : real(file, octets, count, at);
}

EXPORT ssize_t pwrite64(int file, const void *octets, size_t count, off64_t at) {
    REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t)
    return write_fails(file) ? -1 : real(file, octets, count, at);
}

EXPORT ssize_t writev(int file, const struct iovec *pieces, int count) {
    REAL(ssize_t, writev, int, const struct iovec *, int)
    return write_fails(file) ? -1 : real(file, pieces, count);
}

EXPORT ssize_t pwritev(int file, const struct iovec *pieces, int count, off_t at) {
    REAL(ssize_t, pwritev, int, const struct iovec *, int, off_t)
    return write_fails(file) ? -1 : real(file, pieces, count, at);
}

EXPORT ssize_t pwritev64(int file, const struct iovec *pieces, int count, off64_t at) {
    REAL(ssize_t, pwritev64, int, const struct iovec *, int, off64_t)
    return write_fails(file) ? -1 : real(file, pieces, count, at);
}

EXPORT ssize_t sendfile64(int to, int from, off64_t *at, size_t count) {
    REAL(ssize_t, sendfile64, int, int, off64_t *, size_t)
    return write_fails(to) ? -1 : real(to, from, at, count);
}

EXPORT ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *target, size_t count, unsigned flags) {
    REAL(ssize_t, copy_file_range, int, off64_t *, int, off64_t *, size_t, unsigned)
    return write_fails(to) ? -1 : real(from, at, to, target, count, flags);
}

/* JNA asks the C library's own handle, which knows nothing of what stands before it. */
EXPORT void *dlsym(void *handle, const char *name) {
    return strcmp(name, "syncfs") == 0 ? (void *) syncfs : real_dlsym()(handle, name);
}
