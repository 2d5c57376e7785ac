import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/** POP3 load: {@code java Pop3Load.java PORT USER PASSWORD login SESSIONS SECONDS | retr TIMES | list}; prints one figure. */
public class Pop3Load {
    private static int port;
    private static String user;
    private static String password;

    public static void main(String[] args) throws Exception {
        port = Integer.parseInt(args[0]);
        user = args[1];
        password = args[2];
        switch (args[3]) {
            case "login" -> login(Integer.parseInt(args[4]), Double.parseDouble(args[5]));
            case "retr" -> retr(Integer.parseInt(args[4]));
            case "list" -> list();
            default -> throw new IllegalArgumentException(args[3]);
        }
    }

    /** Logins a second: each a connection with USER, PASS, STAT, QUIT; a mailbox for each session, since one is one session's. */
    private static void login(int sessions, double seconds) throws Exception {
        AtomicLong count = new AtomicLong();
        long warm = System.nanoTime() + 2_000_000_000L;
        long end = warm + (long) (seconds * 1e9);
        Thread[] threads = new Thread[sessions];
        for (int i = 0; i < sessions; i++) {
            String name = user.replace("%", Integer.toString(i));
            threads[i] = new Thread(() -> {
                while (System.nanoTime() < end) {
                    try (Session session = new Session(name)) {
                        session.line("STAT");
                        session.line("QUIT");
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                    if (System.nanoTime() > warm) {
                        count.incrementAndGet();
                    }
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.printf("%.1f%n", count.get() / seconds);
    }

    /** Octets a second of RETR for every message, over one connection, so many times; the best. */
    private static void retr(int times) throws Exception {
        double best = 0;
        for (int i = 0; i < times; i++) {
            try (Session session = new Session(user)) {
                int messages = Integer.parseInt(session.line("STAT").split(" ")[1]);
                long octets = 0;
                long begin = System.nanoTime();
                for (int number = 1; number <= messages; number++) {
                    session.line("RETR " + number);
                    octets += session.skipBody();
                }
                best = Math.max(best, octets * 1e9 / (System.nanoTime() - begin));
                session.line("QUIT");
            }
        }
        System.out.printf("%.0f%n", best);
    }

    /** Seconds for login, STAT, UIDL and LIST. */
    private static void list() throws Exception {
        long begin = System.nanoTime();
        try (Session session = new Session(user)) {
            session.line("STAT");
            session.line("UIDL");
            session.skipBody();
            session.line("LIST");
            session.skipBody();
            System.out.printf("%.3f%n", (System.nanoTime() - begin) / 1e9);
            session.line("QUIT");
        }
    }

    private static final class Session implements AutoCloseable {
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;
        private final byte[] buffer = new byte[1 << 17];
        private int at;
        private int end;

        Session(String name) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setTcpNoDelay(true);
            in = socket.getInputStream();
            out = socket.getOutputStream();
            read();
            line("USER " + name);
            line("PASS " + password);
        }

        private int next() throws IOException {
            if (at == end) {
                at = 0;
                end = in.read(buffer, 0, buffer.length);
                if (end < 0) {
                    throw new IOException("closed");
                }
            }
            return buffer[at++];
        }

        String line(String command) throws IOException {
            out.write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            return read();
        }

        private String read() throws IOException {
            StringBuilder text = new StringBuilder();
            for (int c = next(); c != '\n'; c = next()) {
                text.append((char) c);
            }
            if (text.charAt(0) != '+') {
                throw new IOException(text.toString());
            }
            return text.toString();
        }

        /** Up to the line with the dot alone. Nothing is asked for before that, so it is the end of what has come: no octet has to be looked at. */
        long skipBody() throws IOException {
            long octets = end - at;
            while (!ended()) {
                // The last four octets stay, should the end come in two parts.
                int kept = Math.min(4, end);
                System.arraycopy(buffer, end - kept, buffer, 0, kept);
                int read = in.read(buffer, kept, buffer.length - kept);
                if (read < 0) {
                    throw new IOException("closed");
                }
                octets += read;
                end = kept + read;
            }
            at = end;
            return octets;
        }

        private boolean ended() {
            return end >= 5 && buffer[end - 5] == '\r' && buffer[end - 4] == '\n' && buffer[end - 3] == '.'
                    && buffer[end - 2] == '\r' && buffer[end - 1] == '\n';
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
