package org.mailserv.server.account;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.address.LocalParts;
import org.mailserv.codec.address.PathParser;

/** A snapshot of domains, users and aliases. Immutable; replaced as a whole when something changes. */
final class Directory {
    private static final int MAX_DEPTH = 20;
    private static final int MAX_TARGETS = 1_000;

    private final Map<String, DomainConfig> domains;
    private final Map<MailboxName, Account> accounts;
    /** Aliases of the configuration, by {@code name@domain}. */
    private final Map<String, List<String>> configured = new LinkedHashMap<>();

    /** Aliases of the aliases file, by {@code name@domain}. The configuration takes precedence. */
    private final Map<String, List<String>> aliases;

    private final String primaryDomain;
    private final String separators;
    private final OwnNames ownNames;
    private final boolean scram;

    Directory(
            Map<String, DomainConfig> domains,
            Map<MailboxName, Account> users,
            Map<String, List<String>> aliases,
            @Nullable String primaryDomain,
            String separators) {
        this(domains, users, aliases, primaryDomain, separators, OwnNames.NONE);
    }

    /**
     * Combines the sources.
     *
     * @param ownNames names of this host, which stand for the primary domain unless they are configured domains
     */
    Directory(
            Map<String, DomainConfig> domains,
            Map<MailboxName, Account> users,
            Map<String, List<String>> aliases,
            @Nullable String primaryDomain,
            String separators,
            OwnNames ownNames) {
        this.ownNames = ownNames;
        this.domains = new LinkedHashMap<>();
        this.accounts = new LinkedHashMap<>();
        this.separators = separators;
        domains.forEach((name, config) -> {
            String domain = DomainNames.canonical(name);
            this.domains.put(domain, config);
            config.aliases().forEach((alias, targets) -> configured.put(key(alias, domain), targets));
            config.mailboxes().forEach((mailbox, settings) -> {
                Account account = account(new MailboxName(domain, mailbox), settings);
                accounts.put(account.mailbox(), account);
            });
        });
        users.forEach((mailbox, user) -> {
            Account own = accounts.putIfAbsent(mailbox, user);
            if (own != null) {
                // The configuration's password takes precedence, but the restrictions of both sources apply.
                accounts.put(mailbox, own.restricted(user.restrictions()));
            }
        });
        this.scram = accounts.values().stream()
                .map(Account::password)
                .allMatch(password ->
                        password == null || password.startsWith("{PLAIN}") || password.startsWith("{SCRAM-SHA-256}"));
        this.primaryDomain = primaryDomain != null
                ? DomainNames.canonical(primaryDomain)
                : this.domains.keySet().stream().findFirst().orElse("localhost");
        this.aliases = new LinkedHashMap<>();
        aliases.forEach((name, targets) ->
                this.aliases.putIfAbsent(name.indexOf('@') < 0 ? name + "@" + this.primaryDomain : name, targets));
    }

    private static Account account(MailboxName mailbox, DomainConfig.MailboxConfig settings) {
        Long quota = settings.quota();
        Long messages = settings.quotaMessages();
        Boolean passwordless = settings.passwordless();
        Set<String> senders = new LinkedHashSet<>();
        settings.senders().forEach(sender -> senders.add(sender(sender)));
        return new Account(
                mailbox,
                settings.password(),
                passwordless != null && passwordless,
                senders,
                quota == null ? 0 : quota,
                messages == null ? 0 : messages);
    }

    boolean isLocalDomain(String domain) {
        return domains.containsKey(listed(domain));
    }

    /**
     * Returns the configured domain that a domain stands for: the primary domain for an empty domain and for names of
     * this host.
     */
    String listed(String given) {
        String domain = given.isEmpty() ? "" : DomainNames.canonical(given);
        return !domains.containsKey(domain) && (domain.isEmpty() || ownNames.contains(domain)) ? primaryDomain : domain;
    }

    boolean isRouted(String domain) {
        DomainConfig settings = domains.get(listed(domain));
        return settings != null && settings.isRouted();
    }

