package org.mailserv.app.sendmail;

import java.io.IOException;
import org.mailserv.server.text.Failures;

/** Thrown if standard input fails. */
final class InputFailedException extends IOException {
    private static final long serialVersionUID = 1;

    InputFailedException(IOException cause) {
        super("standard input: " + Failures.text(cause), cause);
    }
}
