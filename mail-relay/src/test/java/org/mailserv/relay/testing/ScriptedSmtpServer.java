package org.mailserv.relay.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A strict SMTP server on loopback that does what a script says at each stage, and the right thing where it says nothing. What a client
 * must not do is a violation, which tests look at.
 */
public final class ScriptedSmtpServer implements AutoCloseable {
    /** Where a script can step in. */
    public enum Stage {
        GREETING,
        HELLO,
        MAIL,
        RCPT,
        DATA,
        CONTENT,
        END,
        RSET,
        QUIT
    }

    /** What a script says to a stage: the reply, or something worse. */
    public interface Script {
        /**
         * @param line the command, or the whole message at END
         * @return the reply; null for the right one; one of the constants below
         */
        String reply(Stage stage, String line, int connection);
    }

    /** Closes the connection. */
    public static final String DISCONNECT = "!disconnect";
    /** Says nothing any more. */
    public static final String SILENCE = "!silence";
    /** Says the right thing, an octet at a time. */
    public static final String SLOW = "!slow";

    /** Before a reply at END: says it, and closes the connection whatever has come behind the message. */
    public static final String THEN_CLOSE = "!then-close ";
    /** An extension that is not said: whoever sends a command before the reply to MAIL is never answered. */
    public static final String HANGS_ON_PIPELINING = "!hangs-on-pipelining";

    /** An extension that is not said: after a BDAT that failed, the transaction stays open with its sender and recipients. */
    public static final String KEEPS_TRANSACTION = "!keeps-transaction";

    /** A message that was taken. */
    public record Received(String mail, List<String> rcpts, String text, int connection, boolean bdat) {}

    private final ServerSocket listener;
    private final Thread acceptor;
    private final Set<String> extensions = new LinkedHashSet<>();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Script script = (stage, line, connection) -> null;

    public ScriptedSmtpServer(String address, String... extensions) throws IOException {
        this(address, 0, extensions);
    }

