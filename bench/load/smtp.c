#include "load.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const struct options *o;
static SSL_CTX *context;
static struct times times;
static atomic_long next_message, handshakes, resumed;
static char *content;
static size_t content_size;
static double start;

static void expect(struct wire *wire, const char *command, char code) {
    char line[4096];
    if (command) wire_write(wire, command, strlen(command));
    do {
        if (wire_line(wire, line, sizeof line) < 0) fail(command ? command : "greeting", "connection closed");
    } while (line[3] == '-');
    if (line[0] != code) fail(command ? command : "greeting", line);
}

static void secure(struct wire *wire, SSL_SESSION **session) {
    wire_tls(wire, context, o->resume ? session : NULL);
    atomic_fetch_add(&handshakes, 1);
    if (SSL_session_reused(wire->ssl)) atomic_fetch_add(&resumed, 1);
}

static void open_session(struct wire *wire, SSL_SESSION **session) {
    wire_connect(wire, o);
    if (o->tls == TLS_IMPLICIT) secure(wire, session);
    expect(wire, NULL, '2');
    expect(wire, "EHLO client.bench.test\r\n", '2');
    if (o->tls == TLS_STARTTLS) {
        expect(wire, "STARTTLS\r\n", '2');
        secure(wire, session);
        expect(wire, "EHLO client.bench.test\r\n", '2');
    }
    if (o->user) {
        char plain[256], encoded[400], command[512];
        int size = snprintf(plain, sizeof plain, "%c%s%c%s", 0, o->user, 0, o->password);
        base64(plain, size, encoded);
        snprintf(command, sizeof command, "AUTH PLAIN %s\r\n", encoded);
        expect(wire, command, '2');
    }
}

static void send_message(struct wire *wire) {
    char command[1024];
    snprintf(command, sizeof command, "MAIL FROM:<%s>\r\n", o->from);
    expect(wire, command, '2');
    snprintf(command, sizeof command, "RCPT TO:<%s>\r\n", o->to);
    expect(wire, command, '2');
    expect(wire, "DATA\r\n", '3');
    wire_write(wire, content, content_size);
    expect(wire, NULL, '2');
}

static void *session(void *unused) {
    struct wire wire = {0};
    SSL_SESSION *ticket = NULL;
    int open = 0;
    for (long number; (number = atomic_fetch_add(&next_message, 1)) < o->messages;) {
        double begin = now();
        if (o->rate > 0) {
            /* What is late was due earlier: waiting for a thread is the server's latency too. */
            double due = start + number / o->rate, wait = due - begin;
            if (wait > 0) {
                struct timespec pause = {(time_t) wait, (long) ((wait - (time_t) wait) * 1e9)};
                nanosleep(&pause, NULL);
            }
            begin = due;
        }
        if (!open) open_session(&wire, &ticket);
        open = 1;
        send_message(&wire);
        times_add(&times, now() - begin);
        if (!o->kept) {
            expect(&wire, "QUIT\r\n", '2');
            wire_close(&wire);
            open = 0;
        }
    }
    if (open) {
        expect(&wire, "QUIT\r\n", '2');
        wire_close(&wire);
    }
    return unused;
}

/* A message of lines of 72 octets, or a file with CRLF line ends and dots already doubled. */
static void make_content(void) {
    static const char *head = "From: <%s>\r\nTo: <%s>\r\nSubject: load\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <load@bench.test>\r\n\r\n";
    static const char line[] = "0123456789012345678901234567890123456789012345678901234567890123456789\r\n";
    if (o->file) {
        int fd = open(o->file, O_RDONLY);
        struct stat status;
        if (fd < 0 || fstat(fd, &status)) fail("open", o->file);
        content = malloc(status.st_size + 4);
        content_size = read(fd, content, status.st_size);
        close(fd);
    } else {
        content = malloc(o->size + 1024);
        content_size = sprintf(content, head, o->from, o->to);
        while ((long) content_size < o->size) {
            memcpy(content + content_size, line, sizeof line - 1);
            content_size += sizeof line - 1;
        }
    }
    memcpy(content + content_size, ".\r\n", 3);
    content_size += 3;
}

int run_smtp(const struct options *options) {
    o = options;
    make_content();
    times_open(&times, o->messages);
    if (o->tls) context = client_context(o);
    pthread_t threads[o->sessions];
    start = now();
    for (int i = 0; i < o->sessions; i++) pthread_create(&threads[i], NULL, session, NULL);
    for (int i = 0; i < o->sessions; i++) pthread_join(threads[i], NULL);
    times_print(&times, now() - start, handshakes, resumed, o->latencies);
    return 0;
}

int run_idle(const struct options *options) {
    /* One loopback address offers some 28,000 ports; the next one is taken for each 20,000 sessions. */
    static const int per_address = 20000;
    o = options;
    for (long i = 0; i < o->messages; i++) {
        struct wire wire = {0};
        struct options each = *o;
        char address[32];
        snprintf(address, sizeof address, "127.0.0.%ld", 1 + i / per_address);
        each.address = address;
        wire_connect(&wire, &each);
        expect(&wire, NULL, '2');
        expect(&wire, "EHLO client.bench.test\r\n", '2');
        free(wire.buffer);
    }
    printf("{\"count\": %ld}\n", o->messages);
    fflush(stdout);
    char end;
    while (read(0, &end, 1) > 0) {}
    return 0;
}
