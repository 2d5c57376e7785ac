package org.mailserv.server.store;

/** The certainty that no other node has taken over the mail that this node holds. */
@FunctionalInterface
public interface Lease {
    /** For a store that nobody shares. */
    Lease ALWAYS = () -> true;

    /**
     * Returns whether this node may begin what another node could begin too: a transaction, or the end of one. Cheap: compares two clocks
     * with a field. Any thread.
     */
    boolean isSure();
}