    public ScriptedSmtpServer(String address, int port, String... extensions) throws IOException {
        this.extensions.addAll(List.of(extensions));
        listener = new ServerSocket();
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress(InetAddress.getByName(address), port), 200);
        acceptor = start(this::accept, "scripted-smtp");
    }

    public ScriptedSmtpServer script(Script now) {
        script = now;
        return this;
    }

    public int port() {
        return listener.getLocalPort();
    }

    public List<Received> received() {
        return received;
    }

    public List<String> violations() {
        return violations;
    }

    /** Commands in the order in which they came. */
    public List<String> commands() {
        return commands;
    }

    public int connections() {
        return connections.get();
    }

    public int mostOpen() {
        return mostOpen.get();
    }

    private static Thread start(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                sockets.add(socket);
                int number = connections.incrementAndGet();
                start(() -> serve(socket, number), "scripted-smtp-" + number);
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket, int number) {
        mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
        try (socket) {
            socket.setTcpNoDelay(true);
            new Talk(socket, number).run();
        } catch (Gone e) {
            // As the script said.
        } catch (IOException e) {
            // The client is gone: its right.
        } finally {
            open.decrementAndGet();
        }
    }

    private static final class Gone extends IOException {
        private static final long serialVersionUID = 1;
    }

    /** One session. */
    private final class Talk {
        private final InputStream in;
        private final OutputStream out;
        private final Socket socket;
        private final int number;
        private String mail;
        private final List<String> rcpts = new ArrayList<>();
        private boolean rcptSeen;
        private boolean bdatFailed;

        Talk(Socket socket, int number) throws IOException {
            this.in = new BufferedInputStream(socket.getInputStream(), 65536);
            this.out = socket.getOutputStream();
            this.socket = socket;
            this.number = number;
        }

        private boolean say(Stage stage, String line, String right) throws IOException {
            String said = script.reply(stage, line, number);
            if (DISCONNECT.equals(said)) {
                throw new Gone();
            } else if (SILENCE.equals(said)) {
                await();
            } else if (SLOW.equals(said)) {
                for (byte octet : (right + "\r\n").getBytes(StandardCharsets.UTF_8)) {
                    out.write(octet);
                    out.flush();
                    Thread.yield();
                }
                return right.startsWith("2") || right.startsWith("3");
            }
            String reply = said == null ? right : said;
            out.write((reply + "\r\n").getBytes(StandardCharsets.UTF_8));
            // Replies to a pipelined group leave together: RFC 2920, 3.2.
            if (in.available() == 0 || reply.startsWith("3")) {
                out.flush();
            }
            if (reply.startsWith("421")) {
                throw new Gone();
            }
            return reply.startsWith("2") || reply.startsWith("3");
        }

        private void await() throws IOException {
            out.flush();
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new Gone();
        }

        void run() throws IOException {
            if (!say(Stage.GREETING, "", "220 scripted.test ESMTP")) {
                closing();
                return;
            }
            for (String line = readLine(); line != null; line = readLine()) {
                commands.add(line);
                if (!command(line, line.toUpperCase(Locale.ROOT))) {
                    return;
                }
            }
        }

        /** After a bad greeting only QUIT makes sense. */
        private void closing() throws IOException {
            for (String line = readLine(); line != null; line = readLine()) {
                if (!line.equals("QUIT")) {
                    violations.add("after a refusing greeting: " + line);
                }
                out.write("221 bye\r\n".getBytes(StandardCharsets.UTF_8));
            }
        }

        private boolean command(String line, String upper) throws IOException {
            if (upper.startsWith("EHLO ") || upper.startsWith("LHLO ")) {
                hello(line);
            } else if (upper.startsWith("HELO ")) {
                say(Stage.HELLO, line, "250 scripted.test");
            } else if (upper.startsWith("MAIL FROM:")) {
                mail(line);
            } else if (upper.startsWith("RCPT TO:")) {
                rcpt(line);
            } else if (upper.equals("DATA")) {
                data(line);
            } else if (upper.startsWith("BDAT ")) {
                bdat(line);
            } else if (upper.equals("RSET")) {
                reset();
                bdatFailed = false;
                say(Stage.RSET, line, "250 2.0.0 Ok");
            } else if (upper.equals("QUIT")) {
                say(Stage.QUIT, line, "221 2.0.0 Bye");
                return false;
            } else {
                violations.add("unknown command: " + line);
                say(Stage.RSET, line, "500 5.5.2 What?");
            }
            return true;
        }

        private void hello(String line) throws IOException {
            StringBuilder right = new StringBuilder();
            List<String> lines = new ArrayList<>(List.of("scripted.test"));
            extensions.stream().filter(extension -> !extension.startsWith("!")).forEach(lines::add);
            for (int i = 0; i < lines.size(); i++) {
                right.append(i == 0 ? "" : "\r\n")
                        .append(i < lines.size() - 1 ? "250-" : "250 ")
                        .append(lines.get(i));
            }
            say(Stage.HELLO, line, right.toString());
        }

        private void mail(String line) throws IOException {
            if (mail != null || bdatFailed) {
                out.write("503 5.5.1 Sender already given\r\n".getBytes(StandardCharsets.UTF_8));
                out.flush();
                return;
            }
            rcptSeen = false;
            if (extensions.contains(HANGS_ON_PIPELINING) && moreComes()) {
                await();
            }
            if (say(Stage.MAIL, line, "250 2.1.0 Ok")) {
                mail = line;
            }
        }

        /** Whether the client goes on before it has its reply. */
        private boolean moreComes() throws IOException {
            socket.setSoTimeout(100);
            in.mark(1);
            try {
                return in.read() >= 0;
            } catch (SocketTimeoutException e) {
                return false;
            } finally {
                in.reset();
                socket.setSoTimeout(0);
            }
        }

        private void rcpt(String line) throws IOException {
            rcptSeen = true;
            if (mail == null) {
                say(Stage.RSET, line, "503 5.5.1 MAIL first");
            } else if (say(Stage.RCPT, line, "250 2.1.5 Ok")) {
                rcpts.add(line);
            }
        }

        private void data(String line) throws IOException {
            if (mail == null || rcpts.isEmpty()) {
                if (!extensions.contains("PIPELINING")) {
                    violations.add("DATA without a recipient");
                }
                say(
                        Stage.RSET,
                        line,
                        mail == null && !rcptSeen ? "503 5.5.1 MAIL first" : "554 5.5.1 No valid recipients");
                return;
            }
            if (in.available() > 0) {
                violations.add("something behind DATA before 354");
            }
            if (!say(Stage.DATA, line, "354 Go on")) {
                return;
            }
            String text = readBody();
            finish(text, false);
        }

        private void bdat(String line) throws IOException {
            if (!extensions.contains("CHUNKING")) {
                violations.add("BDAT without CHUNKING");
            }
            String[] words = line.split(" ");
            byte[] octets = in.readNBytes(Integer.parseInt(words[1]));
            if (octets.length < Integer.parseInt(words[1])) {
                throw new EOFException();
            }
            if (mail == null || rcpts.isEmpty()) {
                bdatFailed = mail != null;
                out.write("503 5.5.1 Nobody to send it to\r\n".getBytes(StandardCharsets.UTF_8));
                out.flush();
                return;
            }
            finish(new String(octets, StandardCharsets.ISO_8859_1), true);
        }

        private void finish(String text, boolean bdat) throws IOException {
            Received message = new Received(mail, List.copyOf(rcpts), text, number, bdat);
            String said = script.reply(Stage.CONTENT, text, number);
            if (DISCONNECT.equals(said)) {
                throw new Gone();
            }
            String end = script.reply(Stage.END, text, number);
            boolean thenClose = end != null && end.startsWith(THEN_CLOSE);
            if (thenClose) {
                end = end.substring(THEN_CLOSE.length());
            }
            boolean taken = end == null || end.startsWith("2") || SLOW.equals(end);
            if (taken) {
                received.add(message);
            }
            if (taken || !bdat || !extensions.contains(KEEPS_TRANSACTION)) {
                reset();
            }
            if (extensions.contains("!LMTP")) {
                for (int i = 0; i < message.rcpts().size(); i++) {
                    say(Stage.END, text, "250 2.0.0 Taken for " + i);
                }
                return;
            }
            if (DISCONNECT.equals(end)) {
                throw new Gone();
            } else if (SILENCE.equals(end)) {
                await();
            }
            String reply = end == null || SLOW.equals(end) ? "250 2.0.0 Taken" : end;
            out.write((reply + "\r\n").getBytes(StandardCharsets.UTF_8));
            if (in.available() == 0 || thenClose) {
                out.flush();
            }
            if (reply.startsWith("421") || thenClose) {
                throw new Gone();
            }
        }

        private void reset() {
            mail = null;
            rcpts.clear();
        }

        private String readLine() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int octet = in.read(); octet >= 0; octet = in.read()) {
                if (octet == '\n') {
                    String text = line.toString(StandardCharsets.UTF_8);
                    if (!text.endsWith("\r")) {
                        violations.add("bare LF: " + text);
                        return text;
                    }
                    return text.substring(0, text.length() - 1);
                }
                line.write(octet);
            }
            return null;
        }

        /** Up to CRLF.CRLF, dots undone; each line has at most 1000 octets (M13). */
        private String readBody() throws IOException {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int octet = in.read(); octet >= 0; octet = in.read()) {
                line.write(octet);
                if (octet == '\n') {
                    byte[] octets = line.toByteArray();
                    line.reset();
                    if (octets.length < 2 || octets[octets.length - 2] != '\r') {
                        violations.add("bare LF in a message");
                    }
                    if (octets.length > 1001) {
                        violations.add("line of " + octets.length + " octets");
                    }
                    if (octets.length == 3 && octets[0] == '.') {
                        return body.toString(StandardCharsets.ISO_8859_1);
                    }
                    int from = octets[0] == '.' ? 1 : 0;
                    body.write(octets, from, octets.length - from);
                }
            }
            throw new EOFException();
        }
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
        // An accept that is under way may still take one more connection after the listener is closed.
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
