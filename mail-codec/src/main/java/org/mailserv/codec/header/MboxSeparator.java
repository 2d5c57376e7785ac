package org.mailserv.codec.header;

import java.util.regex.Pattern;

/**
 * The separator line before each message of an mbox file, {@code From user Thu Jan 1 00:00:00 1970}, quoted or not.
 * RFC 4155.
 */
public final class MboxSeparator {
    private static final Pattern LINE = Pattern.compile(">?From .*");
    private static final Pattern TIME = Pattern.compile(".*[0-9]{1,2}:[0-9]{2}.*");
    private static final Pattern FIELD = Pattern.compile("[!-9;-~]+[ \t]*:.*", Pattern.DOTALL);

    private MboxSeparator() {}

    /**
     * Returns whether the first line of a message is an mbox separator rather than text. A sentence that begins with
     * <i>From</i> is text: a separator contains a time or is followed by a header field.
     *
     * @param line the first line, without its line end
     * @param next the following line; empty if there is none
     */
    public static boolean isSeparator(String line, String next) {
        return LINE.matcher(line).matches()
                && (TIME.matcher(line).matches()
                        || FIELD.matcher(next).matches()
                        || LINE.matcher(next).matches());
    }

    /** Returns the number of octets of all separators at the beginning of a message. */
    public static int length(String text) {
        int at = 0;
        while (text.startsWith("From ", at) || text.startsWith(">From ", at)) {
            int end = text.indexOf('\n', at);
            if (end < 0) {
                return isSeparator(text.substring(at).stripTrailing(), "") ? text.length() : at;
            }
            int below = text.indexOf('\n', end + 1);
            String next = text.substring(end + 1, below < 0 ? text.length() : below);
            if (!isSeparator(text.substring(at, end).stripTrailing(), next.stripTrailing())) {
                return at;
            }
            at = end + 1;
        }
        return at;
    }
}
