package org.mailserv.app.api;

/**
 * A queued message with its content.
 *
 * @param header the header as it was received
 * @param source header and body as they were received
 * @param complete whether the source is complete; long ones are cut
 */
public record QueuedSource(QueueMessage message, String header, String source, boolean complete) {}
