package org.mailserv.app.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A user.
 *
 * @param user {@code user@domain}
 * @param source the place where the user is written; one of the configuration cannot be changed by calls
 * @param disabled whether an operator disabled the user: no login is possible, but mail is delivered to the mailbox
 * @param closed the reason why nobody can log in, such as {@code nologin} or an unusable password; null if logins are possible
 * @param password whether the user has a password
 * @param networks the networks from which the user may log in; empty for all
 * @param quotaOctets maximum size of the mailbox; 0 for no limit
 * @param quotaMessages maximum number of messages; 0 for no limit
 * @param usedOctets size of the mailbox; null if it is unknown, as without a running server
 * @param usedMessages number of messages; null if it is unknown
 * @param forward addresses to which mail of the user is forwarded
 * @param keepCopy whether mail is delivered to the mailbox too; always true without forwarding
 * @param senders addresses, besides its own, that the user may send as
 * @param appPasswords the app passwords, without the passwords
 */
public record UserInfo(
        String user,
        SettingSource source,
        boolean disabled,
        @Nullable String closed,
        boolean password,
        List<String> networks,
        long quotaOctets,
        long quotaMessages,
        @Nullable Long usedOctets,
        @Nullable Long usedMessages,
        List<String> forward,
        boolean keepCopy,
        List<String> senders,
        List<AppPasswordInfo> appPasswords)
        implements DomainItem {
    @Override
    public String ofDomain() {
        return OwnDomain.of(user);
    }
}
