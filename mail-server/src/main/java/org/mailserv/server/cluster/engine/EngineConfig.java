package org.mailserv.server.cluster.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the connection to an engine.
 *
 * @param contactPoints addresses of some engine nodes, {@code host:port}; the others are learnt from them
 * @param datacenter the data centre of the engine that is used, all of whose nodes are
 * @param keyspace the keyspace of the tables; created if it does not exist
 * @param replicationFactor copies of each row, when the keyspace is created; with fewer, the server does not start
 * @param user user name for the engine, or null for none
 * @param password password of the user; null exactly if there is no user
 * @param tls true to use TLS, with certificates that are valid for the addresses of the nodes
 * @param caFile PEM file with the authorities that sign the nodes' certificates; null for those of the Java runtime
 * @param durability the promise of an engine node behind its answer
 * @param requestTimeout time after which a request without an answer counts as unknown
 * @param conditionalTimeout the same for a conditional write, which is not repeated
 * @param startTimeout time to wait at the start for an engine that does not answer
 * @param maxRequests requests that are under way at a time, over all engine nodes
 * @param maxWaiting requests that wait for one of those to end; further ones fail at once
 */
public record EngineConfig(
        List<String> contactPoints,
        String datacenter,
        String keyspace,
        int replicationFactor,
        @Nullable String user,
        @Nullable String password,
        boolean tls,
        @Nullable Path caFile,
        Durability durability,
        Duration requestTimeout,
        Duration conditionalTimeout,
        Duration startTimeout,
        int maxRequests,
        int maxWaiting) {

    /** The promise of an engine node behind its answer. */
    public enum Durability {
        /** Written and synced to its disk. */
        SYNCED,
        /** In its memory. Mail is lost if a quorum of engine nodes loses power at once. */
        REPLICATED
    }

    public EngineConfig {
        contactPoints = List.copyOf(contactPoints);
        for (String point : contactPoints) {
            requireAddress(point);
        }
        if (!keyspace.matches("[a-z][a-z0-9_]{0,47}")) {
            throw new IllegalArgumentException("keyspace: " + keyspace
                    + " (expected: at most 48 lower-case letters, digits and underscores, a letter first)");
        }
        if (!datacenter.matches("[A-Za-z0-9_.-]{1,48}")) {
            throw new IllegalArgumentException(
                    "datacenter: " + datacenter + " (expected: the name of a data centre: letters, digits, and . _ -)");
        }
        requirePositive("replicationFactor", replicationFactor);
        requirePositive("maxRequests", maxRequests);
        requirePositive("maxWaiting", maxWaiting);
        requirePositive("requestTimeout", requestTimeout.toMillis());
        requirePositive("conditionalTimeout", conditionalTimeout.toMillis());
        if ((user == null) != (password == null)) {
            throw new IllegalArgumentException(
                    (user == null ? "user" : "password") + ": missing (expected: both user and password, or neither)");
        }
    }

    /** Returns the defaults of {@code reference.conf} for an engine at some addresses. */
    public static EngineConfig of(List<String> contactPoints) {
        return new EngineConfig(
                contactPoints,
                "dc1",
                "mailserv",
                3,
                null,
                null,
                false,
                null,
                Durability.SYNCED,
                Duration.ofSeconds(5),
                Duration.ofSeconds(2),
                Duration.ofMinutes(2),
                1024,
                4096);
    }

    private static void requirePositive(String key, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + ": " + value + " (expected: at least 1)");
        }
    }

    private static void requireAddress(String point) {
        int colon = point.lastIndexOf(':');
        if (colon < 1 || !point.substring(colon + 1).matches("[0-9]{1,5}") || port(point) > 65_535) {
            throw new IllegalArgumentException(
                    "contactPoints: " + point + " (expected: host:port, such as 10.0.0.1:9042)");
        }
    }

    /** Returns the port of a contact point. */
    public static int port(String point) {
        return Integer.parseInt(point.substring(point.lastIndexOf(':') + 1));
    }

    /** Returns the host of a contact point, without the brackets of an IPv6 address. */
    public static String host(String point) {
        String host = point.substring(0, point.lastIndexOf(':'));
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }
}
