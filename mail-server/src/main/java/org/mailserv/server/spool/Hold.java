package org.mailserv.server.spool;

import java.time.Instant;
import java.util.Locale;

/**
 * The reason why a message is not tried until an operator releases it.
 *
 * @param by the kind of cause
 * @param reason one human-readable line: the cause and its author
 * @param since the time at which the message was put on hold
 */
public record Hold(By by, String reason, Instant since) {
    /** Causes of a hold. */
    public enum By {
        /** A person, with {@code mailserv queue hold} or on the admin page. */
        OPERATOR,
        /** The limit on the volume of a submission account. */
        ACCOUNT_LIMIT,
        /** A filter that asked for quarantine. */
        FILTER,
        /** A version of the server that did not record the cause. */
        UNKNOWN;

        /** Returns the name for files and JSON, in lower case with hyphens. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /**
         * Returns the cause with a label.
         *
         * @return {@link #UNKNOWN} if no cause has the label
         */
        public static By of(String label) {
            for (By each : values()) {
                if (each.label().equals(label)) {
                    return each;
                }
            }
            return UNKNOWN;
        }
    }
}
