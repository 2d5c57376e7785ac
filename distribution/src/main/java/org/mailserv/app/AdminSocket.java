package org.mailserv.app;

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
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door for {@code mailserv reload}, {@code stop} and {@code sessions}: a Unix socket in the data folder, which only its owner can open. A
 * request is one word and a line end; the answer is text up to the end of the stream. One request at a time, on a thread of its own.
 */
final class AdminSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminSocket.class);
    private static final int LONGEST_REQUEST = 1_000;

    private final Path path;
    private final Map<String, Supplier<String>> verbs;
    private final ServerSocketChannel server;

    /** @param path in a folder that others may not enter; the lock of the data folder is held, so an old socket there is dead */
    AdminSocket(Path path, Map<String, Supplier<String>> verbs) throws IOException {
        this.path = path;
        this.verbs = Map.copyOf(verbs);
        Files.deleteIfExists(path);
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        Thread thread = new Thread(this::serve, "admin");
        thread.setDaemon(true);
        thread.start();
    }

    static Path in(Path dataDir) {
        return dataDir.toAbsolutePath().resolve("admin.sock");
    }

    private void serve() {
        while (server.isOpen()) {
            try (SocketChannel client = server.accept()) {
                answer(client);
            } catch (IOException e) {
                LOG.debug("event=admin-connection-ended reason={}", e.toString());
            }
        }
    }

    private void answer(SocketChannel client) throws IOException {
        String verb = readLine(client);
        Supplier<String> action = verbs.get(verb);
        String answer = action == null ? "unknown request\n" : perform(verb, action);
        ByteBuffer text = ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8));
        while (text.hasRemaining()) {
            client.write(text);
        }
    }

    private static String perform(String verb, Supplier<String> action) {
        try {
            return action.get();
        } catch (RuntimeException e) {
            LOG.error("event=admin-failed request={}", verb, e);
            return "failed: " + e.getMessage() + "\n";
        }
    }

    private static String readLine(SocketChannel client) throws IOException {
        ByteBuffer line = ByteBuffer.allocate(LONGEST_REQUEST);
        while (line.hasRemaining() && client.read(line) >= 0) {
            if (line.position() > 0 && line.get(line.position() - 1) == '\n') {
                break;
            }
        }
        return new String(line.array(), 0, line.position(), StandardCharsets.UTF_8).strip();
    }

    /** Asks a running server. Blocks until it has answered. */
    static String ask(Path dataDir, String verb) throws StartupException {
        Path path = in(dataDir);
        StringBuilder answer = new StringBuilder();
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            client.write(ByteBuffer.wrap((verb + "\n").getBytes(StandardCharsets.UTF_8)));
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
        Files.deleteIfExists(path);
    }
}
