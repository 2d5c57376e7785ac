package org.mailserv.server.check.milter;

/** Thrown if a filter gave no usable answer; the message says why. */
final class MilterException extends Exception {
    private static final long serialVersionUID = 1;

    MilterException(String message) {
        super(message);
    }
}
