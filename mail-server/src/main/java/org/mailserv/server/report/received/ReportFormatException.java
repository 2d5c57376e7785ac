package org.mailserv.server.report.received;

/** Thrown if a report cannot be read; the message says why, without text from the report. */
public final class ReportFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    ReportFormatException(String message) {
        super(message);
    }

    ReportFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
