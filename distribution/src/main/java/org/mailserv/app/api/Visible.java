package org.mailserv.app.api;

/** An answer, or an element of one, that operators with a restriction to domains may get. They get nothing else. */
public interface Visible {
    /** Returns whether an operator sees it. */
    boolean isVisibleTo(Operator by);
}
