package org.mailserv.app.api;

/** A request without parameters, or an answer without content. */
public record Nothing() {
    public static final Nothing NOTHING = new Nothing();
}
