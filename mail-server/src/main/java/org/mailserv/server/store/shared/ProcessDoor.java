package org.mailserv.server.store.shared;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.ClusterNode;
import org.mailserv.server.cluster.HolderProof;
import org.mailserv.server.cluster.table.RunTable;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port that is open as long as this process lives, and the proof that the process of another node has ended: its machine refuses the
 * connection. A paused process does not refuse, because its machine accepts in its name, and a machine that is off does not answer. Whoever
 * connects is disconnected; nothing is read or said.
 */
final class ProcessDoor implements HolderProof, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessDoor.class);
    private static final int PATIENCE_MILLIS = 1000;

    private final String process = QueueId.random().toString();
    private final ServerSocket socket;
    private final String text;
    private final Executor blocking;
    private final Supplier<@Nullable ClusterNode> node;

    /**
     * Opens the port.
     *
     * @param address the address of this machine at which other nodes reach it
     * @param blocking runs connection attempts
     * @param node the node of this process, null before its start
     */
    ProcessDoor(InetAddress address, Executor blocking, Supplier<@Nullable ClusterNode> node) throws IOException {
        this.blocking = blocking;
        this.node = node;
        socket = new ServerSocket(0, 50, address);
        text = process + "@" + address.getHostAddress() + ":" + socket.getLocalPort();
        Thread thread = new Thread(this::accept, "cluster-door");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                socket.accept().close();
            } catch (IOException e) {
                LOG.debug("event=cluster-door-failed reason=\"{}\"", Failures.text(e));
            }
        }
    }

    /** Returns the name of this process. */
    String process() {
        return process;
    }

    /** Returns the name and the address as others see them. */
    String text() {
        return text;
    }

    @Override
    public CompletionStage<Boolean> hasEnded(String name, String holder) {
        ClusterNode self = node.get();
        Optional<String> door = self == null ? Optional.empty() : door(self.members(), name);
        if (self == null || door.isEmpty() || door.get().indexOf('@') < 0) {
            return CompletableFuture.completedFuture(false);
        } else if (!door.get().startsWith(holder + "@")) {
            // A node begins only after its former process has ended: both have the lock of one data folder.
            return CompletableFuture.completedFuture(self.lives(name));
        } else if (self.lives(name)) {
            return CompletableFuture.completedFuture(false);
        }
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        try {
            blocking.execute(() -> ended.complete(isRefused(door.get())));
        } catch (RejectedExecutionException e) {
            ended.complete(false);
        }
        return ended;
    }

    private static Optional<String> door(List<RunTable.Member> members, String name) {
        return members.stream()
                .filter(member -> member.node().equals(name))
                .map(RunTable.Member::door)
                .findFirst();
    }

    private static boolean isRefused(String door) {
        String address = door.substring(door.indexOf('@') + 1);
        int colon = address.lastIndexOf(':');
        try (Socket probe = new Socket()) {
            InetAddress host = InetAddress.getByName(address.substring(0, colon));
            probe.connect(new InetSocketAddress(host, Integer.parseInt(address.substring(colon + 1))), PATIENCE_MILLIS);
            return false;
        } catch (ConnectException e) {
            // Other failures of the way there are no answer of the machine.
            return Failures.text(e).toLowerCase(Locale.ROOT).contains("refused");
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("event=cluster-door-not-closed reason=\"{}\"", Failures.text(e));
        }
    }
}
