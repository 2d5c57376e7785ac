package org.mailserv.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** Sessions that send message after message, and what each message was told. They go on, whatever they are told, until they are stopped. */
final class MailLoad implements AutoCloseable {
    private static final AtomicInteger LOADS = new AtomicInteger();
    private static final int PAUSE_MILLIS = 20;

    private final String mark = "load" + LOADS.incrementAndGet() + "-";
    private final int port;
    private final String recipient;
    private final String text;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger number = new AtomicInteger();
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> replies = new ConcurrentSkipListMap<>();
    private final AtomicInteger cuts = new AtomicInteger();
    private final AtomicLong longestNanos = new AtomicLong();

    private MailLoad(int port, String recipient, int octets) {
        this.port = port;
        this.recipient = recipient;
        this.text = ("x".repeat(70) + "\r\n").repeat(Math.max(1, octets / 72)) + "end";
    }

    /** @param octets of each message, about */
    static MailLoad start(int sessions, int port, String recipient, int octets) {
        MailLoad load = new MailLoad(port, recipient, octets);
        for (int i = 0; i < sessions; i++) {
            Thread thread = new Thread(load::run, load.mark + i);
            thread.setDaemon(true);
            load.threads.add(thread);
            thread.start();
        }
        return load;
    }

    private void run() {
        while (stopped.getCount() > 0) {
            try (Session session = new Session(port)) {
                while (stopped.getCount() > 0) {
                    if (!send(session)) {
                        stopped.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                    }
                }
                session.say("QUIT");
            } catch (IOException e) {
                cuts.incrementAndGet();
                pause();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void pause() {
        try {
            stopped.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean send(Session session) throws IOException {
        String subject = mark + number.incrementAndGet();
        long start = System.nanoTime();
        if (noted(session.say("MAIL FROM:<kim@sample.org>"), "250")
                && noted(session.say("RCPT TO:<" + recipient + ">"), "250")
                && noted(session.say("DATA"), "354")) {
            String reply = session.say("Subject: " + subject + "\r\n\r\n" + text + "\r\n.");
            longestNanos.accumulateAndGet(System.nanoTime() - start, Math::max);
            if (noted(reply, "250")) {
                acknowledged.add(subject);
                return true;
            }
            refused.add(subject);
        }
        session.say("RSET");
        return false;
    }

    private boolean noted(String reply, String wanted) throws IOException {
        if (reply.startsWith(wanted)) {
            return true;
        }
        note(reply);
        if (reply.startsWith("421")) {
            throw new IOException(reply);
        }
        return false;
    }

    private void note(String reply) {
        replies.merge(reply.replaceAll("^(\\d{3}(?: \\d\\.\\d\\.\\d+)?).*", "$1"), 1, Integer::sum);
    }

    private final class Session implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader in;

        Session(int port) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setSoTimeout(60_000);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
            try {
                if (!noted(reply(), "220") || !noted(say("EHLO client.test"), "250")) {
                    throw new IOException("not served");
                }
            } catch (IOException e) {
                socket.close();
                throw e;
            }
        }

        String say(String command) throws IOException {
            socket.getOutputStream().write((command + "\r\n").getBytes(ISO_8859_1));
            return reply();
        }

        private String reply() throws IOException {
            String line = in.readLine();
            while (line != null && line.length() > 3 && line.charAt(3) == '-') {
                line = in.readLine();
            }
            if (line == null) {
                throw new IOException("closed");
            }
            return line;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** Each session ends behind the message that it sends. */
    void stop() throws InterruptedException {
        stopped.countDown();
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(90));
            assertThat(thread.isAlive()).as("%s has ended", thread.getName()).isFalse();
        }
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }

    int acknowledged() {
        return acknowledged.size();
    }

    /** Messages that were refused at their end. */
    int refused() {
        return refused.size();
    }

    /** Connections that ended before they should. */
    int cuts() {
        return cuts.get();
    }

    /** The longest time from MAIL to the answer to the message. */
    long longestMillis() {
        return TimeUnit.NANOSECONDS.toMillis(longestNanos.get());
    }

    /** Replies that were not what a client wants to hear, and how often. */
    Map<String, Integer> replies() {
        return new TreeMap<>(replies);
    }

    /** None of them is for ever: who was refused comes again. */
    void assertNothingRefusedForGood() {
        assertThat(replies.keySet()).allMatch(reply -> reply.startsWith("4"));
    }

    /** All that was acknowledged is there, whole and once; what was refused is not. */
    void assertAllIn(Path mailbox) throws IOException {
        Map<String, Integer> there = subjects(mailbox);
        List<String> lost = acknowledged.stream()
                .filter(subject -> !there.containsKey(subject))
                .toList();
        List<String> twice = there.keySet().stream()
                .filter(subject -> there.get(subject) > 1)
                .toList();
        assertThat(lost).as("acknowledged, and lost").isEmpty();
        assertThat(twice).as("there twice").isEmpty();
        assertThat(refused).as("refused").doesNotContainAnyElementsOf(there.keySet());
    }

    /** Subjects of the new mail of a Maildir, each with how often it is there. All of it has to end in a line "end". */
    static Map<String, Integer> subjects(Path mailbox) throws IOException {
        Map<String, Integer> counts = new HashMap<>();
        try (Stream<Path> files = Files.list(mailbox.resolve("new"))) {
            for (Path file : files.toList()) {
                String text = Files.readString(file, ISO_8859_1);
                assertThat(text).as("whole: %s", file).endsWith("end\r\n").doesNotContain("\0");
                counts.merge(text.replaceAll("(?s).*?\r\nSubject: (\\S+)\r\n.*", "$1"), 1, Integer::sum);
            }
        }
        return counts;
    }

    @Override
    public String toString() {
        return acknowledged() + " acknowledged, " + refused() + " refused at the end, other replies " + replies() + ", "
                + cuts() + " connections cut, longest " + longestMillis() + " ms";
    }
}
