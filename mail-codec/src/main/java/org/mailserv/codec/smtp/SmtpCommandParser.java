package org.mailserv.codec.smtp;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.address.Xtext;

/** Parses one command line. RFC 5321, 4.1.1 and 4.1.2. */
final class SmtpCommandParser {
    private static final Pattern BLANKS = Pattern.compile("[ \t]+");

    private SmtpCommandParser() {}

    /**
     * Parses a line.
     *
     * @param octets the line without CRLF; not released
     */
    static SmtpCommand parse(ByteBuf octets) {
        String line = decode(octets);
        if (line == null || line.indexOf('\0') >= 0) {
            return new SmtpCommand.Malformed("?", SmtpReply.of(500, "5.5.2", "Neither ASCII nor UTF-8"));
        }
        int end = 0;
        while (end < line.length() && line.charAt(end) > ' ') {
            end++;
        }
        String verb = line.substring(0, end).toUpperCase(Locale.ROOT);
        String arguments = line.substring(end).strip();
        return switch (verb) {
            case "HELO" -> hello(verb, arguments, SmtpCommand.Helo::new);
            case "EHLO" -> hello(verb, arguments, SmtpCommand.Ehlo::new);
            case "LHLO" -> hello(verb, arguments, SmtpCommand.Lhlo::new);
            case "MAIL" -> mail(arguments);
            case "RCPT" -> rcpt(arguments);
            case "DATA" -> plain(verb, arguments, SmtpCommand.Data::new);
            case "BDAT" -> bdat(arguments);
            case "RSET" -> plain(verb, arguments, SmtpCommand.Rset::new);
            case "QUIT" -> plain(verb, arguments, SmtpCommand.Quit::new);
            case "STARTTLS" -> plain(verb, arguments, SmtpCommand.StartTls::new);
            case "NOOP" -> new SmtpCommand.Noop();
            case "HELP" -> new SmtpCommand.Help(arguments.isEmpty() ? null : arguments);
            case "VRFY" -> arguments.isEmpty() ? usage(verb, "VRFY mailbox") : new SmtpCommand.Vrfy(arguments);
            case "EXPN" -> arguments.isEmpty() ? usage(verb, "EXPN list") : new SmtpCommand.Expn(arguments);
            case "ETRN" -> arguments.isEmpty() ? usage(verb, "ETRN domain") : new SmtpCommand.Etrn(arguments);
            case "AUTH" -> auth(arguments);
            case "XCLIENT" -> xclient(arguments);
            case "SEND", "SOML", "SAML", "TURN" -> new SmtpCommand.Obsolete(verb);
            case "" -> new SmtpCommand.Malformed("?", SmtpReplies.R500_UNRECOGNIZED);
            default -> new SmtpCommand.Unknown(printable(verb));
        };
    }

