package org.mailserv.app.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sets the forwarding of a user.
 *
 * @param user {@code user@domain}
 * @param to addresses, local or not; empty to end the forwarding
 * @param keepCopy whether mail is delivered to the mailbox too; null for true
 */
public record UserForward(
        String user, List<String> to, @Nullable Boolean keepCopy) implements Audited, DomainRequest {
    public boolean isKeepCopy() {
        return keepCopy == null || keepCopy;
    }

    @Override
    public String auditText() {
        return "user=" + user + " forward=" + (to.isEmpty() ? "none" : String.join(",", to))
                + (to.isEmpty() || isKeepCopy() ? "" : " without-copy");
    }

    @Override
    public List<String> concernedDomains() {
        return OwnDomain.listOf(user);
    }
}
