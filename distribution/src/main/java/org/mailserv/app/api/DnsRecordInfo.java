package org.mailserv.app.api;

import org.jspecify.annotations.Nullable;

/**
 * A DNS record to publish for a domain.
 *
 * @param name the owner without a trailing dot
 * @param type such as {@code MX} or {@code TXT}
 * @param value the data as in a zone; a TXT value is one text without quotes
 * @param purpose the effect of the record
 * @param required whether mail suffers without it
 * @param state the result of the check; null without a check
 * @param found the published data, or the reason why it is unknown; null without a check
 */
public record DnsRecordInfo(
        String name,
        String type,
        String value,
        String purpose,
        boolean required,
        @Nullable State state,
        @Nullable String found) {
    /** Returns the record as a line of a zone. A string of a TXT record has 255 octets at most. RFC 1035, 3.3.14. */
    public String zoneLine() {
        String data =
                type.equals("TXT") ? "( \"" + String.join("\" \"", value.split("(?<=\\G.{250})")) + "\" )" : value;
        return name + ". IN " + type + " " + data;
    }

    /** Results of looking up a record. */
    public enum State {
        /** The record is published as it should be, or in another form that serves. */
        PUBLISHED,
        MISSING,
        /** Another record is published in its place. */
        DIFFERENT,
        /** The name server gave no answer, which says nothing about the record. */
        UNKNOWN
    }
}
