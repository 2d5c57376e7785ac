package org.mailserv.app.accounts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.UserForward;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.server.account.MailboxName;

/**
 * The forwarding of users. It is an alias with the name of the user in the aliases file: with the user itself among the targets, the mailbox
 * keeps a copy.
 */
final class Forwards {
    private static final int MOST = 20;

    private final AccountFiles files;

    Forwards(AccountFiles files) {
        this.files = files;
    }

    /** The forwarding of a user; without targets, mail goes to the mailbox. */
    record State(List<String> to, boolean keepCopy) {}

    State of(MailboxName mailbox) {
        List<String> targets = files.accounts().aliases().getOrDefault(mailbox.toString(), List.of());
        List<String> to = new ArrayList<>(targets);
        boolean own = to.removeIf(target -> mailbox.equals(AccountNames.target(target, mailbox.domain())));
        return new State(List.copyOf(to), own || targets.isEmpty());
    }

    /** Refuses a forwarding that cannot work. The user need not exist yet. */
    void check(MailboxName mailbox, UserForward wanted) throws ApiException {
        if (wanted.to().size() > MOST) {
            throw ApiException.malformed("forward: more than " + MOST + " addresses");
        }
        for (String target : wanted.to()) {
            Address address = PathParser.parseAddress(target);
            if (address == null || address.domain().isEmpty() || target.indexOf(',') >= 0) {
                throw ApiException.malformed("forward: " + target + " is no address (expected: user@domain)");
            } else if (mailbox.equals(new MailboxName(address.domain(), address.localPart()))) {
                throw ApiException.malformed(
                        "forward: " + target + " is the user's own address (keep_copy keeps mail in the mailbox)");
            } else if (files.accounts().isUnknown(address)) {
                throw ApiException.malformed("forward: " + target + " does not exist here");
            }
        }
        if (files.accounts().configuredAliases().containsKey(mailbox.toString())) {
            throw new ApiException(
                    ApiException.Kind.CONFLICT,
                    "the alias " + mailbox + " is in the configuration: change it there, and `mailserv reload`");
        }
    }

    void set(MailboxName mailbox, UserForward wanted) throws IOException {
        List<String> targets = new ArrayList<>();
        if (!wanted.to().isEmpty() && wanted.isKeepCopy()) {
            targets.add(mailbox.address().toString());
        }
        targets.addAll(wanted.to());
        files.aliases().put(mailbox.toString(), targets);
    }

    /** Removes the forwarding of a user that is removed. */
    void remove(MailboxName mailbox) throws IOException {
        Map<String, List<String>> all = files.aliases().read().aliases();
        if (all.containsKey(mailbox.toString())) {
            files.aliases().put(mailbox.toString(), List.of());
        }
    }
}
