package org.mailserv.app.api;

/** An answer, or an element of one, that belongs to a domain. Operators of other domains do not get it. */
public interface DomainItem extends Visible {
    /** Returns the domain in canonical form. */
    String ofDomain();

    @Override
    default boolean isVisibleTo(Operator by) {
        return by.sees(ofDomain());
    }
}
