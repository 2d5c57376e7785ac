package org.mailserv.server.store.cql.testing;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/** One or more engine nodes on loopback addresses that form one cluster, each in a rack of its own of data centre {@code dc1}. */
public final class CassandraCluster implements AutoCloseable {
    public static final String DATACENTER = "dc1";

    private static final int FIRST_ADDRESS = 21;
    // Below the range from which the system takes ports of outgoing connections.
    private static final int LOWEST_PORT = 20_000;
    private static final int PORTS = 12_000;

    private final List<CassandraNode> nodes = new ArrayList<>();

    private CassandraCluster() {}

    /** How nodes are set up. */
    public record Setup(int nodes, String heap, String commitLogSync, boolean login, String tls) {
        /** Returns nodes that sync before they answer, without TLS and login. */
        public static Setup of(int nodes) {
            return new Setup(nodes, "512M", "commitlog_sync: group\ncommitlog_sync_group_window: 5ms", false, "");
        }

        /** Returns the same nodes with Cassandra's default, which syncs some time after the answer. */
        public Setup periodic() {
            return new Setup(nodes, heap, "commitlog_sync: periodic\ncommitlog_sync_period: 10000ms", login, tls);
        }

        /** Returns the same nodes with login, {@code cassandra} and {@code cassandra} at first, and with TLS of a key store. */
        public Setup secured(Path keyStore, String password) {
            return new Setup(nodes, heap, commitLogSync, true, """
                client_encryption_options: {enabled: true, optional: false, keystore: "%s", keystore_password: "%s",
                  store_type: PKCS12, require_client_auth: false}
                """.formatted(keyStore, password));
        }
    }

    /**
     * Starts a cluster and waits until each node accepts clients. Skips the test where the jars of the engine are missing.
     *
     * @param folder for data and logs
     */
    public static CassandraCluster start(Path folder, Setup setup) throws IOException, InterruptedException {
        CassandraJars.assumeThere();
        CassandraCluster cluster = new CassandraCluster();
        try {
            int[] ports = freePorts(setup.nodes());
            String seeds = addresses(setup.nodes()).stream()
                    .map(address -> address + ":" + ports[0])
                    .collect(Collectors.joining(","));
            for (int i = 0; i < setup.nodes(); i++) {
                Map<String, String> settings = new HashMap<>();
                settings.put("ADDRESS", addresses(setup.nodes()).get(i));
                settings.put("TOKEN", token(i, setup.nodes()));
                settings.put("SEEDS", seeds);
                settings.put("STORAGE_PORT", Integer.toString(ports[0]));
                settings.put("SSL_STORAGE_PORT", Integer.toString(ports[1]));
                settings.put("PORT", Integer.toString(ports[2]));
                settings.put("COMMITLOG_SYNC", setup.commitLogSync());
                settings.put("AUTHENTICATOR", setup.login() ? "PasswordAuthenticator" : "AllowAllAuthenticator");
                settings.put("AUTHORIZER", setup.login() ? "CassandraAuthorizer" : "AllowAllAuthorizer");
                settings.put("TLS", setup.tls());
                cluster.nodes.add(new CassandraNode(i + 1, folder.resolve("n" + (i + 1)), settings, setup.heap()));
            }
            Runtime.getRuntime().addShutdownHook(new Thread(cluster::close));
            for (CassandraNode node : cluster.nodes) {
                node.start();
            }
            for (CassandraNode node : cluster.nodes) {
                node.awaitReady();
            }
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** Returns a node, numbered from 0. */
    public CassandraNode node(int index) {
        return nodes.get(index);
    }

    /** Returns the addresses for clients, {@code host:port} of each node. */
    public List<String> contactPoints() {
        return nodes.stream().map(CassandraNode::contactPoint).toList();
    }

    @Override
    public void close() {
        nodes.forEach(CassandraNode::close);
    }

    private static List<String> addresses(int nodes) {
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            addresses.add("127.0.0." + (FIRST_ADDRESS + i));
        }
        return addresses;
    }

    /** Divides the ring evenly, so that three nodes need not negotiate. */
    private static String token(int index, int nodes) {
        return BigInteger.ONE
                .shiftLeft(64)
                .divide(BigInteger.valueOf(nodes))
                .multiply(BigInteger.valueOf(index))
                .subtract(BigInteger.ONE.shiftLeft(63))
                .toString();
    }

    /** Returns three ports that are free on all addresses. */
    private static int[] freePorts(int nodes) throws IOException {
        Random random = new Random();
        int[] ports = new int[3];
        for (int i = 0; i < ports.length; ) {
            int port = LOWEST_PORT + random.nextInt(PORTS);
            boolean free = true;
            for (String address : addresses(nodes)) {
                try (ServerSocket socket = new ServerSocket()) {
                    socket.bind(new InetSocketAddress(address, port));
                } catch (IOException e) {
                    free = false;
                }
            }
            if (free) {
                ports[i++] = port;
            }
        }
        return ports;
    }
}
