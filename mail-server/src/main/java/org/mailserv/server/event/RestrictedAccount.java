package org.mailserv.server.event;

/**
 * An account whose outgoing mail is on hold.
 *
 * @param reason the volume that was unusual
 */
public record RestrictedAccount(String account, String reason) {}
