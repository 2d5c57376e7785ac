package org.mailserv.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that takes all mail, remembers it, and counts its connections. It can hang in the middle of a session. */
final class SmtpSink implements AutoCloseable {
    private final ServerSocket listener;
    private final List<String> received = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private boolean hanging;
    private volatile String refusal = "";

    SmtpSink(String address) throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getByName(address));
        daemon(this::accept);
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "sink");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    /** From now on only QUIT and RSET get an answer. What came meanwhile is answered when this is taken back. */
    synchronized void hang(boolean now) {
        hanging = now;
        notifyAll();
    }

    private synchronized void awaitGo(String command) throws InterruptedIOException {
        try {
            while (hanging && !command.equals("QUIT") && !command.equals("RSET")) {
                wait();
            }
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }

    /** From now on recipients get a reply, or are taken again if it is empty. */
    void refuse(String reply) {
        refusal = reply;
    }

    /** The messages that were taken, in their order; lines end in LF. */
    List<String> received() {
        return received;
    }

    /** How many of them have a text in them. */
    long count(String text) {
        return received.stream().filter(message -> message.contains(text)).count();
    }

    /** The connections that were open at the same time, at most. */
    int mostOpen() {
        return most.get();
    }

    int open() {
        return open.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                most.accumulateAndGet(open.incrementAndGet(), Math::max);
                daemon(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
            say(socket, "220 sink.test ESMTP");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String command = line.split(" ", 2)[0].toUpperCase(Locale.ROOT);
                awaitGo(command);
                if (command.equals("DATA")) {
                    say(socket, "354 go on");
                    received.add(body(in));
                    say(socket, "250 2.0.0 taken");
                } else if (command.equals("QUIT")) {
                    say(socket, "221 bye");
                    return;
                } else if (command.equals("RCPT") && !refusal.isEmpty()) {
                    say(socket, refusal);
                } else {
                    say(socket, "250 ok");
                }
            }
        } catch (IOException e) {
            // The client is gone, which is what the tests do to it.
        } finally {
            open.decrementAndGet();
        }
    }

    private static String body(BufferedReader in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line = in.readLine(); !".".equals(line); line = in.readLine()) {
            if (line == null) {
                throw new IOException("the message ends early");
            }
            text.append(line.startsWith(".") ? line.substring(1) : line).append('\n');
        }
        return text.toString();
    }

    private static void say(Socket socket, String line) throws IOException {
        socket.getOutputStream().write((line + "\r\n").getBytes(ISO_8859_1));
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
