package org.mailserv.app.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sets the vacation reply of a user, as a whole.
 *
 * @param user {@code user@domain}
 * @param enabled whether replies are sent, within the dates; null for true
 * @param subject the subject; null for one made from that of the message
 * @param text the text in plain text
 * @param start the first day, {@code 2026-07-01}; null for no start
 * @param end the last day; null for no end
 */
public record VacationChange(
        String user,
        @Nullable Boolean enabled,
        @Nullable String subject,
        @Nullable String text,
        @Nullable String start,
        @Nullable String end)
        implements Audited, DomainRequest {
    public boolean isEnabled() {
        return enabled == null || enabled;
    }

    @Override
    public String auditText() {
        return "user=" + user + " vacation=" + (isEnabled() ? "on" : "off")
                + (start == null ? "" : " start=" + start)
                + (end == null ? "" : " end=" + end);
    }

    @Override
    public List<String> concernedDomains() {
        return List.of(OwnDomain.of(user));
    }
}
