package org.mailserv.app.transfer.imap;

import java.io.IOException;

/** Signals that a server cannot be read any further. The message names the server and is meant for the operator. */
public final class ImapException extends IOException {
    private static final long serialVersionUID = 1;

    ImapException(String message, Throwable cause) {
        super(message, cause);
    }
}
