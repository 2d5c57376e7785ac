package org.mailserv.app.api;

import java.util.List;

/**
 * The trace of a message.
 *
 * @param lines one for each event, oldest first
 */
public record MessageStory(String id, List<String> lines) {}
