package org.mailserv.app.api;

/**
 * The result of a release.
 *
 * @param restricted whether the account was restricted
 * @param messages the number of its held messages that were released or dropped
 */
public record AccountReleased(String user, boolean restricted, int messages, boolean dropped) {
    /** Returns the result together with that of another server of the cluster. */
    public AccountReleased plus(AccountReleased other) {
        return new AccountReleased(user, restricted || other.restricted, messages + other.messages, dropped);
    }
}
