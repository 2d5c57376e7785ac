package org.mailserv.app.api;

import org.jspecify.annotations.Nullable;

/**
 * A search in the message trace.
 *
 * @param text a queue id, an address, a part of the subject, or any part of a line: the beginning of a time such as {@code 2026-11-27T08:1}, a host, a reply
 * @param limit the maximum number of messages, the latest ones; null for 20
 */
public record TraceQuery(String text, @Nullable Integer limit) {}
