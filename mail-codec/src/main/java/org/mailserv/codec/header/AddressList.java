package org.mailserv.codec.header;

import java.util.ArrayList;
import java.util.List;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;

/**
 * The addresses in a To, Cc or Bcc field. Display names, comments, groups and routes are passed over; what is no address is left out.
 * Reads the obsolete forms and the usual mistakes too.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5322#section-3.4">RFC 5322, 3.4</a>
 * @see Authors
 */
public final class AddressList {
    private AddressList() {}

    /**
     * Reads the value of a field.
     *
     * @param value unfolded
     * @param defaultDomain for local names without a domain; empty to leave them out
     */
    public static List<Address> parse(String value, String defaultDomain) {
        List<Address> addresses = new ArrayList<>();
        for (AddressParser.Mailbox mailbox : AddressParser.parse(value).mailboxes()) {
            String domain = mailbox.domain().isEmpty() ? defaultDomain : mailbox.domain();
            if (!domain.isEmpty()) {
                // The grammar of paths decides what can be mailed to.
                Address address = PathParser.parseAddress(new Address(mailbox.localPart(), domain).toString());
                if (address != null) {
                    addresses.add(address);
                }
            }
        }
        return addresses;
    }
}
