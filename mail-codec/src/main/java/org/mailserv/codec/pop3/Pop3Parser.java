package org.mailserv.codec.pop3;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** Parses one line from a client as a command. RFC 1939, 3; RFC 2449, 4. */
final class Pop3Parser {
    private Pop3Parser() {}

    /**
     * Parses a line.
     *
     * @param line the octets without CRLF; not released
     */
    static Pop3Command parse(ByteBuf line) {
        // Names and passwords may contain UTF-8 (RFC 6856, 2.2).
        return parse(line.toString(StandardCharsets.UTF_8));
    }

    static Pop3Command parse(String line) {
        int blank = line.indexOf(' ');
        String verb = (blank < 0 ? line : line.substring(0, blank)).toUpperCase(Locale.ROOT);
        String arguments = blank < 0 ? "" : line.substring(blank + 1);
        if (line.indexOf('\0') >= 0 || verb.isEmpty()) {
            return malformed("?", "Command unrecognized");
        }
        return switch (verb) {
            case "USER" -> user(arguments.strip());
            case "PASS" -> new Pop3Command.Pass(arguments);
            case "APOP" -> apop(arguments.strip());
            case "AUTH" -> auth(arguments.strip());
            case "LIST" -> numberOrAll(verb, arguments.strip(), Pop3Command.List::new);
            case "UIDL" -> numberOrAll(verb, arguments.strip(), Pop3Command.Uidl::new);
            case "RETR" -> number(verb, arguments.strip(), Pop3Command.Retr::new);
            case "DELE" -> number(verb, arguments.strip(), Pop3Command.Dele::new);
            case "TOP" -> top(arguments.strip());
            case "LANG" -> new Pop3Command.Lang(arguments.isBlank() ? null : arguments.strip());
            case "STAT" -> plain(verb, arguments, Pop3Command.Stat::new);
            case "NOOP" -> plain(verb, arguments, Pop3Command.Noop::new);
            case "RSET" -> plain(verb, arguments, Pop3Command.Rset::new);
            case "QUIT" -> plain(verb, arguments, Pop3Command.Quit::new);
            case "CAPA" -> plain(verb, arguments, Pop3Command.Capa::new);
            case "STLS" -> plain(verb, arguments, Pop3Command.Stls::new);
            case "UTF8" -> plain(verb, arguments, Pop3Command.Utf8::new);
            default -> new Pop3Command.Unknown(printable(verb));
        };
    }

    private static Pop3Command plain(String verb, String arguments, Supplier<Pop3Command> command) {
        return arguments.isBlank() ? command.get() : malformed(verb, "Usage: " + verb);
    }

    private static Pop3Command user(String name) {
        return name.isEmpty() ? malformed("USER", "Usage: USER mailbox@domain") : new Pop3Command.User(name);
    }

    private static Pop3Command apop(String arguments) {
        int blank = arguments.lastIndexOf(' ');
        if (blank <= 0 || !arguments.substring(blank + 1).matches("[0-9a-fA-F]{32}")) {
            return malformed("APOP", "Usage: APOP mailbox@domain digest");
        }
        return new Pop3Command.Apop(
                arguments.substring(0, blank).strip(),
                arguments.substring(blank + 1).toLowerCase(Locale.ROOT));
    }

    private static Pop3Command auth(String arguments) {
        if (arguments.isEmpty()) {
            return new Pop3Command.Auth(null, null);
        }
        String[] words = arguments.split(" +", 3);
        if (words.length == 3) {
            return malformed("AUTH", "Usage: AUTH mechanism [initial-response]");
        }
        return new Pop3Command.Auth(words[0].toUpperCase(Locale.ROOT), words.length == 2 ? words[1] : null);
    }

    private static Pop3Command numberOrAll(String verb, String argument, IntFunction<Pop3Command> command) {
        if (argument.isEmpty()) {
            return command.apply(0);
        }
        int number = numberOf(argument);
        return number > 0 ? command.apply(number) : malformed(verb, "Usage: " + verb + " [message-number]");
    }

    private static Pop3Command number(String verb, String argument, IntFunction<Pop3Command> command) {
        int number = numberOf(argument);
        return number > 0 ? command.apply(number) : malformed(verb, "Usage: " + verb + " message-number");
    }

    private static Pop3Command top(String arguments) {
        String[] words = arguments.split(" +", 3);
        int number = words.length == 2 ? numberOf(words[0]) : -1;
        int lines = words.length == 2 ? numberOf(words[1]) : -1;
        return number > 0 && lines >= 0
                ? new Pop3Command.Top(number, lines)
                : malformed("TOP", "Usage: TOP message-number lines");
    }

    /** Returns the number, capped at the largest int, or -1 if the text is not a number. */
    private static int numberOf(String text) {
        if (text.isEmpty() || text.length() > 19) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = Math.min(number * 10 + (c - '0'), Integer.MAX_VALUE);
        }
        return (int) number;
    }

    private static Pop3Command malformed(String verb, String text) {
        return new Pop3Command.Malformed(verb, Pop3Reply.err(text), false);
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
