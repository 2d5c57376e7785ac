package org.mailserv.codec.smtp;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathForm;
import org.mailserv.codec.address.ReversePath;

/**
 * A parsed SMTP command line. A line that cannot be parsed becomes a {@link Malformed}, which carries its reply.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1">RFC 5321, 4.1.1</a>
 */
public sealed interface SmtpCommand extends SmtpObject {
    /** Returns the verb in upper case, for logs and tables; {@code "?"} if there is none. */
    String verb();

    /** HELO. RFC 5321, 4.1.1.1. */
    record Helo(String domain) implements SmtpCommand {
        @Override
        public String verb() {
            return "HELO";
        }
    }

    /** EHLO. RFC 5321, 4.1.1.1. */
    record Ehlo(String domain) implements SmtpCommand {
        @Override
        public String verb() {
            return "EHLO";
        }
    }

    /** LHLO of LMTP. RFC 2033, 4.1. */
    record Lhlo(String domain) implements SmtpCommand {
        @Override
        public String verb() {
            return "LHLO";
        }
    }

    /**
     * MAIL FROM. RFC 5321, 4.1.1.2.
     *
     * @param form the syntax in which the client wrote the path
     */
    record Mail(ReversePath path, EsmtpParameters parameters, PathForm form) implements SmtpCommand {
        /** Creates a command to send, with its path in the form that {@link Address} writes. */
        public Mail(ReversePath path, EsmtpParameters parameters) {
            this(path, parameters, new PathForm(!path.isAscii(), true));
        }

        @Override
        public String verb() {
            return "MAIL";
        }
    }

    /**
     * RCPT TO. RFC 5321, 4.1.1.3. Source routes have been dropped.
     *
     * @param form the syntax in which the client wrote the path
     */
    record Rcpt(Address address, EsmtpParameters parameters, PathForm form) implements SmtpCommand {
        /** Creates a command to send, with its path in the form that {@link Address} writes. */
        public Rcpt(Address address, EsmtpParameters parameters) {
            this(address, parameters, new PathForm(!address.isAscii(), true));
        }

        @Override
        public String verb() {
            return "RCPT";
        }
    }

    /** DATA. RFC 5321, 4.1.1.4. */
    record Data() implements SmtpCommand {
        @Override
        public String verb() {
            return "DATA";
        }
    }

    /**
     * BDAT. RFC 3030, 2. Its octets always follow as content, even if the command is rejected.
     *
     * @param size octets in this chunk, 0 or more
     * @param last whether this chunk ends the message
     */
    record Bdat(long size, boolean last) implements SmtpCommand {
        @Override
        public String verb() {
            return "BDAT";
        }
    }

    /** RSET. RFC 5321, 4.1.1.5. */
    record Rset() implements SmtpCommand {
        @Override
        public String verb() {
            return "RSET";
        }
    }

    /** NOOP. Its argument is ignored. RFC 5321, 4.1.1.9. */
    record Noop() implements SmtpCommand {
        @Override
        public String verb() {
            return "NOOP";
        }
    }

    /** QUIT. RFC 5321, 4.1.1.10. */
    record Quit() implements SmtpCommand {
        @Override
        public String verb() {
            return "QUIT";
        }
    }

    /** HELP, with or without a topic. RFC 5321, 4.1.1.8. */
    record Help(@Nullable String topic) implements SmtpCommand {
        @Override
        public String verb() {
            return "HELP";
        }
    }

    /** VRFY. RFC 5321, 4.1.1.6. */
    record Vrfy(String argument) implements SmtpCommand {
        @Override
        public String verb() {
            return "VRFY";
        }
    }

    /** EXPN. RFC 5321, 4.1.1.7. */
    record Expn(String argument) implements SmtpCommand {
        @Override
        public String verb() {
            return "EXPN";
        }
    }

    /** ETRN. RFC 1985. */
    record Etrn(String node) implements SmtpCommand {
        @Override
        public String verb() {
            return "ETRN";
        }
    }

    /** STARTTLS. RFC 3207, 4. */
    record StartTls() implements SmtpCommand {
        @Override
        public String verb() {
            return "STARTTLS";
        }
    }

    /**
     * AUTH. RFC 4954, 4.
     *
     * @param mechanism in upper case
     * @param initialResponse in base64; {@code "="} for an empty one, null for none; never logged
     */
    record Auth(String mechanism, @Nullable String initialResponse) implements SmtpCommand {
        @Override
        public String verb() {
            return "AUTH";
        }

        @Override
        public String toString() {
            return "Auth[mechanism=" + mechanism + "]";
        }
    }

    /** The line that answers a 334 challenge: base64, or {@code "*"} to cancel. RFC 4954, 4. Never logged. */
    record AuthResponse(String line) implements SmtpCommand {
        @Override
        public String verb() {
            return "AUTH";
        }

        @Override
        public String toString() {
            return "AuthResponse[]";
        }
    }

    /** XCLIENT, with attributes decoded from xtext and names in upper case. */
    record Xclient(EsmtpParameters attributes) implements SmtpCommand {
        @Override
        public String verb() {
            return "XCLIENT";
        }
    }

    /** SEND, SOML, SAML or TURN, which are recognized but not supported. RFC 5321, F.1 and F.6. */
    record Obsolete(String verb) implements SmtpCommand {}

    /** An unknown verb, reduced to printable characters and at most 32 of them. */
    record Unknown(String verb) implements SmtpCommand {}

    /**
     * A line that is not a command or has invalid arguments, with its reply.
     *
     * @param verb the verb if it was recognized, otherwise {@code "?"}
     * @param reply the reply; after 421 or 521 the codec reads nothing more
     */
    record Malformed(String verb, SmtpReply reply) implements SmtpCommand {}
}
