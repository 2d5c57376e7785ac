#include "load.h"
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *usage =
    "load MODE [options]\n"
    "  smtp      sends messages              -p PORT -s SESSIONS -m MESSAGES -l OCTETS -f FROM -t TO [-k] [-F FILE] [-r RATE]\n"
    "  pop3      login, STAT, QUIT           -p PORT -s SESSIONS -m LOGINS -u USER (%d: number of the session) -w PASSWORD\n"
    "  retrieve  RETR of a whole mailbox     -p PORT -m TIMES -u USER -w PASSWORD\n"
    "  sink      takes mail and drops it     -p PORT -s THREADS [-c CERTIFICATE -K KEY] [-C COUNTER_FILE]\n"
    "  dns       answers from a file         -p PORT -F FILE (lines: NAME TYPE VALUE)\n"
    "  disk      writes and syncs files      -F FOLDER -s THREADS -m FILES -l OCTETS\n"
    "  idle      opens sessions and holds them until standard input ends  -p PORT -m SESSIONS\n"
    "-T starttls|tls uses TLS 1.3, -R resumes sessions, -u and -w log in (-M plain|scram), -k keeps connections,\n"
    "-r sends by a schedule: latency counts from the time at which a message was due.\n";

void fail(const char *what, const char *detail) {
    fprintf(stderr, "load: %s: %s\n", what, detail);
    exit(1);
}

int main(int argc, char **argv) {
    static const struct { const char *name; int (*run)(const struct options *); } modes[] = {
        {"smtp", run_smtp}, {"pop3", run_pop3}, {"retrieve", run_retrieve}, {"sink", run_sink},
        {"dns", run_dns},   {"disk", run_disk}, {"idle", run_idle}};
    struct options o = {.sessions = 10, .messages = 1, .size = 10240, .from = "sender@example.net", .address = "127.0.0.1",
                        .to = "user@bench.test", .mechanism = "plain"};
    if (argc < 2) fail("usage", usage);
    signal(SIGPIPE, SIG_IGN);
    optind = 2;
    for (int c; (c = getopt(argc, argv, "A:p:s:m:l:f:t:kF:r:T:Ru:w:M:c:K:C:L:")) != -1;) {
        switch (c) {
            case 'A': o.address = optarg; break;
            case 'p': o.port = atoi(optarg); break;
            case 's': o.sessions = atoi(optarg); break;
            case 'm': o.messages = atol(optarg); break;
            case 'l': o.size = atol(optarg); break;
            case 'f': o.from = optarg; break;
            case 't': o.to = optarg; break;
            case 'k': o.kept = 1; break;
            case 'F': o.file = optarg; break;
            case 'r': o.rate = atof(optarg); break;
            case 'T': o.tls = strcmp(optarg, "tls") ? TLS_STARTTLS : TLS_IMPLICIT; break;
            case 'R': o.resume = 1; break;
            case 'u': o.user = optarg; break;
            case 'w': o.password = optarg; break;
            case 'M': o.mechanism = optarg; break;
            case 'c': o.certificate = optarg; break;
            case 'K': o.key = optarg; break;
            case 'C': o.counter = optarg; break;
            case 'L': o.latencies = optarg; break;
            default: fail("usage", usage);
        }
    }
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (!strcmp(argv[1], modes[i].name)) return modes[i].run(&o);
    }
    fail("unknown mode", usage);
}