    /** Decodes a line as ASCII or UTF-8, which RFC 6531 allows in addresses. Returns null if it is neither. */
    private static @Nullable String decode(ByteBuf octets) {
        if (octets.forEachByte(octet -> octet >= 0) < 0) {
            return octets.toString(StandardCharsets.US_ASCII);
        }
        try {
            ByteBuffer view = octets.nioBuffer();
            return StandardCharsets.UTF_8.newDecoder().decode(view).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private interface Hello {
        SmtpCommand of(String domain);
    }

    private static SmtpCommand hello(String verb, String argument, Hello hello) {
        // Real clients send all kinds of names. Policy judges them, not the grammar.
        if (argument.isEmpty() || argument.length() > 255 || !argument.chars().allMatch(c -> c >= ' ' && c != 127)) {
            return usage(verb, verb + " hostname");
        }
        return hello.of(argument);
    }

    private static SmtpCommand plain(String verb, String arguments, Supplier<SmtpCommand> command) {
        return arguments.isEmpty() ? command.get() : new SmtpCommand.Malformed(verb, SmtpReplies.R501_NO_ARGUMENTS);
    }

    private static SmtpCommand mail(String arguments) {
        String path = behindKeyword(arguments, "FROM");
        if (path == null) {
            return usage("MAIL", "MAIL FROM:<address>");
        }
        PathParser.Result read = PathParser.parseReversePath(path);
        if (read.error() != null) {
            return addressError("MAIL", path, read, "MAIL FROM:<address>");
        }
        EsmtpParameters parameters = parameters(read.rest());
        return parameters == null
                ? parameterError("MAIL")
                : new SmtpCommand.Mail(new ReversePath(read.address()), parameters, read.form());
    }

    private static SmtpCommand rcpt(String arguments) {
        String path = behindKeyword(arguments, "TO");
        if (path == null) {
            return usage("RCPT", "RCPT TO:<address>");
        }
        PathParser.Result read = PathParser.parseForwardPath(path);
        Address address = read.address();
        if (address == null) {
            return addressError("RCPT", path, read, "RCPT TO:<address>");
        }
        EsmtpParameters parameters = parameters(read.rest());
        return parameters == null ? parameterError("RCPT") : new SmtpCommand.Rcpt(address, parameters, read.form());
    }

    /**
     * Returns the text after {@code FROM:} or {@code TO:}, or null if the keyword is missing. Blanks before the colon
     * are accepted.
     */
    private static @Nullable String behindKeyword(String arguments, String keyword) {
        int colon = arguments.indexOf(':');
        if (colon < 0 || !arguments.substring(0, colon).strip().equalsIgnoreCase(keyword)) {
            return null;
        }
        return arguments.substring(colon + 1);
    }

    /**
     * Returns the error for an address. Its status distinguishes mailbox from domain and sender from recipient. RFC
     * 3463, 3.2.
     */
    private static SmtpCommand addressError(String verb, String path, PathParser.Result read, String usage) {
        if (path.isBlank()) {
            return usage(verb, usage);
        }
        String error = read.error() == null ? "No address" : read.error();
        boolean sender = verb.equals("MAIL");
        return new SmtpCommand.Malformed(
                verb,
                read.noSuchDomain()
                        ? SmtpReply.of(553, sender ? "5.1.8" : "5.1.2", error)
                        : SmtpReply.of(501, sender ? "5.1.7" : "5.1.3", error));
    }

    private static SmtpCommand parameterError(String verb) {
        return new SmtpCommand.Malformed(verb, SmtpReply.of(501, "5.5.4", "Malformed parameters"));
    }

    /**
     * Parses parameters of the form keyword or keyword=value, separated by blanks. Returns null if one is malformed
     * or repeated.
     */
    private static @Nullable EsmtpParameters parameters(String text) {
        if (text.isEmpty()) {
            return EsmtpParameters.NONE;
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (String word : BLANKS.split(text)) {
            int equals = word.indexOf('=');
            String keyword = (equals < 0 ? word : word.substring(0, equals)).toUpperCase(Locale.ROOT);
            String value = equals < 0 ? "" : word.substring(equals + 1);
            if (!isKeyword(keyword) || equals >= 0 && !isValue(value) || values.putIfAbsent(keyword, value) != null) {
                return null;
            }
        }
        return EsmtpParameters.of(values);
    }

    private static boolean isKeyword(String keyword) {
        for (int i = 0; i < keyword.length(); i++) {
            char c = keyword.charAt(i);
            if (!(c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-')) {
                return false;
            }
        }
        return !keyword.isEmpty() && keyword.charAt(0) != '-';
    }

    // The grammar does not allow "=" within a value, but senders use it in ENVID and AUTH.
    private static boolean isValue(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) <= 32 || value.charAt(i) == 127) {
                return false;
            }
        }
        return !value.isEmpty();
    }

    private static SmtpCommand bdat(String arguments) {
        String[] words = BLANKS.split(arguments);
        boolean last = words.length == 2 && words[1].equalsIgnoreCase("LAST");
        // Without the size, the end of the chunk is unknown. Only closing the connection prevents its octets from
        // being read as commands.
        if (words[0].isEmpty()
                || words[0].length() > 18
                || !words[0].chars().allMatch(c -> c >= '0' && c <= '9')
                || words.length > 2
                || words.length == 2 && !last) {
            return new SmtpCommand.Malformed("BDAT", SmtpReplies.R521_CHUNK_SIZE_UNREADABLE);
        }
        return new SmtpCommand.Bdat(Long.parseLong(words[0]), last);
    }

    private static SmtpCommand auth(String arguments) {
        String[] words = BLANKS.split(arguments);
        if (words[0].isEmpty() || words.length > 2 || words[0].length() > 20) {
            return usage("AUTH", "AUTH mechanism [initial-response]");
        }
        return new SmtpCommand.Auth(words[0].toUpperCase(Locale.ROOT), words.length == 2 ? words[1] : null);
    }

    private static SmtpCommand xclient(String arguments) {
        EsmtpParameters raw = parameters(arguments);
        if (raw == null || raw.isEmpty()) {
            return usage("XCLIENT", "XCLIENT attribute=value...");
        }
        Map<String, String> decoded = new LinkedHashMap<>();
        for (String keyword : raw.keywords()) {
            String value = raw.get(keyword);
            String text = value == null ? null : Xtext.decode(value);
            if (text == null) {
                return usage("XCLIENT", "XCLIENT attribute=value...");
            }
            decoded.put(keyword, text);
        }
        return new SmtpCommand.Xclient(EsmtpParameters.of(decoded));
    }

    private static SmtpCommand usage(String verb, String usage) {
        return new SmtpCommand.Malformed(verb, SmtpReplies.usage(usage));
    }

    private static String printable(String verb) {
        StringBuilder clean = new StringBuilder();
        for (int i = 0; i < verb.length() && i < 32; i++) {
            char c = verb.charAt(i);
            clean.append(c > ' ' && c < 127 ? c : '?');
        }
        return clean.toString();
    }
}
