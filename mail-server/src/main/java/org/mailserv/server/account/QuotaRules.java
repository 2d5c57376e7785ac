package org.mailserv.server.account;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A user's quota in Dovecot's notations: {@code quota_rule=*:storage=1G:messages=1000} with any number after the
 * name, {@code quota_storage_size=1G}, {@code quota_message_count=1000}, and the old {@code
 * quota=maildir:storage=102400}. As in Dovecot, the later of two rules for the same limit applies. A rule for INBOX
 * applies in addition to the one for all folders.
 */
final class QuotaRules {
    private long octets;
    private long messages;
    private long inboxOctets;
    private long inboxMessages;

    /** Signals a rule that cannot be enforced. */
    static final class UnusableRule extends Exception {
        private static final long serialVersionUID = 1L;

        UnusableRule(String message) {
            super(message);
        }
    }

    /** Returns the maximum octets of the mailbox; 0 for no limit. */
    long octets() {
        return smaller(octets, inboxOctets);
    }

    /** Returns the maximum messages of the mailbox; 0 for no limit. */
    long messages() {
        return smaller(messages, inboxMessages);
    }

    private static long smaller(long one, long other) {
        return one == 0 ? other : other == 0 ? one : Math.min(one, other);
    }

    /** Returns whether a field, without the prefix {@code userdb_}, concerns quota. */
    static boolean isQuota(String name) {
        return name.equals("quota") || name.startsWith("quota_") || name.matches("quota\\d+(_.*)?");
    }

    /**
     * Applies a field.
     *
     * @return a remark on parts that are ignored and do no harm, or null
     * @throws UnusableRule if a limit cannot be enforced
     */
    @Nullable
    String take(String name, String value) throws UnusableRule {
        if (name.matches("quota_rule\\d*")) {
            return rule(value);
        } else if (name.equals("quota_storage_size")) {
            octets = value.equalsIgnoreCase("unlimited") ? 0 : size(value, 1);
            return null;
        } else if (name.equals("quota_message_count")) {
            messages = value.equalsIgnoreCase("unlimited") ? 0 : size(value, 1);
            return null;
        } else if (name.equals("quota")) {
            return backend(value);
        } else if (name.equals("quota_storage_percentage") || name.equals("quota_message_percentage")) {
            return percentage(value);
        } else if (name.matches(
                "quota_(storage_grace|grace|storage_extra|warning\\d*|over_.*|exceeded_message|vsizes|set|status.*)")) {
            return "has no effect here";
        }
        throw new UnusableRule("this kind of quota is unknown");
    }

    /** Applies {@code FOLDER:LIMIT:LIMIT...}. */
    private @Nullable String rule(String value) throws UnusableRule {
        int colon = value.indexOf(':');
        String folder = colon < 0 ? "" : value.substring(0, colon);
        if (folder.isEmpty()) {
            throw new UnusableRule("no rule (expected: *:storage=1G)");
        }
        boolean all = folder.equals("*") || folder.equals("?");
        if (!all && !folder.equalsIgnoreCase("INBOX")) {
            return "folder " + folder + ": nothing is delivered there";
        }
        for (String limit : value.substring(colon + 1).split(":")) {
            limit(limit, all);
        }
        return null;
    }

    private void limit(String limit, boolean all) throws UnusableRule {
        String lower = limit.toLowerCase(Locale.ROOT);
        if (lower.startsWith("storage=") || lower.startsWith("bytes=")) {
            long size = size(limit.substring(limit.indexOf('=') + 1), lower.startsWith("s") ? 1 << 10 : 1);
            if (all) {
                octets = size;
            } else {
                inboxOctets = size;
            }
        } else if (lower.startsWith("messages=")) {
            long count = size(limit.substring(limit.indexOf('=') + 1), 1);
            if (all) {
                messages = count;
            } else {
                inboxMessages = count;
            }
        } else if (!lower.equals("ignore") && !lower.equals("noenforcing")) {
            throw new UnusableRule("limit \"" + limit + "\" is unknown (expected: storage=, bytes=, messages=)");
        }
    }

    /** Applies a quota backend of Dovecot, which contained the limits before version 1.1. */
    private @Nullable String backend(String value) throws UnusableRule {
        String[] parts = value.split(":");
        for (int i = 1; i < parts.length; i++) {
            if (parts[i].matches("(?i)(storage|bytes|messages)=.*")) {
                limit(parts[i], true);
            }
        }
        return null;
    }

    private static @Nullable String percentage(String value) throws UnusableRule {
        if (!value.matches("\\d{1,4}%?") || Integer.parseInt(value.replace("%", "")) < 100) {
            throw new UnusableRule("a percentage cannot be kept to");
        }
        return "has no effect here";
    }

    /** Parses a number with an optional unit B, K, M, G or T (or KB, KiB and so on). */
    private static long size(String text, long without) throws UnusableRule {
        String number = text.startsWith("+") ? text.substring(1) : text;
        if (!number.matches("(?i)\\d{1,18}(b|[kmgt](i?b)?)?")) {
            throw new UnusableRule("\"" + text + "\" cannot be kept to (expected: a number with B, K, M, G or T)");
        }
        String digits = number.replaceAll("\\D.*", "");
        String unit = number.substring(digits.length()).toUpperCase(Locale.ROOT);
        long factor = unit.isEmpty() ? without : unit.equals("B") ? 1 : 1L << 10 * ("KMGT".indexOf(unit.charAt(0)) + 1);
        long value = Long.parseLong(digits);
        return value > Long.MAX_VALUE / factor ? Long.MAX_VALUE : value * factor;
    }
}
