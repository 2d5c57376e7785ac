/* The null server: speaks as much SMTP as the load needs and keeps nothing. It shows what TCP, TLS and the load itself cost. */
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct options *o;
static SSL_CTX *context;
static int listener;
static atomic_long *taken;

static void reply(struct wire *wire, const char *text) { wire_write(wire, text, strlen(text)); }

/* Reads up to the line with a dot alone; returns 0 when the connection ends before. */
static int skip_content(struct wire *wire) {
    int state = 2;
    for (;;) {
        if (wire->at == wire->end && wire_read(wire) <= 0) return 0;
        while (wire->at < wire->end) {
            if (state == 0) {
                char *end = memchr(wire->buffer + wire->at, '\r', wire->end - wire->at);
                if (!end) {
                    wire->at = wire->end;
                    break;
                }
                wire->at = end - wire->buffer;
            }
            char c = wire->buffer[wire->at++];
            state = c == "\r\n.\r\n"[state] ? state + 1 : c == '\r';
            if (state == 5) return 1;
        }
    }
}

static void serve(struct wire *wire) {
    char line[4096], capabilities[128];
    reply(wire, "220 sink.bench.test ESMTP\r\n");
    while (wire_line(wire, line, sizeof line) >= 0) {
        if (!strncasecmp(line, "EHLO", 4)) {
            snprintf(capabilities, sizeof capabilities, "250-sink.bench.test\r\n250-PIPELINING\r\n%s250 8BITMIME\r\n",
                     context && !wire->ssl ? "250-STARTTLS\r\n" : wire->ssl ? "250-AUTH PLAIN\r\n" : "");
            reply(wire, capabilities);
        } else if (!strncasecmp(line, "STARTTLS", 8)) {
            reply(wire, "220 go\r\n");
            wire->ssl = SSL_new(context);
            SSL_set_fd(wire->ssl, wire->fd);
            if (SSL_accept(wire->ssl) != 1) return;
        } else if (!strncasecmp(line, "DATA", 4)) {
            reply(wire, "354 go\r\n");
            if (!skip_content(wire)) return;
            atomic_fetch_add(taken, 1);
            reply(wire, "250 taken\r\n");
        } else if (!strncasecmp(line, "QUIT", 4)) {
            reply(wire, "221 bye\r\n");
            return;
        } else {
            reply(wire, !strncasecmp(line, "AUTH", 4) ? "235 welcome\r\n" : "250 fine\r\n");
        }
    }
}

static void *worker(void *unused) {
    struct wire wire = {.buffer = malloc(WIRE_BUFFER)};
    for (;;) {
        wire.fd = accept(listener, NULL, NULL);
        if (wire.fd < 0) continue;
        int on = 1;
        setsockopt(wire.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        wire.ssl = NULL;
        wire.at = wire.end = 0;
        int usable = 1;
        if (o->tls == TLS_IMPLICIT) {
            wire.ssl = SSL_new(context);
            SSL_set_fd(wire.ssl, wire.fd);
            usable = SSL_accept(wire.ssl) == 1;
        }
        if (usable) serve(&wire);
        wire_close(&wire);
    }
    return unused;
}

/* A counter that bench/run reads from a file, so that asking costs the sink nothing. */
static void open_counter(void) {
    static atomic_long own;
    taken = &own;
    if (!o->counter) return;
    int fd = open(o->counter, O_RDWR | O_CREAT, 0644);
    if (fd < 0 || ftruncate(fd, sizeof(atomic_long))) fail("counter", o->counter);
    taken = mmap(NULL, sizeof(atomic_long), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

int run_sink(const struct options *options) {
    o = options;
    open_counter();
    if (o->certificate) {
        context = SSL_CTX_new(TLS_server_method());
        if (SSL_CTX_use_certificate_chain_file(context, o->certificate) != 1
            || SSL_CTX_use_PrivateKey_file(context, o->key, SSL_FILETYPE_PEM) != 1) fail("certificate", o->certificate);
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(o->port)};
    inet_pton(AF_INET, o->address, &address.sin_addr);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *) &address, sizeof address) || listen(listener, 1024)) fail("bind", strerror(errno));
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_t thread;
    for (int i = 1; i < o->sessions; i++) pthread_create(&thread, &small, worker, NULL);
    worker(NULL);
    return 0;
}
