package org.mailserv.server.store.cql;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The tables and their versions. A migration adds tables and columns, and never takes away or changes what an older build uses: while a cluster
 * is upgraded, nodes of two builds work with the same tables.
 */
final class Schema {
    /** All migrations, in order. Only append to this list. */
    static final List<Migration> MIGRATIONS =
            List.of(new Migration(1, 1, Schema::version1), new Migration(2, 1, Schema::version2));

    private static final Duration DAY = Duration.ofDays(1);

    // A row that was deleted must not come back from a replica that missed the deletion: repair has to run within this
    // time. For rights and
    // hints it may be short, because their rows expire on each replica by themselves.
    private static final Duration QUEUE_GRACE = DAY;
    private static final Duration MAILBOX_GRACE = DAY.multipliedBy(3);
    private static final Duration GRACE = DAY.multipliedBy(10);
    private static final Duration EXPIRING_GRACE = Duration.ofHours(1);

    // A look must not wait for a replica that has just died.
    private static final String QUICK = "speculative_retry = '20ms'";

    private Schema() {}

    /**
     * One step from a version of the tables to the next.
     *
     * @param version the version behind this step
     * @param oldest the oldest build's version that can work with the tables then
     * @param tables makes the statements, each of which may be executed twice
     */
    record Migration(int version, int oldest, Function<Names, List<String>> tables) {}

    /**
     * Names within one keyspace.
     *
     * @param keyspace the keyspace
     * @param seed chosen once for a keyspace. The ids of its tables derive from it, so that a table is the same table whoever creates it.
     */
    record Names(String keyspace, String seed) {
        /** Returns a statement that creates a table. */
        String table(String name, String columns, Duration grace, String... options) {
            StringBuilder statement = new StringBuilder("CREATE TABLE IF NOT EXISTS ")
                    .append(keyspace)
                    .append('.')
                    .append(name)
                    .append(" (")
                    .append(columns)
                    .append(") WITH id = '")
                    .append(UUID.nameUUIDFromBytes((seed + '/' + name).getBytes(StandardCharsets.UTF_8)))
                    .append("' AND gc_grace_seconds = ")
                    .append(grace.toSeconds());
            for (String option : options) {
                statement.append(" AND ").append(option);
            }
            return statement.toString();
        }
    }

    private static List<String> version1(Names names) {
        return Stream.of(nodes(names), mail(names)).flatMap(List::stream).toList();
    }

    private static List<String> version2(Names names) {
        return List.of(hint(names, "peer_question"), hint(names, "peer_answer"));
    }

    private static List<String> nodes(Names names) {
        return List.of(
                names.table(
                        "run",
                        "node text, number bigint, beat bigint, state text, taker text, PRIMARY KEY ((node), number)",
                        GRACE,
                        QUICK),
                names.table("member", "cluster text, node text, door text, PRIMARY KEY ((cluster), node)", GRACE),
                names.table("fence", "run text PRIMARY KEY", GRACE, QUICK),
                names.table("shard", "shard int PRIMARY KEY, run text, epoch int", GRACE),
                lease(names, "maildrop_lock"),
                lease(names, "seat"),
                names.table(
                        "shared_file", "name text PRIMARY KEY, version bigint, content blob, deleted boolean", GRACE),
                hint(names, "lane_block"),
                hint(names, "greylist"),
                hint(names, "spent"),
                hint(names, "seat_wait"),
                hint(names, "shard_moved"));
    }

    private static List<String> mail(Names names) {
        return List.of(
                names.table("segment", "run text, segment int, PRIMARY KEY ((run), segment)", QUEUE_GRACE),
                names.table(
                        "fresh",
                        "run text, segment int, seq int, data blob, PRIMARY KEY ((run, segment), seq)",
                        QUEUE_GRACE),
                names.table("upload", "run text, body text, PRIMARY KEY ((run), body)", GRACE),
                names.table(
                        "body",
                        "body text, part int, size bigint static, head blob static, data blob, PRIMARY KEY ((body),"
                                + " part)",
                        GRACE),
                names.table("body_ref", "body text, ref text, PRIMARY KEY ((body), ref)", GRACE),
                names.table(
                        "mailbox",
                        "mailbox text, folder text, arrived bigint, id text, octets bigint, body text, uid text,"
                                + " PRIMARY KEY ((mailbox, folder), arrived, id)",
                        MAILBOX_GRACE),
                names.table(
                        "deletion",
                        "mailbox text, list_id text, part int, data blob, PRIMARY KEY ((mailbox), list_id, part)",
                        MAILBOX_GRACE),
                names.table(
                        "queue",
                        "shard int, id text, envelope blob, body text, octets bigint, state blob, PRIMARY KEY"
                                + " ((shard), id)",
                        QUEUE_GRACE),
                names.table(
                        "moved",
                        "shard int, minute bigint, id text, PRIMARY KEY ((shard, minute), id)",
                        EXPIRING_GRACE));
    }

    private static String lease(Names names, String table) {
        return names.table(
                table,
                "resource text, number int, holder text, PRIMARY KEY ((resource), number)",
                EXPIRING_GRACE,
                QUICK);
    }

    private static String hint(Names names, String table) {
        return names.table(table, "key text, name text, value text, PRIMARY KEY ((key), name)", EXPIRING_GRACE);
    }
}
