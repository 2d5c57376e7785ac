package org.mailserv.app.api;

/**
 * The result of a release.
 *
 * @param restricted whether the account was restricted
 * @param messages the number of its held messages that were released or dropped
 */
public record AccountReleased(String user, boolean restricted, int messages, boolean dropped) {}
