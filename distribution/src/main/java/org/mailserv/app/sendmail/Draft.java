package org.mailserv.app.sendmail;

import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.header.MailDate;

/** A message and its envelope. */
record Draft(
        SendmailOptions options,
        String domain,
        ReversePath sender,
        Set<Address> recipients,
        LocalMessage message,
        SmtpHandover.Wishes wishes) {

    /**
     * Returns the complete header.
     *
     * @param fallback the domain for names without one if the configuration is unknown; empty to let the server complete them
     * @param hostname the host name in Message-ID; empty to let the server add it
     */
    byte[] header(String fallback, String hostname) {
        String qualifier = domain.isEmpty() ? fallback : domain;
        Address address = sender.address();
        String text = address == null
                ? "MAILER-DAEMON" + (qualifier.isEmpty() ? "" : "@" + qualifier)
                : address.domain().isEmpty() && !qualifier.isEmpty() ? address + "@" + qualifier : address.toString();
        String name = options.fullName();
        if (name == null) {
            name = options.sender() == null ? LocalUser.current(System.getenv()).fullName() : "";
        }
        List<String> missing = new ArrayList<>();
        missing.add("Date: " + MailDate.format(Instant.now(), ZoneId.systemDefault()));
        if (!hostname.isEmpty()) {
            missing.add("Message-ID: <" + UUID.randomUUID() + "@" + hostname + ">");
        }
        return message.header(qualifier, LocalUser.mailbox(name, text), missing);
    }
}