    private Address listed(Address address) {
        String domain = listed(address.domain());
        return domain.equals(address.domain()) ? address : new Address(address.localPart(), domain);
    }

    String primaryDomain() {
        return primaryDomain;
    }

    @Nullable
    Account find(String login) {
        MailboxName mailbox = UsersFile.mailbox(login);
        return mailbox == null ? null : accounts.get(mailbox);
    }

    /** Returns the hash of some account, so that verifying an unknown login takes equally long. */
    String anyPassword(String otherwise) {
        for (Account account : accounts.values()) {
            String password = account.password();
            if (password != null) {
                return password;
            }
        }
        return otherwise;
    }

    boolean supportsScram() {
        return scram;
    }

    /** Returns the iteration count of stored SCRAM keys, so that unknown logins look like known ones. */
    int scramIterations(int otherwise) {
        for (Account account : accounts.values()) {
            String password = account.password();
            ScramCredentials read =
                    password != null && password.startsWith("{SCRAM-SHA-256}") ? ScramCredentials.read(password) : null;
            if (read != null) {
                return read.iterations();
            }
        }
        return otherwise;
    }

    Map<MailboxName, Account> accounts() {
        return accounts;
    }

    Resolution resolve(Address address) {
        Targets targets = new Targets();
        targets.follow(address, 0);
        return targets.mailboxes.isEmpty() && targets.forwards.isEmpty()
                ? new Resolution.Unknown()
                : new Resolution.Found(List.copyOf(targets.mailboxes), List.copyOf(targets.forwards));
    }

    /** The targets of one address, across any number of aliases. */
    private final class Targets {
        private final Set<MailboxName> mailboxes = new LinkedHashSet<>();
        private final Set<Address> forwards = new LinkedHashSet<>();
        private final Set<String> seen = new LinkedHashSet<>();

        void follow(Address given, int depth) {
            Address address = listed(given);
            DomainConfig domain = domains.get(address.domain());
            if (domain == null) {
                forwards.add(address);
                return;
            }
            String name = address.canonicalLocalPart();
            // A repeated address is a loop or a duplicate target. It has been followed already.
            if (depth > MAX_DEPTH || seen.size() > MAX_TARGETS || !seen.add(name + "@" + address.domain())) {
                return;
            }
            if (followExact(name, address.domain(), depth)) {
                return;
            }
            int tag = tagStart(name);
            if (tag > 0 && followExact(name.substring(0, tag), address.domain(), depth)) {
                return;
            }
            List<String> catchAll = catchAll(address.domain(), domain);
            if (address.isPostmaster() || catchAll.isEmpty() && isRole(name)) {
                person(address.domain(), domain, depth);
            } else {
                catchAll.forEach(target -> followText(target, address.domain(), depth));
            }
        }

        private boolean followExact(String name, String domainName, int depth) {
            List<String> targets = alias(domainName, name);
            if (targets != null) {
                targets.forEach(target -> followText(target, domainName, depth));
                return true;
            }
            MailboxName mailbox = new MailboxName(domainName, name);
            return accounts.containsKey(mailbox) && (mailboxes.add(mailbox) || true);
        }

        private void followText(String target, String domain, int depth) {
            Address address = target(target, domain);
            if (address == null) {
                return;
            }
            // An alias that names itself keeps a copy in the mailbox of the same name.
            MailboxName same = new MailboxName(address.domain(), address.localPart());
            if (seen.contains(same.toString()) && accounts.containsKey(same)) {
                mailboxes.add(same);
            } else {
                follow(address, depth + 1);
            }
        }

        /** Adds the postmaster's mailbox: a mailbox of this domain, or else of any. RFC 5321, 4.5.1. */
        private void person(String domainName, DomainConfig domain, int depth) {
            String configured = domain.postmaster();
            if (configured != null) {
                followText(configured, domainName, depth);
            }
            if (mailboxes.isEmpty() && forwards.isEmpty()) {
                MailboxName person = firstOf(domainName);
                if (person == null) {
                    person = firstOf(primaryDomain);
                }
                if (person == null) {
                    person = accounts.keySet().stream().findFirst().orElse(new MailboxName(domainName, "postmaster"));
                }
                mailboxes.add(person);
            }
        }
    }

