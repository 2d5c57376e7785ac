package org.mailserv.app.accounts;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.address.PathParser;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.account.DomainConfig;
import org.mailserv.server.account.MailboxName;

/** Reads the names in requests and refuses those that cannot be users, aliases or targets. */
final class AccountNames {
    private AccountNames() {}

    /** Returns the mailbox of a user, which need not exist. */
    static MailboxName user(@Nullable String text) throws ApiException {
        Address address = text == null ? null : PathParser.parseAddress(text.strip());
        if (address == null || address.domain().isEmpty()) {
            throw ApiException.malformed(
                    (text == null ? "user: missing" : text + " is no mailbox") + " (expected: user@domain)");
        }
        if (address.localPart().indexOf(':') >= 0 || address.localPart().startsWith("#")) {
            throw ApiException.malformed(
                    text + " cannot be in a users file, where : ends the name and # begins a comment");
        }
        return new MailboxName(address.domain(), address.localPart());
    }

    /** Returns the key of an alias of a local domain. */
    static String alias(@Nullable String text, MailservConfig config) throws ApiException {
        String key = text == null ? null : AliasesFile.key(text);
        if (key == null) {
            throw ApiException.malformed(
                    (text == null ? "alias: missing" : text + " is no alias") + " (expected: name@domain, or @domain)");
        }
        requireLocal(domainOf(key), config);
        return key;
    }

    static void requireLocal(String domain, MailservConfig config) throws ApiException {
        if (config.domains().keySet().stream().noneMatch(own -> DomainNames.same(own, domain))) {
            throw ApiException.malformed(domain
                    + " is no local domain: add it with `mailserv domain add " + domain + "`, or to domains in the"
                    + " configuration");
        }
    }

    /** Checks the targets of an alias: addresses, or names in its domain. */
    static void requireTargets(List<String> targets, String domain) throws ApiException {
        if (targets.isEmpty()) {
            throw ApiException.malformed("targets: none (expected: at least one address)");
        }
        for (String target : targets) {
            Address address = PathParser.parseAddress(target.indexOf('@') < 0 ? target + "@" + domain : target);
            if (address == null || address.domain().isEmpty() || target.indexOf(',') >= 0) {
                throw ApiException.malformed(target + " is no address (expected: user@domain, or user)");
            }
        }
    }

    static String domainOf(String key) {
        return key.substring(key.lastIndexOf('@') + 1);
    }

    /** Returns whether a name belongs to a domain; every name does if the domain is null. */
    static boolean isIn(@Nullable String domain, String name) {
        return domain == null || DomainNames.same(domain, domainOf(name));
    }

    /** Returns whether the configuration has a mailbox. */
    static boolean isConfigured(MailboxName mailbox, MailservConfig config) {
        for (Map.Entry<String, DomainConfig> domain : config.domains().entrySet()) {
            for (String name : domain.getValue().mailboxes().keySet()) {
                if (new MailboxName(domain.getKey(), name).equals(mailbox)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Returns the mailbox that a target of an alias names, or null if it cannot be one. */
    static @Nullable MailboxName target(String text, String domain) {
        return MailboxName.of((text.indexOf('@') < 0 ? text + "@" + domain : text).toLowerCase(Locale.ROOT));
    }
}
