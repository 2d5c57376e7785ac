package org.mailserv.pop3;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A model of a POP3 server's replies and deletions according to RFC 1939 and RFC 2449. It shares no code with the
 * server.
 */
final class Pop3Model {
    static final int COMMAND_LINE = 512;
    static final int MAX_ERRORS = 8;
    static final int MAX_FAILED_LOGINS = 3;
    static final String NAME = "doug";
    static final String PASSWORD = "secret";

    /** The only mailbox: its messages in wire format by unique id, and the session that has it open. */
    static final class Mailbox {
        final Map<String, byte[]> messages;
        Pop3Model holder;

        Mailbox(Map<String, byte[]> messages) {
            this.messages = messages;
        }
    }

    /**
     * An expected reply.
     *
     * @param text the text after {@code +OK} if only one is correct, else null
     * @param body octets of a multi-line reply in wire format, including the terminating line, or null
     */
    record Answer(boolean ok, String text, byte[] body) {
        static final Answer OK = new Answer(true, null, null);
        static final Answer ERR = new Answer(false, null, null);
    }

    private final Mailbox mailbox;
    private final String digest;
    private final List<String> uids = new ArrayList<>();
    private final Set<Integer> deleted = new TreeSet<>();
    private boolean open;
    private boolean closed;
    private String user;
    private int errors;
    private int failures;

    /** @param digest digest of the timestamp and the password. RFC 1939, 7 */
    Pop3Model(Mailbox mailbox, String digest) {
        this.mailbox = mailbox;
        this.digest = digest;
    }

    boolean isOpen() {
        return open;
    }

    boolean isClosed() {
        return closed;
    }

    int size() {
        return uids.size();
    }

    /** Sets the order of the messages, which the server chooses and announces after login. */
    void order(List<String> order) {
        uids.addAll(order);
    }

    /** Ends the connection without deleting anything. RFC 1939, 6. */
    void disconnect() {
        closed = true;
        open = false;
        if (mailbox.holder == this) {
            mailbox.holder = null;
        }
    }

    /**
     * Returns the expected reply to a line.
     *
     * @param line the line without CRLF, one octet per char
     */
    Answer answer(String line) {
        Answer answer =
                line.length() + 2 > COMMAND_LINE || line.matches("(?s).*[\r\n\0].*") ? Answer.ERR : command(line);
        if (!answer.ok() && ++errors >= MAX_ERRORS) {
            disconnect();
        }
        return answer;
    }

    private Answer command(String line) {
        String[] words = line.split(" ", 2);
        String verb = words[0].toUpperCase(Locale.ROOT);
        String arguments = words.length == 1 ? "" : words[1];
        boolean bare = arguments.isBlank();
        return switch (verb) {
            case "QUIT" -> bare ? quit() : Answer.ERR;
            case "USER", "PASS", "APOP" -> open ? Answer.ERR : login(verb, arguments);
            case "STAT", "NOOP", "RSET" -> open && bare ? plain(verb) : Answer.ERR;
            case "LIST", "UIDL" -> open ? listing(verb, arguments.strip()) : Answer.ERR;
            case "DELE", "RETR", "TOP" -> open ? message(verb, arguments.strip().split(" +", -1)) : Answer.ERR;
            default -> Answer.ERR;
        };
    }

    private Answer quit() {
        if (open) {
            deleted.forEach(number -> mailbox.messages.remove(uids.get(number - 1)));
        }
        disconnect();
        return Answer.OK;
    }

    private Answer login(String verb, String arguments) {
        if (verb.equals("USER")) {
            user = arguments.isBlank() ? user : arguments.strip();
            return arguments.isBlank() ? Answer.ERR : Answer.OK;
        }
        boolean right;
        if (verb.equals("PASS")) {
            if (user == null) {
                return Answer.ERR;
            }
            right = isName(user) && arguments.equals(PASSWORD);
            user = null;
        } else {
            String[] words = arguments.strip().split(" ");
            if (words.length != 2 || !words[1].matches("[0-9a-fA-F]{32}")) {
                return Answer.ERR;
            }
            right = isName(words[0]) && words[1].equals(digest);
        }
        if (!right) {
            if (++failures >= MAX_FAILED_LOGINS) {
                disconnect();
            }
            return Answer.ERR;
        } else if (mailbox.holder != null) {
            return Answer.ERR;
        }
        mailbox.holder = this;
        open = true;
        return Answer.OK;
    }

    private static boolean isName(String name) {
        return name.equalsIgnoreCase(NAME) || name.equalsIgnoreCase(NAME + "@example.org");
    }

    private Answer plain(String verb) {
        if (verb.equals("RSET")) {
            deleted.clear();
        }
        return verb.equals("STAT") ? new Answer(true, left().size() + " " + octets(), null) : Answer.OK;
    }

    private List<Integer> left() {
        List<Integer> left = new ArrayList<>();
        for (int number = 1; number <= uids.size(); number++) {
            if (!deleted.contains(number)) {
                left.add(number);
            }
        }
        return left;
    }

    private long octets() {
        return left().stream().mapToLong(number -> wire(number).length).sum();
    }

    private byte[] wire(int number) {
        return mailbox.messages.get(uids.get(number - 1));
    }

    private String line(String verb, int number) {
        return number + " " + (verb.equals("UIDL") ? uids.get(number - 1) : Integer.toString(wire(number).length));
    }

    private Answer listing(String verb, String argument) {
        if (!argument.isEmpty()) {
            int number = number(argument);
            return number > 0 ? new Answer(true, line(verb, number), null) : Answer.ERR;
        }
        StringBuilder lines = new StringBuilder();
        left().forEach(number -> lines.append(line(verb, number)).append("\r\n"));
        return new Answer(true, null, (lines + ".\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Returns the number of an existing message, or 0. */
    private int number(String text) {
        int number = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
        return left().contains(number) ? number : 0;
    }

    private Answer message(String verb, String[] arguments) {
        boolean top = verb.equals("TOP");
        int number = arguments.length == (top ? 2 : 1) ? number(arguments[0]) : 0;
        if (number == 0 || top && !arguments[1].matches("[0-9]{1,9}")) {
            return Answer.ERR;
        } else if (verb.equals("DELE")) {
            deleted.add(number);
            return Answer.OK;
        }
        return new Answer(true, null, stuffed(top ? top(wire(number), Integer.parseInt(arguments[1])) : wire(number)));
    }

    /** Returns the header, the blank line and the given number of body lines. RFC 1939, 7. */
    private static byte[] top(byte[] octets, int lines) {
        int end = 0;
        int left = -1;
        while (end < octets.length && left != 0) {
            int start = end;
            while (end < octets.length && octets[end] != '\n') {
                end++;
            }
            end = Math.min(octets.length, end + 1);
            boolean blank = new String(octets, start, end - start, StandardCharsets.ISO_8859_1)
                    .replace("\r", "")
                    .equals("\n");
            left = left < 0 ? (blank ? lines : -1) : left - 1;
        }
        return Arrays.copyOf(octets, end);
    }

    /** Returns dot-stuffed octets with the terminating line. RFC 1939, 3. */
    private static byte[] stuffed(byte[] octets) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        boolean lineStart = true;
        for (byte octet : octets) {
            if (lineStart && octet == '.') {
                out.write('.');
            }
            out.write(octet);
            lineStart = octet == '\n';
        }
        String end = new String(octets, StandardCharsets.ISO_8859_1);
        int present = end.isEmpty() || end.endsWith("\r\n") ? 2 : end.endsWith("\r") ? 1 : 0;
        out.writeBytes("\r\n.\r\n".substring(present).getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }
}