    /**
     * Returns the address that an alias names. A bare name belongs to the alias's domain, or to the primary domain if
     * it exists only there.
     */
    @Nullable
    Address target(String text, String domain) {
        if (text.indexOf('@') >= 0) {
            Address address = PathParser.parseAddress(text);
            return address == null ? null : listed(address);
        }
        boolean elsewhere = !isListed(text, domain) && isListed(text, primaryDomain);
        return PathParser.parseAddress(text + "@" + (elsewhere ? primaryDomain : domain));
    }

    /** Returns whether a mailbox or alias with the name exists, with or without its subaddress. */
    private boolean isListed(String text, String domainName) {
        DomainConfig domain = domains.get(domainName);
        String name = LocalParts.canonical(text);
        int tag = tagStart(name);
        return domain != null && (isExact(name, domainName) || tag > 0 && isExact(name.substring(0, tag), domainName));
    }

    private boolean isExact(String name, String domainName) {
        return alias(domainName, name) != null || accounts.containsKey(new MailboxName(domainName, name));
    }

    private boolean isRole(String name) {
        int tag = tagStart(name);
        return RoleNames.contains(name) || tag > 0 && RoleNames.contains(name.substring(0, tag));
    }

    /**
     * Returns whether an address exists only as one of the {@link RoleNames}, without a mailbox, alias or catch-all.
     */
    boolean isRoleByDefault(Address given) {
        Address address = listed(given);
        DomainConfig domain = domains.get(address.domain());
        return domain != null
                && isRole(address.canonicalLocalPart())
                && !isListed(address.localPart(), address.domain())
                && catchAll(address.domain(), domain).isEmpty();
    }

    private @Nullable MailboxName firstOf(String domain) {
        return accounts.keySet().stream()
                .filter(mailbox -> mailbox.domain().equals(domain))
                .findFirst()
                .orElse(null);
    }

    private List<String> catchAll(String name, DomainConfig domain) {
        String configured = domain.catchAll();
        return configured != null ? List.of(configured) : aliases.getOrDefault("@" + name, List.of());
    }

    /** Returns the targets of an alias, or null if there is none. */
    @Nullable
    List<String> alias(String domainName, String name) {
        String key = name + "@" + domainName;
        List<String> targets = configured.get(key);
        return targets == null ? aliases.get(key) : targets;
    }

    /** Returns the key of an alias configured in a domain. The name may be quoted. */
    private static String key(String alias, String domain) {
        String key = alias.startsWith("\"") ? AliasesFile.key(alias + "@" + domain) : null;
        return key == null ? LocalParts.canonical(alias) + "@" + domain : key;
    }

    /** Returns the canonical form of an address, or of a whole {@code @domain}, that an account may send as. */
    private static String sender(String text) {
        if (text.startsWith("@")) {
            return "@" + DomainNames.canonical(text.substring(1));
        }
        MailboxName name = MailboxName.of(text);
        return name == null ? text.toLowerCase(Locale.ROOT) : name.toString();
    }

    private int tagStart(String name) {
        for (int i = 1; i < name.length(); i++) {
            if (separators.indexOf(name.charAt(i)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    /** Returns the aliases of the configuration by {@code name@domain}, without catch-alls. */
    Map<String, List<String>> configuredAliases() {
        return configured;
    }

    /** Returns a directory in which the aliases file has an alias with these targets. */
    Directory withAlias(String key, List<String> targets) {
        Map<String, List<String>> changed = new LinkedHashMap<>(aliases);
        changed.put(key, targets);
        return new Directory(domains, accounts, changed, primaryDomain, separators, ownNames);
    }

    /** Returns all aliases by {@code name@domain}, those of the configuration first. */
    Map<String, List<String>> allAliases() {
        Map<String, List<String>> all = new LinkedHashMap<>(configured);
        aliases.forEach(all::putIfAbsent);
        return all;
    }
}
