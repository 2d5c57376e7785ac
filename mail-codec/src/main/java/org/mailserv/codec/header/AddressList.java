package org.mailserv.codec.header;

import java.util.ArrayList;
import java.util.List;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;

/**
 * Parses the addresses in a To, Cc or Bcc field. Skips display names, comments, groups and routes, and omits anything
 * that is not an address. Accepts obsolete forms and common mistakes.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5322#section-3.4">RFC 5322, 3.4</a>
 * @see Authors
 */
public final class AddressList {
    private AddressList() {}

    /**
     * Parses the value of a field.
     *
     * @param value the unfolded value
     * @param defaultDomain domain for local parts without one; empty to omit those
     */
    public static List<Address> parse(String value, String defaultDomain) {
        List<Address> addresses = new ArrayList<>();
        for (AddressParser.Mailbox mailbox : AddressParser.parse(value).mailboxes()) {
            String domain = mailbox.domain().isEmpty() ? defaultDomain : mailbox.domain();
            if (!domain.isEmpty()) {
                // The grammar of envelope paths decides which addresses can receive mail.
                Address address = PathParser.parseAddress(new Address(mailbox.localPart(), domain).toString());
                if (address != null) {
                    addresses.add(address);
                }
            }
        }
        return addresses;
    }
}
