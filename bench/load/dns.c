/* A DNS server on UDP that answers from a file of lines NAME TYPE VALUE, and says NXDOMAIN for every other name. */
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

struct record { char name[256], value[2048]; int type; };
static struct record *records;
static int record_count;

static const struct { const char *name; int type; } types[] = {{"A", 1}, {"MX", 15}, {"TXT", 16}, {"PTR", 12}, {"AAAA", 28}};

static void read_zone(const char *path) {
    FILE *file = fopen(path, "r");
    char line[3000], name[256], type[16];
    if (!file) fail("open", path);
    records = calloc(1000, sizeof *records);
    while (fgets(line, sizeof line, file) && record_count < 1000) {
        int at;
        line[strcspn(line, "\n")] = 0;
        if (sscanf(line, "%255s %15s %n", name, type, &at) < 2) continue;
        struct record *record = &records[record_count++];
        strcpy(record->name, name);
        snprintf(record->value, sizeof record->value, "%s", line + at);
        for (size_t i = 0; i < sizeof types / sizeof *types; i++) if (!strcmp(type, types[i].name)) record->type = types[i].type;
    }
    fclose(file);
}

static int put_name(unsigned char *out, const char *name) {
    unsigned char *at = out;
    while (*name) {
        int length = (int) strcspn(name, ".");
        *at++ = length;
        memcpy(at, name, length);
        at += length;
        name += length + (name[length] == '.');
    }
    *at++ = 0;
    return (int) (at - out);
}

static int put_value(unsigned char *out, const struct record *record) {
    if (record->type == 1) return inet_pton(AF_INET, record->value, out) * 4;
    if (record->type == 28) return inet_pton(AF_INET6, record->value, out) * 16;
    if (record->type == 15) {
        out[0] = 0, out[1] = 10;
        return 2 + put_name(out + 2, record->value);
    }
    if (record->type == 12) return put_name(out, record->value);
    unsigned char *at = out;
    for (const char *text = record->value; *text;) {
        int length = (int) strnlen(text, 255);
        *at++ = length;
        memcpy(at, text, length);
        at += length;
        text += length;
    }
    return (int) (at - out);
}

/* Turns the query into its answer in place; returns the answer's size, or 0 for what is no query. */
static int answer(unsigned char *packet, int size) {
    char name[256] = "";
    int at = 12;
    if (size < 17) return 0;
    while (at < size && packet[at] && at + packet[at] + 1 < size) {
        if (strlen(name) + packet[at] + 2 > sizeof name) return 0;
        if (*name) strcat(name, ".");
        strncat(name, (char *) packet + at + 1, packet[at]);
        at += packet[at] + 1;
    }
    int type = packet[at + 1] << 8 | packet[at + 2], end = at + 5, answers = 0, known = 0;
    for (int i = 0; i < record_count; i++) {
        if (strcasecmp(name, records[i].name)) continue;
        known = 1;
        if (records[i].type != type) continue;
        static const unsigned char pointer[] = {0xc0, 12};
        memcpy(packet + end, pointer, 2);
        unsigned char *field = packet + end + 2;
        field[0] = 0, field[1] = type, field[2] = 0, field[3] = 1, field[4] = field[5] = 0, field[6] = 14, field[7] = 16;
        int length = put_value(field + 10, &records[i]);
        field[8] = length >> 8, field[9] = length & 255;
        end += 12 + length;
        answers++;
    }
    packet[2] = 0x81 | (packet[2] & 0x78);
    packet[3] = 0x80 | (known ? 0 : 3);
    packet[6] = 0, packet[7] = answers;
    memset(packet + 8, 0, 4);
    return end;
}

int run_dns(const struct options *o) {
    read_zone(o->file);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(o->port)}, client;
    inet_pton(AF_INET, o->address, &address.sin_addr);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(fd, (struct sockaddr *) &address, sizeof address)) fail("bind", strerror(errno));
    static unsigned char packet[65536];
    for (;;) {
        socklen_t length = sizeof client;
        int size = (int) recvfrom(fd, packet, 4096, 0, (struct sockaddr *) &client, &length);
        size = size > 0 ? answer(packet, size) : 0;
        if (size) sendto(fd, packet, size, 0, (struct sockaddr *) &client, length);
    }
}
