package org.mailserv.server.smtp;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathForm;
import org.mailserv.codec.smtp.SmtpReply;

/** The forms of an address that MAIL and RCPT refuse. */
final class AddressRules {
    private static final String BARE_NAME = "Address without a domain (expected: <local-part@domain>)";
    static final SmtpReply BARE_SENDER = SmtpReply.of(501, "5.1.7", BARE_NAME);
    static final SmtpReply BARE_RECIPIENT = SmtpReply.of(501, "5.1.3", BARE_NAME);

    private AddressRules() {}

    /** Returns whether an address has no domain. */
    static boolean isBare(@Nullable Address address) {
        return address != null && address.domain().isEmpty();
    }

    /**
     * Returns the refusal of a local part that breaks the grammar or the length limit of RFC 5321, 4.1.2 and 4.5.3.1.1, where the
     * configuration enforces them; else null.
     *
     * @param status the enhanced status of the refusal
     */
    static @Nullable SmtpReply malformed(SmtpConfig config, PathForm form, String status) {
        return config.strictAddresses() && !form.standard()
                ? SmtpReply.of(
                        501,
                        status,
                        "Malformed local part (expected: dots only between words, at most 64 octets; or quotes)")
                : null;
    }
}
