package org.mailserv.app.api;

/**
 * Names one message of the queue.
 *
 * @param id the queue id
 */
public record MessageId(String id) {}
