package org.mailserv.server.check.milter;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A filter that says what a test wants: answers by command, {@code c} for all others. */
final class FakeMilter implements AutoCloseable {
    final List<String> seen = new CopyOnWriteArrayList<>();
    final AtomicInteger connections = new AtomicInteger();
    private final ServerSocket socket;
    private final Thread acceptor;
    private final Map<Character, List<String>> answers;

    /** @param answers packets for a command, the code first; an empty list for silence */
    FakeMilter(Map<Character, List<String>> answers) throws IOException {
        this.answers = answers;
        this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        acceptor = new Thread(this::accept, "fake-milter");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    int port() {
        return socket.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = socket.accept();
                connections.incrementAndGet();
                Thread thread = new Thread(() -> serve(client), "fake-milter-session");
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket client) {
        try (client) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            while (true) {
                byte[] packet = new byte[in.readInt()];
                in.readFully(packet);
                char code = (char) packet[0];
                String text = new String(packet, StandardCharsets.ISO_8859_1);
                if (code == 'O') {
                    send(
                            out,
                            answers.getOrDefault('O', List.of("O\0\0\0\6\0\0\0\21\0\0\0\0"))
                                    .get(0));
                } else if (code == 'D') {
                    seen.add(text.replace('\0', '|'));
                } else if (code == 'Q') {
                    return;
                } else if (code != 'K') {
                    seen.add(text.replace('\0', '|'));
                    for (String answer : answers.getOrDefault(code, List.of("c"))) {
                        send(out, answer);
                    }
                }
            }
        } catch (IOException e) {
            // The other side is gone.
        }
    }

    private static void send(DataOutputStream out, String packet) throws IOException {
        byte[] octets = packet.getBytes(StandardCharsets.ISO_8859_1);
        out.writeInt(octets.length);
        out.write(octets);
        out.flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
        // An accept that is under way may still take one more connection after the socket is closed.
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
