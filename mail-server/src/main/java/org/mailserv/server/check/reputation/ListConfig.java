package org.mailserv.server.check.reputation;

/**
 * A list in the DNS. RFC 5782.
 *
 * @param zone such as {@code zen.spamhaus.org}
 * @param subject what is looked up in it
 * @param weight points for being listed; below 0 for a list of good ones
 */
public record ListConfig(String zone, Subject subject, int weight) {
    /** What a list knows. */
    public enum Subject {
        CLIENT,
        HELO,
        SENDER
    }
}
