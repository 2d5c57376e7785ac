#include "load.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct options *o;
static SSL_CTX *context;
static struct times times;
static atomic_long next_login, handshakes, resumed;

static void expect(struct wire *wire, const char *command, char *line, size_t size) {
    if (command) wire_write(wire, command, strlen(command));
    if (wire_line(wire, line, size) < 0) fail(command ? command : "greeting", "connection closed");
    if (line[0] != '+') fail(command ? command : "greeting", line);
}

/* The part of SCRAM that depends on nothing but password, salt and count is computed once, as programs do that keep it. */
struct salted { unsigned char key[32]; char salt[256]; int count; };

static void scram(struct wire *wire, const char *user, struct salted *salted) {
    static atomic_long serial;
    char first[256], line[2048], server[1024], text[1024], bare[2048], message[4096];
    snprintf(text, sizeof text, "n=%s,r=load%ld", user, atomic_fetch_add(&serial, 1));
    snprintf(first, sizeof first, "n,,%s", text);
    base64(first, strlen(first), message);
    snprintf(line, sizeof line, "AUTH SCRAM-SHA-256 %s\r\n", message);
    expect(wire, line, line, sizeof line);
    int size = EVP_DecodeBlock((unsigned char *) server, (unsigned char *) line + 2, (int) strlen(line + 2));
    for (size_t i = strlen(line); line[i - 1] == '='; i--) size--;
    server[size] = 0;
    char *salt = strstr(server, ",s=") + 3, *count = strstr(server, ",i=") + 3;
    char encoded[256];
    snprintf(encoded, sizeof encoded, "%.*s", (int) (strchr(salt, ',') - salt), salt);
    if (strcmp(encoded, salted->salt)) {
        unsigned char octets[256];
        int length = EVP_DecodeBlock(octets, (unsigned char *) encoded, (int) strlen(encoded));
        for (size_t i = strlen(encoded); encoded[i - 1] == '='; i--) length--;
        PKCS5_PBKDF2_HMAC(o->password, -1, octets, length, atoi(count), EVP_sha256(), 32, salted->key);
        strcpy(salted->salt, encoded);
    }
    snprintf(bare, sizeof bare, "c=biws,r=%.*s", (int) (strchr(server, ',') - server - 2), server + 2);
    snprintf(message, sizeof message, "%s,%s,%s", text, server, bare);
    unsigned char client[32], stored[32], signature[32];
    HMAC(EVP_sha256(), salted->key, 32, (unsigned char *) "Client Key", 10, client, NULL);
    EVP_Digest(client, 32, stored, NULL, EVP_sha256(), NULL);
    HMAC(EVP_sha256(), stored, 32, (unsigned char *) message, strlen(message), signature, NULL);
    for (int i = 0; i < 32; i++) client[i] ^= signature[i];
    char proof[64];
    base64(client, 32, proof);
    snprintf(message, sizeof message, "%s,p=%s", bare, proof);
    base64(message, strlen(message), line);
    strcat(line, "\r\n");
    expect(wire, line, line, sizeof line);
    if (line[1] == ' ') expect(wire, "\r\n", line, sizeof line);
}

static void log_in(struct wire *wire, const char *user, SSL_SESSION **session, struct salted *salted) {
    char line[1024], command[512];
    wire_connect(wire, o);
    if (o->tls == TLS_IMPLICIT) {
        wire_tls(wire, context, o->resume ? session : NULL);
        atomic_fetch_add(&handshakes, 1);
        if (SSL_session_reused(wire->ssl)) atomic_fetch_add(&resumed, 1);
    }
    expect(wire, NULL, line, sizeof line);
    if (!strcmp(o->mechanism, "scram")) {
        scram(wire, user, salted);
        return;
    }
    snprintf(command, sizeof command, "USER %s\r\n", user);
    expect(wire, command, line, sizeof line);
    snprintf(command, sizeof command, "PASS %s\r\n", o->password);
    expect(wire, command, line, sizeof line);
}

static void *session(void *number) {
    struct wire wire = {0};
    struct salted salted = {0};
    SSL_SESSION *ticket = NULL;
    char user[256], line[512];
    snprintf(user, sizeof user, o->user, (int) (long) number);
    while (atomic_fetch_add(&next_login, 1) < o->messages) {
        double begin = now();
        log_in(&wire, user, &ticket, &salted);
        expect(&wire, "STAT\r\n", line, sizeof line);
        expect(&wire, "QUIT\r\n", line, sizeof line);
        wire_close(&wire);
        times_add(&times, now() - begin);
    }
    return NULL;
}

int run_pop3(const struct options *options) {
    o = options;
    times_open(&times, o->messages);
    if (o->tls) context = client_context(o);
    pthread_t threads[o->sessions];
    double start = now();
    for (long i = 0; i < o->sessions; i++) pthread_create(&threads[i], NULL, session, (void *) i);
    for (int i = 0; i < o->sessions; i++) pthread_join(threads[i], NULL);
    times_print(&times, now() - start, handshakes, resumed, o->latencies);
    return 0;
}

static long skip_body(struct wire *wire) {
    long octets = 0;
    int state = 2; /* how much of CRLF . CRLF was seen; a line has just begun */
    for (;;) {
        if (wire->at == wire->end && wire_read(wire) <= 0) fail("body", "connection closed");
        /* Nothing was asked for after this body, so its end is the end of what has come. */
        size_t have = wire->end - wire->at;
        octets += have;
        const char *last = wire->buffer + wire->end;
        if (have >= 5) {
            state = !memcmp(last - 5, "\r\n.\r\n", 5) ? 5 : 0;
            for (int kept = 4; !state && kept > 0; kept--)
                if (!memcmp(last - kept, "\r\n.\r", kept)) state = kept;
        } else {
            for (; wire->at < wire->end; wire->at++) {
                char c = wire->buffer[wire->at];
                state = c == "\r\n.\r\n"[state] ? state + 1 : c == '\r';
            }
        }
        wire->at = wire->end;
        if (state == 5) return octets;
    }
}

int run_retrieve(const struct options *options) {
    o = options;
    times_open(&times, 1 << 20);
    struct wire wire = {0};
    char line[512];
    long octets = 0, done = 0;
    double start = now(), list = 0;
    for (long time = 0; time < o->messages; time++) {
        double begin = now();
        log_in(&wire, o->user, NULL, NULL);
        expect(&wire, "STAT\r\n", line, sizeof line);
        int count = atoi(line + 4);
        expect(&wire, "UIDL\r\n", line, sizeof line);
        skip_body(&wire);
        expect(&wire, "LIST\r\n", line, sizeof line);
        skip_body(&wire);
        list = now() - begin;
        for (int i = 1; i <= count && !o->kept; i++, done++) {
            double asked = now();
            char command[32];
            snprintf(command, sizeof command, "RETR %d\r\n", i);
            expect(&wire, command, line, sizeof line);
            octets += skip_body(&wire);
            times_add(&times, now() - asked);
        }
        expect(&wire, "QUIT\r\n", line, sizeof line);
        wire_close(&wire);
    }
    printf("{\"count\": %ld, \"octets\": %ld, \"seconds\": %.6f, \"list\": %.6f}\n", done, octets, now() - start, list);
    return 0;
}
