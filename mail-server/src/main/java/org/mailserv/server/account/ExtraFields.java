package org.mailserv.server.account;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.mailserv.server.net.CidrSet;
import org.mailserv.server.text.Failures;

/**
 * The extra fields of a line in Dovecot's passwd-file, such as {@code allow_nets=192.0.2.0/24
 * userdb_quota_rule=*:storage=1G}. A field that may be a restriction but cannot be enforced closes the account. Other
 * facts about the user ({@code userdb_home}) are ignored.
 *
 * @see <a href="https://doc.dovecot.org/main/core/config/auth/passdb.html#extra-fields">Dovecot, passdb extra
 *     fields</a>
 */
final class ExtraFields {
    private static final String USERDB = "userdb_";
    /** Fields that do not affect who may log in. */
    private static final Set<String> FACTS = Set.of(
            "home",
            "uid",
            "gid",
            "mail",
            "mail_path",
            "mail_driver",
            "mail_location",
            "mail_inbox_path",
            "mail_uid",
            "mail_gid",
            "mail_home",
            "system_groups_user",
            "nice",
            "namespace",
            "nodelay",
            "reason");

    private final QuotaRules quota = new QuotaRules();
    private final List<String> problems = new ArrayList<>();
    private final List<String> notices = new ArrayList<>();
    private LoginRestrictions restrictions = LoginRestrictions.NONE;
    private boolean passwordless;

    private ExtraFields() {}

    static ExtraFields parse(String text) {
        ExtraFields fields = new ExtraFields();
        for (String word : text.strip().split("\\s+")) {
            if (!word.isEmpty()) {
                int equals = word.indexOf('=');
                String name = (equals < 0 ? word : word.substring(0, equals)).toLowerCase(Locale.ROOT);
                fields.take(name, equals < 0 ? "" : word.substring(equals + 1));
            }
        }
        return fields;
    }

    /**
     * Returns whether another field than the eighth contains extra fields, so that a restriction would be overlooked.
     */
    static boolean isMisplaced(String field) {
        return field.matches("(?i)(.*\\s)?(allow_nets|allow_real_nets|nologin|nopassword|proxy|delay_until"
                + "|(userdb_)?quota\\w*)(=.*|\\s.*)?");
    }

    private void take(String name, String value) {
        String plain = name.startsWith(USERDB) ? name.substring(USERDB.length()) : name;
        if (QuotaRules.isQuota(plain)) {
            takeQuota(name, plain, value);
        } else if (name.equals("nopassword")) {
            passwordless = value.isEmpty() || value.startsWith("y");
        } else if (name.equals("allow_nets")) {
            allowNets(value);
        } else if (name.equals("nologin")) {
            // Dovecot checks only the presence of the field, not its value.
            restrictions = restrictions.and(LoginRestrictions.closed("nologin"));
        } else if (!FACTS.contains(plain)) {
            unknown(name, plain);
        }
    }

    private void unknown(String name, String plain) {
        boolean fact = name.startsWith(USERDB)
                && !plain.matches(
                        ".*(allow|deny|login|nets|limit|max|restrict|expire|disable|lock|suspend|block|fail).*");
        if (fact) {
            notices.add(name + ": unknown, and has no effect");
        } else {
            close(name + " is not supported");
        }
    }

    private void takeQuota(String name, String plain, String value) {
        try {
            String remark = quota.take(plain, value);
            if (remark != null) {
                notices.add(name + ": " + remark);
            }
        } catch (QuotaRules.UnusableRule e) {
            close(name + ": " + Failures.text(e));
        }
    }

    /**
     * Restricts logins to networks. An invalid entry admits nobody, but valid entries beside it count. {@code local}
     * matches no TCP client, as in Dovecot.
     */
    private void allowNets(String value) {
        List<String> networks = new ArrayList<>();
        for (String network : value.split(",")) {
            if (network.equalsIgnoreCase("local")) {
                notices.add("allow_nets: local fits no client, since all come by TCP");
                continue;
            }
            try {
                CidrSet.parse(List.of(network));
                networks.add(network);
            } catch (IllegalArgumentException e) {
                problems.add("allow_nets: \"" + network + "\" is no network, and lets nobody in");
            }
        }
        restrictions = restrictions.and(
                networks.isEmpty()
                        ? LoginRestrictions.closed("allow_nets has no network")
                        : new LoginRestrictions(null, List.of(CidrSet.parse(networks))));
    }

    private void close(String reason) {
        problems.add(reason + ", so that nobody can log in");
        restrictions = restrictions.and(LoginRestrictions.closed(reason));
    }

    LoginRestrictions restrictions() {
        return restrictions;
    }

    boolean passwordless() {
        return passwordless;
    }

    QuotaRules quota() {
        return quota;
    }

    /** Returns the problems that the operator must fix. */
    List<String> problems() {
        return problems;
    }

    /** Returns remarks on fields that have no effect and do no harm. */
    List<String> notices() {
        return notices;
    }
}
