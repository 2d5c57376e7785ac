package org.mailserv.app.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control socket of a running server: a Unix socket in the data folder that only its owner can open. A request is a verb and its arguments,
 * separated by tabs and ended by a line feed. The answer is text up to the end of the stream. The server handles a few requests at a time and
 * drops one that is not complete within ten seconds.
 */
public final class ControlSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlSocket.class);
    private static final int LONGEST_REQUEST = 1 << 20;
    private static final int AT_ONCE = 8;
    private static final int REQUEST_SECONDS = 10;

    /** A handler of requests. May block. */
    public interface Verb {
        String answer(List<String> arguments) throws StartupException;
    }

    private final Path path;
    private final Map<String, Verb> verbs;
    private final ServerSocketChannel server;
    private final ThreadPoolExecutor workers = new ThreadPoolExecutor(
            0, AT_ONCE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> daemon(task, "admin-request"));
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "admin-timer"));

    /** @param path in a folder that others may not enter; the lock of the data folder is held, so an old socket there is dead */
    public ControlSocket(Path path, Map<String, Verb> verbs) throws IOException {
        this.path = path;
        this.verbs = Map.copyOf(verbs);
        Files.deleteIfExists(path);
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        daemon(this::serve, "admin").start();
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    public static Path in(Path dataDir) {
        return dataDir.toAbsolutePath().resolve("admin.sock");
    }

    /** Returns whether a running server answers on the socket. */
    public static boolean isThere(Path dataDir) {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(in(dataDir)))) {
            return client.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private void serve() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                try {
                    workers.execute(() -> answer(client));
                } catch (RejectedExecutionException e) {
                    client.close();
                }
            } catch (IOException e) {
                LOG.debug("event=admin-connection-ended reason=\"{}\"", Failures.text(e));
            }
        }
    }

    private void answer(SocketChannel channel) {
        try (SocketChannel client = channel) {
            ScheduledFuture<?> cut = timer.schedule(() -> close(client), REQUEST_SECONDS, TimeUnit.SECONDS);
            List<String> words = Arrays.asList(readLine(client).split("\t", -1));
            cut.cancel(false);
            Verb verb = verbs.get(words.get(0));
            String answer = verb == null ? "failed: unknown request\n" : perform(words, verb);
            ByteBuffer text = ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8));
            while (text.hasRemaining()) {
                client.write(text);
            }
        } catch (IOException e) {
            LOG.debug("event=admin-connection-ended reason=\"{}\"", Failures.text(e));
        }
    }

    private static void close(SocketChannel client) {
        try {
            client.close();
        } catch (IOException e) {
            LOG.debug("event=admin-connection-ended reason=\"{}\"", Failures.text(e));
        }
    }

    private static String perform(List<String> words, Verb verb) {
        try {
            return verb.answer(words.subList(1, words.size()));
        } catch (StartupException e) {
            return "failed: " + Failures.text(e) + "\n";
        } catch (RuntimeException e) {
            LOG.error("event=admin-failed request={}", words.get(0), e);
            return "failed: " + Failures.text(e) + "\n";
        }
    }

    private static String readLine(SocketChannel client) throws IOException {
        ByteBuffer line = ByteBuffer.allocate(4096);
        while (client.read(line) >= 0) {
            if (line.position() > 0 && line.get(line.position() - 1) == '\n') {
                break;
            } else if (!line.hasRemaining()) {
                if (line.capacity() >= LONGEST_REQUEST) {
                    throw new IOException("a request of over " + LONGEST_REQUEST + " octets");
                }
                line = ByteBuffer.allocate(line.capacity() * 4).put(line.flip());
            }
        }
        return new String(line.array(), 0, line.position(), StandardCharsets.UTF_8).strip();
    }

    /** Sends a request to the running server and returns its answer. Blocks. */
    public static String ask(Path dataDir, String verb, List<String> arguments) throws StartupException {
        Path path = in(dataDir);
        List<String> words = new ArrayList<>(List.of(verb));
        words.addAll(arguments);
        StringBuilder answer = new StringBuilder();
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            ByteBuffer request = ByteBuffer.wrap((String.join("\t", words) + "\n").getBytes(StandardCharsets.UTF_8));
            while (request.hasRemaining()) {
                client.write(request);
            }
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(Channels.newInputStream(client), StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                answer.append(line).append('\n');
            }
            return answer.toString();
        } catch (IOException e) {
            throw new StartupException("no server answers at " + path + " (is it running, and by this user?)", e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        workers.shutdown();
        timer.shutdownNow();
        Files.deleteIfExists(path);
    }
}
