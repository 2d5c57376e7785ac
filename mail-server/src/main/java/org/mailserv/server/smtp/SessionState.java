package org.mailserv.server.smtp;

import org.mailserv.server.net.SessionPhase;

/** The progress of an SMTP session, in the order of RFC 5321, 3.3. Commands are valid in some of these states only. */
enum SessionState implements SessionPhase {
    /** The client has not sent HELO, EHLO or LHLO yet, or has to repeat it. */
    CONNECTED,
    /** No mail transaction is open. */
    READY,
    /** MAIL was accepted; no recipient was. */
    MAIL,
    /** At least one recipient was accepted. */
    RECIPIENTS,
    /** Content has been started by DATA or BDAT. */
    DATA
}
