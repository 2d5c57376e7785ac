package org.mailserv.codec.smtp;

/** The standard replies, named by code and meaning. RFC 5321, 4.2.2 and 4.2.3; RFC 3463; RFC 5248. */
public final class SmtpReplies {
    public static final SmtpReply R220_READY_FOR_TLS = SmtpReply.of(220, "2.0.0", "Ready to start TLS");
    public static final SmtpReply R221_BYE = SmtpReply.of(221, "2.0.0", "Bye");
    public static final SmtpReply R235_AUTHENTICATED = SmtpReply.of(235, "2.7.0", "Authentication successful");
    public static final SmtpReply R250_OK = SmtpReply.of(250, "2.0.0", "Ok");
    public static final SmtpReply R250_SENDER_OK = SmtpReply.of(250, "2.1.0", "Sender ok");
    public static final SmtpReply R250_RECIPIENT_OK = SmtpReply.of(250, "2.1.5", "Recipient ok");
    public static final SmtpReply R252_CANNOT_VERIFY =
            SmtpReply.of(252, "2.1.5", "Cannot verify, but will take mail for it");
    public static final SmtpReply R354_SEND_MESSAGE = SmtpReply.of(354, "Start mail input; end with <CRLF>.<CRLF>");

    public static final SmtpReply R421_SHUTTING_DOWN =
            SmtpReply.of(421, "4.3.2", "Server is shutting down, closing connection");
    public static final SmtpReply R421_TIMEOUT = SmtpReply.of(421, "4.4.2", "Timeout, closing connection");
    public static final SmtpReply R421_TOO_MANY_ERRORS =
            SmtpReply.of(421, "4.7.0", "Too many errors, closing connection");
    public static final SmtpReply R421_TOO_MANY_COMMANDS =
            SmtpReply.of(421, "4.7.0", "Too many commands, closing connection");
    public static final SmtpReply R421_LOGIN_ENDED =
            SmtpReply.of(421, "4.7.0", "Account or password has changed, log in again, closing connection");
    public static final SmtpReply R421_INTERNAL = SmtpReply.of(421, "4.3.0", "Internal error, closing connection");
    public static final SmtpReply R451_IO_ERROR = SmtpReply.of(451, "4.3.0", "Cannot store the message now");
    public static final SmtpReply R451_OVERLOADED = SmtpReply.of(451, "4.3.1", "Server is busy, try again later");
    public static final SmtpReply R451_UNAVAILABLE =
            SmtpReply.of(451, "4.3.0", "Cannot look the recipient up now, try again later");
    public static final SmtpReply R452_DISK_FULL = SmtpReply.of(452, "4.3.1", "Insufficient system storage");
    public static final SmtpReply R452_MAILBOX_FULL = SmtpReply.of(452, "4.2.2", "Mailbox is full");
    public static final SmtpReply R452_TOO_MANY_RECIPIENTS = SmtpReply.of(452, "4.5.3", "Too many recipients");
    public static final SmtpReply R454_TLS_NOT_AVAILABLE = SmtpReply.of(454, "4.7.0", "TLS is not available now");
    public static final SmtpReply R454_TEMPORARY_AUTH_FAILURE =
            SmtpReply.of(454, "4.7.0", "Temporary authentication failure");

    public static final SmtpReply R500_UNRECOGNIZED = SmtpReply.of(500, "5.5.2", "Command unrecognized");
    public static final SmtpReply R500_LINE_TOO_LONG = SmtpReply.of(500, "5.5.2", "Line too long");
    public static final SmtpReply R500_BARE_CR_OR_LF =
            SmtpReply.of(500, "5.5.2", "Bare CR or LF in a command: lines end in CRLF");
    public static final SmtpReply R501_PLAINTEXT_BEHIND_STARTTLS =
            SmtpReply.of(501, "5.5.1", "Plain text behind STARTTLS, closing connection");
    public static final SmtpReply R501_NO_ARGUMENTS = SmtpReply.of(501, "5.5.4", "No arguments allowed");
    public static final SmtpReply R501_AUTH_CANCELLED = SmtpReply.of(501, "5.7.0", "Authentication cancelled");
    public static final SmtpReply R502_NOT_IMPLEMENTED = SmtpReply.of(502, "5.5.1", "Command not implemented");
    public static final SmtpReply R503_BAD_SEQUENCE = SmtpReply.of(503, "5.5.1", "Bad sequence of commands");
    public static final SmtpReply R503_HELLO_FIRST = SmtpReply.of(503, "5.5.1", "Send HELO or EHLO first");
    public static final SmtpReply R503_MAIL_FIRST = SmtpReply.of(503, "5.5.1", "Send MAIL first");
    public static final SmtpReply R503_NESTED_MAIL = SmtpReply.of(503, "5.5.1", "Nested MAIL command");
    public static final SmtpReply R503_RCPT_FIRST = SmtpReply.of(503, "5.5.1", "Send RCPT first");
    public static final SmtpReply R503_ALREADY_AUTHENTICATED = SmtpReply.of(503, "5.5.1", "Already authenticated");
    public static final SmtpReply R521_CHUNK_SIZE_UNREADABLE =
            SmtpReply.of(521, "5.5.4", "Malformed chunk size, closing connection");
    public static final SmtpReply R530_AUTHENTICATION_REQUIRED = SmtpReply.of(530, "5.7.0", "Authentication required");
    public static final SmtpReply R535_CREDENTIALS_INVALID =
            SmtpReply.of(535, "5.7.8", "Authentication credentials invalid");
    public static final SmtpReply R538_ENCRYPTION_REQUIRED =
            SmtpReply.of(538, "5.7.11", "Encryption required for requested authentication mechanism");
    public static final SmtpReply R550_NO_SUCH_MAILBOX = SmtpReply.of(550, "5.1.1", "No such mailbox here");
    public static final SmtpReply R550_RELAY_DENIED = SmtpReply.of(550, "5.7.1", "Relaying denied");
    public static final SmtpReply R550_SENDER_NOT_OWNED =
            SmtpReply.of(550, "5.7.1", "Sender address does not belong to the account");
    public static final SmtpReply R550_BARE_LINE_END =
            SmtpReply.of(550, "5.6.0", "Bare CR or LF in the message: lines end in CRLF");
    public static final SmtpReply R550_LINE_TOO_LONG = SmtpReply.of(550, "5.6.0", "A line of the message is too long");
    public static final SmtpReply R552_TOO_BIG = SmtpReply.of(552, "5.3.4", "Message too big");
    public static final SmtpReply R553_UTF8_NOT_ALLOWED =
            SmtpReply.of(553, "5.6.7", "Address is not ASCII: use SMTPUTF8");
    public static final SmtpReply R554_EARLY_TALKER =
            SmtpReply.of(554, "5.5.1", "Talked too early, closing connection");
    public static final SmtpReply R554_NO_VALID_RECIPIENTS = SmtpReply.of(554, "5.5.1", "No valid recipients");
    public static final SmtpReply R554_TOO_MANY_HOPS =
            SmtpReply.of(554, "5.4.6", "Too many hops: the message is looping");
    public static final SmtpReply R555_PARAMETER =
            SmtpReply.of(555, "5.5.4", "MAIL or RCPT parameter not recognized or not implemented");

    private SmtpReplies() {}

    /** Returns a 501 reply with the usage of a command. */
    static SmtpReply usage(String usage) {
        return SmtpReply.of(501, "5.5.4", "Usage: " + usage);
    }
}
