#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

void wire_connect(struct wire *wire, const struct options *options) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(options->port)};
    inet_pton(AF_INET, options->address, &address.sin_addr);
    wire->fd = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(wire->fd, (struct sockaddr *) &address, sizeof address)) fail("connect", strerror(errno));
    wire->ssl = NULL;
    wire->at = wire->end = 0;
    if (!wire->buffer) wire->buffer = malloc(WIRE_BUFFER);
}

/* Index of the slot of an SSL in which the owner's session is kept. */
static int session_slot = -1;

static int new_session(SSL *ssl, SSL_SESSION *session) {
    SSL_SESSION **kept = SSL_get_ex_data(ssl, session_slot);
    if (!kept) return 0;
    if (*kept) SSL_SESSION_free(*kept);
    *kept = session;
    return 1;
}

SSL_CTX *client_context(const struct options *options) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    session_slot = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    if (options->resume) {
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(context, new_session);
    }
    return context;
}

void wire_tls(struct wire *wire, SSL_CTX *context, SSL_SESSION **session) {
    wire->ssl = SSL_new(context);
    SSL_set_fd(wire->ssl, wire->fd);
    SSL_set_ex_data(wire->ssl, session_slot, session);
    if (session && *session) SSL_set_session(wire->ssl, *session);
    if (SSL_connect(wire->ssl) != 1) fail("TLS handshake", "failed");
}

int wire_read(struct wire *wire) {
    int got = wire->ssl ? SSL_read(wire->ssl, wire->buffer, WIRE_BUFFER) : (int) read(wire->fd, wire->buffer, WIRE_BUFFER);
    wire->at = 0;
    wire->end = got > 0 ? got : 0;
    return got;
}

void wire_write(struct wire *wire, const void *data, size_t size) {
    const char *at = data;
    while (size) {
        ssize_t done = wire->ssl ? SSL_write(wire->ssl, at, (int) size) : write(wire->fd, at, size);
        if (done <= 0) fail("write", strerror(errno));
        at += done;
        size -= done;
    }
}

/* Reads a line without its end; returns its length, or -1 at the end of the connection. */
int wire_line(struct wire *wire, char *line, size_t size) {
    size_t length = 0;
    for (;;) {
        if (wire->at == wire->end && wire_read(wire) <= 0) return -1;
        char c = wire->buffer[wire->at++];
        if (c == '\n') break;
        if (length + 1 < size) line[length++] = c;
    }
    if (length && line[length - 1] == '\r') length--;
    line[length] = 0;
    return (int) length;
}

void wire_close(struct wire *wire) {
    if (wire->ssl) {
        SSL_shutdown(wire->ssl);
        SSL_free(wire->ssl);
    }
    close(wire->fd);
}

void times_open(struct times *times, long capacity) {
    times->values = malloc(sizeof(uint32_t) * (capacity ? capacity : 1));
    times->capacity = capacity;
    atomic_init(&times->count, 0);
}

void times_add(struct times *times, double seconds) {
    long at = atomic_fetch_add(&times->count, 1);
    if (at < times->capacity) times->values[at] = seconds * 1e6 > 4e9 ? 4000000000u : (uint32_t) (seconds * 1e6);
}

static int compare(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;
    return (x > y) - (x < y);
}

void times_print(struct times *times, double seconds, long handshakes, long resumed, const char *latencies) {
    long count = times->count < times->capacity ? times->count : times->capacity;
    if (latencies) {
        FILE *file = fopen(latencies, "w");
        for (long i = 0; file && i < count; i++) fprintf(file, "%u\n", times->values[i]);
        if (file) fclose(file);
    }
    qsort(times->values, count, sizeof(uint32_t), compare);
    printf("{\"count\": %ld, \"seconds\": %.6f, \"handshakes\": %ld, \"resumed\": %ld", count, seconds, handshakes, resumed);
    static const struct { const char *name; double share; } points[] = {
        {"p50", .5}, {"p90", .9}, {"p99", .99}, {"p999", .999}, {"p9999", .9999}, {"max", 1}};
    for (size_t i = 0; count && i < sizeof points / sizeof *points; i++) {
        long at = (long) (points[i].share * count);
        printf(", \"%s\": %.3f", points[i].name, times->values[at < count ? at : count - 1] / 1000.0);
    }
    printf("}\n");
}

void base64(const void *data, size_t size, char *out) {
    EVP_EncodeBlock((unsigned char *) out, data, (int) size);
}
