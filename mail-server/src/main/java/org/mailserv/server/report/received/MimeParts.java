package org.mailserv.server.report.received;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The leaf parts of a MIME message. Malformed structure yields fewer parts, never an error. RFC 2045, RFC 2046. */
final class MimeParts {
    /** Maximum depth of nested multiparts, and maximum number of parts. */
    private static final int MAX_DEPTH = 5;

    private static final int MAX_PARTS = 20;

    private static final Pattern BOUNDARY =
            Pattern.compile("boundary\\s*=\\s*(?:\"([^\"]{1,200})\"|([^\\s;\"]{1,200}))", Pattern.CASE_INSENSITIVE);

    private final List<Part> parts = new ArrayList<>();

    private MimeParts() {}

    /**
     * A part.
     *
     * @param type the media type in lower case, without parameters
     * @param name the file name in lower case, or an empty string
     * @param content the decoded content
     */
    record Part(String type, String name, byte[] content) {
        /** Returns whether type or file name are those of a report. */
        boolean isReport() {
            return type.startsWith("application/")
                            && (type.contains("zip") || type.contains("xml") || type.contains("tlsrpt"))
                    || type.equals("text/xml")
                    || name.matches(".*\\.(xml|json)(\\.gz|\\.zip)?|.*\\.(zip|gz)");
        }
    }

    static List<Part> of(byte[] message) {
        MimeParts found = new MimeParts();
        found.collect(new String(message, ISO_8859_1), 0);
        return found.parts;
    }

    private void collect(String entity, int depth) {
        Matcher blank = Pattern.compile("\\r?\\n\\r?\\n").matcher(entity);
        boolean headless = !blank.find();
        String header =
                "\n" + (headless ? entity : entity.substring(0, blank.start())).replaceAll("\\r?\\n[ \\t]+", " ");
        String body = headless ? "" : entity.substring(blank.end());
        String type = field(header, "content-type");
        Matcher boundary = BOUNDARY.matcher(type);
        if (type.toLowerCase(Locale.ROOT).startsWith("multipart/") && boundary.find()) {
            String found = boundary.group(1) != null ? boundary.group(1) : boundary.group(2);
            for (String part : split(body, found)) {
                if (depth < MAX_DEPTH && parts.size() < MAX_PARTS) {
                    collect(part, depth + 1);
                }
            }
        } else {
            parts.add(leaf(header, type, body));
        }
    }

    private static List<String> split(String body, String boundary) {
        List<String> parts = new ArrayList<>();
        Matcher delimiter = Pattern.compile("(?m)^--" + Pattern.quote(boundary) + "(--)?[ \\t]*\\r?$\\n?")
                .matcher(body);
        int start = -1;
        while (delimiter.find() && parts.size() < MAX_PARTS) {
            if (start >= 0) {
                parts.add(body.substring(start, delimiter.start()));
            }
            start = delimiter.end();
            if (delimiter.group(1) != null) {
                return parts;
            }
        }
        return parts;
    }

    private static Part leaf(String header, String type, String body) {
        String lower = type.toLowerCase(Locale.ROOT);
        Matcher name = Pattern.compile("name\\s*=\\s*\"?([^\";]{1,255})", Pattern.CASE_INSENSITIVE)
                .matcher(field(header, "content-disposition") + ";" + type);
        byte[] content = field(header, "content-transfer-encoding").strip().equalsIgnoreCase("base64")
                ? base64(body)
                : body.getBytes(ISO_8859_1);
        return new Part(
                lower.replaceAll("[;\\s].*", ""),
                name.find() ? name.group(1).strip().toLowerCase(Locale.ROOT) : "",
                content);
    }

    private static byte[] base64(String body) {
        try {
            return Base64.getMimeDecoder().decode(body.strip().getBytes(ISO_8859_1));
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private static String field(String header, String name) {
        Matcher field =
                Pattern.compile("(?i)\\n" + name + "[ \\t]*:([^\\r\\n]*)").matcher(header);
        return field.find() ? field.group(1).strip() : "";
    }
}
