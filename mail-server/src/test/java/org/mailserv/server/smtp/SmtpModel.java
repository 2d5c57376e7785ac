package org.mailserv.server.smtp;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a receiving server has to answer and to keep, by RFC 5321, RFC 1870, RFC 3030 and RFC 6531, over the octets of a client: no
 * streams, no threads, nothing shared with the server. Where the RFCs leave a choice, the server's own is written out.
 */
final class SmtpModel {
    static final int COMMAND_LINE = 2048;
    static final int MAX_SIZE = 20_000;
    static final int MAX_RECIPIENTS = 5;
    static final int MAX_ERRORS = 12;
    static final int MAX_HOPS = 5;
    static final Set<String> LOCAL = Set.of("doug", "kim");
    static final String DOMAIN = "example.org";

    private static final String ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\x{80}-\\x{10ffff}-]+";
    private static final String LABEL =
            "[A-Za-z0-9_\\x{a0}-\\x{10ffff}]([A-Za-z0-9_\\x{a0}-\\x{10ffff}-]*" + "[A-Za-z0-9_\\x{a0}-\\x{10ffff}])?";
    private static final Pattern ADDRESS =
            Pattern.compile("(" + ATOM + "(?:\\." + ATOM + ")*)@(" + LABEL + "(?:\\." + LABEL + ")*)");
    private static final Pattern PATH =
            Pattern.compile("(\\w+)\\s*:[ \t]*(?:<(?:@[^:<>]*:)?([^<>]*)>|([^<> ]+))(?: +(.*))?");
    private static final Pattern PARAMETER = Pattern.compile("([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^ ]+))?");

    /** What the client is in the middle of. */
    enum Mode {
        COMMANDS,
        TEXT,
        CHUNK,
        CLOSED
    }

    /** A message that was acknowledged. */
    record Message(String sender, Set<String> mailboxes, Set<String> remote, String protocol, byte[] content) {}

    private final boolean mayRelay;
    private final List<Message> messages = new ArrayList<>();
    private byte[] rest = new byte[0];
    private int at;
    private Mode mode = Mode.COMMANDS;
    private boolean talkedEarly;
    private boolean greeted;
    private boolean extended;
    private int errors;

    private String sender;
    private boolean utf8;
    private boolean binary;
    private int recipients;
    private boolean refused;
    private final Set<String> mailboxes = new HashSet<>();
    private final Set<String> remote = new HashSet<>();

    private boolean chunking;
    private boolean lastChunk;
    private boolean tooBig;
    private long chunkLeft;
    private int chunkRefusal;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    SmtpModel(boolean mayRelay) {
        this.mayRelay = mayRelay;
    }

    Mode mode() {
        return mode;
    }

    /** Octets of the chunk that are still to come. */
    long chunkLeft() {
        return chunkLeft;
    }

    /** All that was acknowledged, in order. */
    List<Message> messages() {
        return messages;
    }

    /** Whether DATA was not the last of what came with it. */
    boolean talkedEarly() {
        return talkedEarly;
    }

    /** Codes that answer these octets, which come behind all answers to those before. */
    List<Integer> write(byte[] octets) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(rest, at, rest.length - at);
        all.writeBytes(octets);
        rest = all.toByteArray();
        at = 0;
        List<Integer> codes = new ArrayList<>();
        boolean more = true;
        while (more && mode != Mode.CLOSED) {
            int code = switch (mode) {
                case COMMANDS -> command();
                case TEXT -> text();
                case CHUNK, CLOSED -> chunk();
            };
            more = code != 0;
            if (more) {
                codes.add(counted(code));
            }
        }
        return codes;
    }

    private int counted(int code) {
        // Who talked early is sent away at once.
        if (code >= 500 && !(talkedEarly && code == 554) && ++errors >= MAX_ERRORS) {
            mode = Mode.CLOSED;
            return 421;
        }
        return code;
    }

    /** 0 where there is no whole line yet. RFC 5321, 2.3.8: CRLF ends one; a bare LF ends a bad one that is not too long. */
    private int command() {
        int lf = at;
        while (lf < rest.length && rest[lf] != '\n') {
            lf++;
        }
        if (lf - at >= COMMAND_LINE || lf == rest.length) {
            int end = lf - at >= COMMAND_LINE ? crlf(at) : -1;
            at = end < 0 ? at : end;
            return end < 0 ? 0 : 500;
        }
        byte[] line = Arrays.copyOfRange(rest, at, lf + 1);
        at = lf + 1;
        int bareCr = new String(line, StandardCharsets.ISO_8859_1).indexOf('\r');
        if (bareCr < 0 || bareCr != line.length - 2) {
            return 500;
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line, 0, line.length - 2))
                    .toString();
            return text.indexOf('\0') >= 0 ? 500 : command(text);
        } catch (CharacterCodingException e) {
            return 500;
        }
    }

    private int crlf(int from) {
        for (int i = from; i + 1 < rest.length; i++) {
            if (rest[i] == '\r' && rest[i + 1] == '\n') {
                return i + 2;
            }
        }
        return -1;
    }

    private int command(String line) {
        String[] words = line.split("[\\x00-\\x20]", 2);
        String arguments = line.substring(words[0].length()).strip();
        String verb = words[0].toUpperCase(Locale.ROOT);
        boolean bare = arguments.isEmpty();
        return switch (verb) {
            case "HELO", "EHLO" -> hello(arguments, verb.equals("EHLO"));
            case "MAIL" -> mail(PATH.matcher(arguments));
            case "RCPT" -> rcpt(PATH.matcher(arguments));
            case "DATA" -> data(bare);
            case "BDAT" -> bdat(arguments);
            case "RSET" -> bare ? reset(250) : 501;
            case "QUIT" -> bare ? close(221) : 501;
            case "NOOP" -> 250;
            case "HELP" -> 214;
            case "VRFY", "EXPN", "ETRN" -> bare ? 501 : 502;
            case "STARTTLS" -> startTls(bare);
            case "SEND", "SOML", "SAML", "TURN" -> 502;
            default -> 500;
        };
    }

    /** Not offered; but who sends on behind it would have its octets read twice where it is. RFC 3207, 6. */
    private int startTls(boolean bare) {
        if (bare && at < rest.length) {
            talkedEarly = true;
            return close(501);
        }
        return bare ? 502 : 501;
    }

    private int hello(String name, boolean extensions) {
        if (name.isEmpty() || name.length() > 255 || name.chars().anyMatch(c -> c < ' ' || c == 127)) {
            return 501;
        }
        reset(0);
        greeted = true;
        extended = extensions;
        return 250;
    }

    private int reset(int code) {
        sender = null;
        utf8 = false;
        binary = false;
        recipients = 0;
        refused = false;
        mailboxes.clear();
        remote.clear();
        chunking = false;
        tooBig = false;
        content.reset();
        return code;
    }

    private int close(int code) {
        mode = Mode.CLOSED;
        return code;
    }

    private int mail(Matcher path) {
        if (!path.matches() || !path.group(1).equalsIgnoreCase("FROM")) {
            return 501;
        }
        String address = qualified(path.group(2) == null ? path.group(3) : path.group(2));
        List<String[]> parameters = parameters(path.group(4));
        if (!address.isEmpty() && !isAddress(address) || parameters == null) {
            return 501;
        } else if (!greeted || sender != null) {
            return 503;
        } else if (!extended && !parameters.isEmpty()) {
            return 555;
        }
        boolean eight = false;
        boolean whole = false;
        for (String[] parameter : parameters) {
            int problem = mailParameter(parameter[0], parameter[1]);
            if (problem != 0) {
                return problem;
            }
            eight |= parameter[0].equals("SMTPUTF8");
            whole |= parameter[0].equals("BODY") && parameter[1].equalsIgnoreCase("BINARYMIME");
        }
        if (!eight && !address.chars().allMatch(c -> c < 128)) {
            return 553;
        }
        sender = address;
        utf8 = eight;
        binary = whole;
        return 250;
    }

    private static int mailParameter(String keyword, String value) {
        return switch (keyword) {
            case "SIZE" ->
                !value.matches("[0-9]{1,20}")
                        ? 501
                        : new BigInteger(value).compareTo(BigInteger.valueOf(MAX_SIZE)) > 0 ? 552 : 0;
            case "BODY" -> value.toUpperCase(Locale.ROOT).matches("7BIT|8BITMIME|BINARYMIME") ? 0 : 501;
            case "SMTPUTF8" -> value.isEmpty() ? 0 : 501;
            case "RET" -> value.toUpperCase(Locale.ROOT).matches("FULL|HDRS") ? 0 : 501;
            case "ENVID" -> value.matches("([!-*,-<>-~]|\\+[0-9A-F]{2}){1,50}") ? 0 : 501;
            case "AUTH" -> value.isEmpty() ? 501 : 0;
            default -> 555;
        };
    }

    /** Clients that may relay may leave the domain out: the primary one is meant. */
    private String qualified(String address) {
        return mayRelay && isAddress(address + "@" + DOMAIN) ? address + "@" + DOMAIN : address;
    }

    private int rcpt(Matcher path) {
        if (!path.matches() || !path.group(1).equalsIgnoreCase("TO")) {
            return 501;
        }
        String address = qualified(path.group(2) == null ? path.group(3) : path.group(2));
        boolean postmaster = address.equalsIgnoreCase("postmaster");
        List<String[]> parameters = parameters(path.group(4));
        if (!postmaster && !isAddress(address) || parameters == null) {
            return 501;
        } else if (sender == null || chunking) {
            return 503;
        }
        for (String[] parameter : parameters) {
            if (!parameter[0].equals("NOTIFY")) {
                return 555;
            }
        }
        if (!utf8 && !address.chars().allMatch(c -> c < 128)) {
            return 553;
        }
        for (String[] parameter : parameters) {
            if (!parameter[1]
                    .toUpperCase(Locale.ROOT)
                    .matches("NEVER|(SUCCESS|FAILURE|DELAY)(,(SUCCESS|FAILURE|DELAY))*")) {
                return 501;
            }
        }
        return recipients >= MAX_RECIPIENTS ? 452 : routed(postmaster ? "doug@" + DOMAIN : address);
    }

    private int routed(String address) {
        int at = address.lastIndexOf('@');
        String name = address.substring(0, at).toLowerCase(Locale.ROOT);
        String domain = address.substring(at + 1);
        if (!domain.equalsIgnoreCase(DOMAIN)) {
            if (mayRelay) {
                recipients++;
                remote.add(address);
            }
            refused |= !mayRelay;
            return mayRelay ? 250 : 550;
        }
        String mailbox = name.equals("postmaster") ? "doug" : name;
        if (!LOCAL.contains(mailbox)) {
            refused = true;
            return 550;
        }
        recipients++;
        mailboxes.add(mailbox);
        return 250;
    }

    private static boolean isAddress(String text) {
        Matcher address = ADDRESS.matcher(text);
        return address.matches()
                && address.group(1).getBytes(StandardCharsets.UTF_8).length <= 64
                && address.group(2).getBytes(StandardCharsets.UTF_8).length <= 255
                && Arrays.stream(address.group(2).split("\\."))
                        .allMatch(label -> label.getBytes(StandardCharsets.UTF_8).length <= 63);
    }

    /** Keywords in upper case with their values, or null where one is malformed or there twice. RFC 5321, 4.1.2. */
    private static List<String[]> parameters(String text) {
        List<String[]> parameters = new ArrayList<>();
        Set<String> keywords = new HashSet<>();
        for (String word :
                text == null || text.isBlank() ? new String[0] : text.strip().split(" +")) {
            Matcher parameter = PARAMETER.matcher(word);
            if (!parameter.matches() || !keywords.add(parameter.group(1).toUpperCase(Locale.ROOT))) {
                return null;
            }
            String value = parameter.group(2);
            parameters.add(new String[] {parameter.group(1).toUpperCase(Locale.ROOT), value == null ? "" : value});
        }
        return parameters;
    }

    /** RFC 2920, 3.1: nothing may come along behind it, since nobody knows yet how it would be read. */
    private int data(boolean bare) {
        if (!bare) {
            return 501;
        } else if (at < rest.length) {
            talkedEarly = true;
            return close(554);
        }
        int refusal = withoutRecipients();
        if (refusal != 0 || chunking || binary) {
            return refusal != 0 ? refusal : 503;
        }
        mode = Mode.TEXT;
        return 354;
    }

    private int withoutRecipients() {
        return sender == null ? 503 : recipients > 0 ? 0 : refused ? 554 : 503;
    }

    private int bdat(String arguments) {
        Matcher size = Pattern.compile("([0-9]{1,18})(?: +(LAST))?", Pattern.CASE_INSENSITIVE)
                .matcher(arguments);
        if (!size.matches()) {
            return close(521);
        }
        chunkLeft = Long.parseLong(size.group(1));
        lastChunk = size.group(2) != null;
        chunkRefusal = withoutRecipients();
        chunking |= chunkRefusal == 0;
        tooBig |= chunkRefusal == 0 && content.size() + chunkLeft > MAX_SIZE;
        mode = Mode.CHUNK;
        return chunk();
    }

    /** All its octets are taken, also of one that is refused. RFC 3030, 2. */
    private int chunk() {
        int octets = (int) Math.min(chunkLeft, rest.length - at);
        if (chunkRefusal == 0 && !tooBig) {
            content.write(rest, at, octets);
        }
        at += octets;
        chunkLeft -= octets;
        if (chunkLeft > 0) {
            return 0;
        }
        mode = Mode.COMMANDS;
        if (chunkRefusal != 0) {
            // Without a recipient the transaction ends, because the next message may follow without RSET.
            return sender != null && recipients == 0 ? reset(chunkRefusal) : chunkRefusal;
        }
        return lastChunk ? end(content.toByteArray()) : 250;
    }

    /** RFC 5321, 4.1.1.4 and 4.5.2: only CRLF.CRLF ends it, and a dot at the beginning of a line goes. A bare LF becomes CRLF. */
    private int text() {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        boolean lineStart = true;
        for (int i = at; i < rest.length; i++) {
            if (lineStart && rest[i] == '.') {
                if (i + 2 < rest.length && rest[i + 1] == '\r' && rest[i + 2] == '\n') {
                    at = i + 3;
                    mode = Mode.COMMANDS;
                    tooBig = text.size() > MAX_SIZE;
                    return end(text.toByteArray());
                }
                lineStart = false;
            } else if (rest[i] == '\n') {
                boolean cr = i > at && rest[i - 1] == '\r';
                // Also after CR CR LF, which ends in CRLF.
                lineStart = cr;
                text.writeBytes(cr ? new byte[] {'\n'} : new byte[] {'\r', '\n'});
            } else {
                lineStart = false;
                text.write(rest[i]);
            }
        }
        return 0;
    }

    private int end(byte[] octets) {
        long hops = new String(octets, StandardCharsets.ISO_8859_1)
                .replace("\r", "")
                .lines()
                .takeWhile(line -> !line.isEmpty())
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("received:"))
                .count();
        if (tooBig || hops > MAX_HOPS) {
            return reset(tooBig ? 552 : 554);
        }
        String protocol = !extended ? "SMTP" : utf8 ? "UTF8SMTP" : "ESMTP";
        messages.add(new Message(sender, Set.copyOf(mailboxes), Set.copyOf(remote), protocol, octets));
        return reset(250);
    }
}
