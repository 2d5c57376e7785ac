/* Load generator, null server, sink, DNS server and disk probe of bench/run. Each is a mode of one program; see main.c. */
#ifndef LOAD_H
#define LOAD_H

#define _GNU_SOURCE
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stddef.h>

enum tls_mode { TLS_NONE, TLS_STARTTLS, TLS_IMPLICIT };

struct options {
    int port, sessions, kept, resume, threads;
    long messages, size;
    double rate, seconds;            /* rate: messages a second by schedule; 0 = as fast as the server answers */
    enum tls_mode tls;
    const char *from, *to, *user, *password, *mechanism, *file, *certificate, *key, *counter, *address, *latencies;
};

/* A connection with a buffer for reading, plain or TLS. */
struct wire {
    int fd;
    SSL *ssl;
    char *buffer;
    size_t at, end;
};

#define WIRE_BUFFER (1 << 17)

void fail(const char *what, const char *detail);
double now(void);

void wire_connect(struct wire *wire, const struct options *options);
/* Starts TLS as client. `session` is offered when it is not null, and replaced by the newest one of the server. */
void wire_tls(struct wire *wire, SSL_CTX *context, SSL_SESSION **session);
int wire_read(struct wire *wire);
void wire_write(struct wire *wire, const void *data, size_t size);
int wire_line(struct wire *wire, char *line, size_t size);
void wire_close(struct wire *wire);
SSL_CTX *client_context(const struct options *options);

/* Latencies of one run, in microseconds. */
struct times {
    uint32_t *values;
    atomic_long count;
    long capacity;
};

void times_open(struct times *times, long capacity);
void times_add(struct times *times, double seconds);
/* Prints the run's result as one JSON object. */
void times_print(struct times *times, double seconds, long handshakes, long resumed, const char *latencies);

int run_smtp(const struct options *options);
int run_pop3(const struct options *options);
int run_retrieve(const struct options *options);
int run_sink(const struct options *options);
int run_dns(const struct options *options);
int run_disk(const struct options *options);
int run_idle(const struct options *options);

void base64(const void *data, size_t size, char *out);
#endif
