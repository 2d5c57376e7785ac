package org.mailserv.codec.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A session as readable text. {@code C: } is a line from the client, {@code S: } a line from the server, {@code S~ }
 * a prefix of one. {@code C> } is raw octets with the escapes \r \n \0 \xHH and no implied line end. {@code !close}
 * means that the server has closed the connection. Lines that begin with {@code #} are comments.
 */
public record Transcript(String name, List<Step> steps) {
    /** The octets that the client sends at once, and the server's expected answer. */
    public record Step(byte[] client, List<Expected> server, boolean closes) {}

    /** An expected line from the server, without its CRLF. */
    public record Expected(String text, boolean prefix) {
        boolean fits(String line) {
            return prefix ? line.startsWith(text) : line.equals(text);
        }
    }

    /** Reads a transcript from a resource. */
    public static Transcript load(Class<?> owner, String resource) {
        try (InputStream in = owner.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("transcript: " + resource + " (expected: a resource of the tests)");
            }
            return parse(resource, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Parses a transcript. */
    public static Transcript parse(String name, String text) {
        List<Step> steps = new ArrayList<>();
        StringBuilder client = new StringBuilder();
        List<Expected> server = new ArrayList<>();
        boolean closes = false;
        for (String line : text.split("\n")) {
            boolean fromClient = line.startsWith("C: ") || line.equals("C:") || line.startsWith("C> ");
            if (fromClient && (!server.isEmpty() || closes)) {
                steps.add(step(client, server, closes));
                client = new StringBuilder();
                server = new ArrayList<>();
                closes = false;
            }
            if (line.startsWith("C> ")) {
                client.append(unescape(line.substring(3)));
            } else if (fromClient) {
                client.append(utf8(line.length() > 3 ? line.substring(3) : "")).append("\r\n");
            } else if (line.startsWith("S: ") || line.equals("S:")) {
                server.add(new Expected(line.length() > 3 ? line.substring(3) : "", false));
            } else if (line.startsWith("S~ ")) {
                server.add(new Expected(line.substring(3), true));
            } else if (line.equals("!close")) {
                closes = true;
            } else if (!line.isBlank() && !line.startsWith("#")) {
                throw new IllegalArgumentException(name + ": \"" + line + "\" (expected: C:, C>, S:, S~, !close or #)");
            }
        }
        steps.add(step(client, server, closes));
        return new Transcript(name, steps);
    }

    private static Step step(StringBuilder client, List<Expected> server, boolean closes) {
        return new Step(client.toString().getBytes(StandardCharsets.ISO_8859_1), List.copyOf(server), closes);
    }

    private static String utf8(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    static String unescape(String text) {
        StringBuilder raw = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                raw.append(c);
                continue;
            }
            char escape = text.charAt(++i);
            switch (escape) {
                case 'r' -> raw.append('\r');
                case 'n' -> raw.append('\n');
                case '0' -> raw.append('\0');
                case '\\' -> raw.append('\\');
                case 'x' -> {
                    raw.append((char) Integer.parseInt(text.substring(i + 1, i + 3), 16));
                    i += 2;
                }
                default -> throw new IllegalArgumentException("escape: \\" + escape);
            }
        }
        return raw.toString();
    }

    @Override
    public String toString() {
        return name;
    }
}
