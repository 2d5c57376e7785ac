package org.mailserv.app.api;

import org.jspecify.annotations.Nullable;

/**
 * The vacation reply of a user.
 *
 * @param enabled whether replies are sent, within the dates
 * @param subject the subject; null for one made from that of the message
 * @param text the text in plain text
 * @param start the first day, {@code 2026-07-01}; null for no start
 * @param end the last day; null for no end
 */
public record VacationInfo(
        boolean enabled,
        @Nullable String subject,
        String text,
        @Nullable String start,
        @Nullable String end) {}
