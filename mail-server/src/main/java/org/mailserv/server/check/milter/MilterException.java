package org.mailserv.server.check.milter;

/** Says why a filter gave no usable answer. */
final class MilterException extends Exception {
    private static final long serialVersionUID = 1;

    MilterException(String message) {
        super(message);
    }
}
