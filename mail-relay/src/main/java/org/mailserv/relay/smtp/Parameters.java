package org.mailserv.relay.smtp;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.smtp.EsmtpParameters;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.relay.route.Route;
import org.mailserv.server.spool.BodyType;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.Notify;
import org.mailserv.server.spool.Recipient;

/** The MAIL and RCPT commands of a message, built from what it needs and the server offers. Also determines whether it can be sent there. */
final class Parameters {
    // Messages without a signature have been converted already.
    private static final String SIGNED = ", and its signature would become invalid if it were converted";

    private final Envelope envelope;
    private final OutgoingContent content;
    private final ContentFacts facts;
    private final ServerCapabilities capabilities;
    private final ReversePath reversePath;
    private final boolean lmtp;
    private final boolean secure;
    private final boolean utf8;

    Parameters(Delivery delivery, ServerCapabilities capabilities, Route route, boolean secure) {
        this.envelope = delivery.envelope();
        this.reversePath = delivery.reversePath();
        this.content = delivery.content();
        this.facts = content.facts();
        this.capabilities = capabilities;
        this.lmtp = route.lmtp();
        this.secure = secure;
        this.utf8 = envelope.smtpUtf8()
                || !isAsciiLocal(reversePath.address())
                || delivery.recipients().stream()
                        .anyMatch(
                                i -> !isAsciiLocal(envelope.recipients().get(i).address()));
    }

    private static boolean isAsciiLocal(@Nullable Address address) {
        return address == null || address.localPart().chars().allMatch(c -> c < 128);
    }

    private boolean isBinary() {
        return envelope.body() == BodyType.BINARY_MIME && !content.isConverted();
    }

    /** Returns whether the content must be converted to 7-bit form for a server. RFC 6152, 3. */
    static boolean needsSevenBit(Envelope envelope, OutgoingContent content, ServerCapabilities capabilities) {
        ContentFacts facts = content.facts();
        boolean binary = envelope.body() == BodyType.BINARY_MIME;
        boolean takesBinary = capabilities.has("BINARYMIME") && capabilities.has("CHUNKING");
        return binary && !takesBinary
                || facts.eightBit() && !capabilities.has("8BITMIME") && !capabilities.has("SMTPUTF8")
                || (facts.hasLongLine() || facts.bareLineEnd()) && !binary;
    }

    /** Returns the failure if the message cannot be sent to this server, else null. */
    @Nullable
    Outcome impossible() {
        long most = capabilities.maxSize();
        if (most > 0 && content.length() > most) {
            return Outcome.failed(
                    3, 4, "the message has " + content.length() + " octets, but the server's limit is " + most);
        } else if (utf8 && !capabilities.has("SMTPUTF8")) {
            return Outcome.failed(6, 7, "the message requires SMTPUTF8, which the server does not support");
        } else if (envelope.requireTls() && !(secure && capabilities.has("REQUIRETLS"))) {
            return Outcome.failed(7, 30, "the sender requires TLS on the whole way, which the server does not promise");
        } else if (isBinary() && !(capabilities.has("BINARYMIME") && capabilities.has("CHUNKING"))) {
            return Outcome.failed(6, 3, "the message is binary, which the server does not take");
        } else if (facts.eightBit() && !capabilities.has("8BITMIME") && !capabilities.has("SMTPUTF8")) {
            return Outcome.failed(6, 3, "the message has 8-bit characters, which the server does not take" + SIGNED);
        } else if (facts.hasLongLine() && !isBinary()) {
            return Outcome.failed(6, 3, "the message has a line of more than 998 octets" + SIGNED);
        } else if (facts.bareLineEnd() && !isBinary()) {
            return Outcome.failed(6, 3, "the message has a CR or LF that ends no line" + SIGNED);
        }
        return null;
    }

    /** Returns whether the content is sent with BDAT, which requires content that DATA would not have to repair. */
    boolean useBdat() {
        return capabilities.has("CHUNKING") && !lmtp && (isBinary() || !facts.bareLineEnd() && facts.endsInCrlf());
    }

    /** Returns whether the server takes over the responsibility for success notices. */
    boolean passesDsnOn() {
        return capabilities.has("DSN");
    }

    SmtpCommand mail() {
        Map<String, String> values = new LinkedHashMap<>();
        if (capabilities.has("SIZE")) {
            values.put("SIZE", Long.toString(content.length()));
        }
        if (isBinary()) {
            values.put("BODY", BodyType.BINARY_MIME.keyword());
        } else if (capabilities.has("8BITMIME")
                && (facts.eightBit() || envelope.body() == BodyType.EIGHT_BIT_MIME && !content.isConverted())) {
            values.put("BODY", BodyType.EIGHT_BIT_MIME.keyword());
        }
        if (utf8) {
            values.put("SMTPUTF8", "");
        }
        if (envelope.requireTls()) {
            values.put("REQUIRETLS", "");
        }
        if (capabilities.has("DSN")) {
            Boolean full = envelope.returnFull();
            if (full != null) {
                values.put("RET", full ? "FULL" : "HDRS");
            }
            String id = envelope.envelopeId();
            if (id != null) {
                values.put("ENVID", id);
            }
        }
        Address sender = reversePath.address();
        ReversePath path = sender == null ? ReversePath.NULL : new ReversePath(sender);
        return new SmtpCommand.Mail(path, EsmtpParameters.of(values));
    }

    SmtpCommand rcpt(Recipient recipient) {
        Map<String, String> values = new LinkedHashMap<>();
        if (capabilities.has("DSN")) {
            Set<Notify> notify = recipient.notifyOn();
            if (notify != null) {
                values.put("NOTIFY", notify.isEmpty() ? "NEVER" : keywords(notify));
            }
            String original = recipient.originalRecipient();
            if (original != null) {
                values.put("ORCPT", original);
            }
        }
        return new SmtpCommand.Rcpt(recipient.address(), EsmtpParameters.of(values));
    }

    private static String keywords(Set<Notify> notify) {
        return String.join(",", new TreeSet<>(notify).stream().map(Notify::name).toList());
    }
}
