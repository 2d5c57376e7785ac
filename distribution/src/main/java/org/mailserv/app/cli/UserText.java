package org.mailserv.app.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.AppPasswordInfo;
import org.mailserv.app.api.SettingSource;
import org.mailserv.app.api.UserInfo;
import org.mailserv.app.api.VacationInfo;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Users in words, for the command line. */
final class UserText {
    private static final Pattern SIZE = Pattern.compile("(?i)(\\d{1,12})\\s*([KMGT]?)(i?B)?");

    private UserText() {}

    /** Parses a size such as {@code 2G}; {@code none} is 0, no limit. */
    static long octets(String text, CommandSpec spec) {
        Matcher size = SIZE.matcher(text.strip());
        if (text.strip().equalsIgnoreCase("none") || text.strip().equalsIgnoreCase("unlimited")) {
            return 0;
        } else if (!size.matches()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), text + " is no size (expected: a number with K, M, G or T, or none)");
        }
        String unit = size.group(2).toUpperCase(Locale.ROOT);
        return Long.parseLong(size.group(1)) << (unit.isEmpty() ? 0 : 10 * ("KMGT".indexOf(unit) + 1));
    }

    /** Returns the remark of a list after the name: a tab and the reason why the user cannot log in from everywhere. */
    static String remark(UserInfo user) {
        if (user.closed() != null) {
            return "\tclosed: " + user.closed();
        }
        return user.networks().isEmpty() ? "" : "\tonly from its allow_nets";
    }

    static String quota(UserInfo user) {
        String limit = user.quotaOctets() == 0 ? "no limit of size" : size(user.quotaOctets());
        String count = user.quotaMessages() == 0 ? "" : ", " + messages(user.quotaMessages());
        return limit + count + used(user.usedOctets(), user.usedMessages());
    }

    private static String used(@Nullable Long octets, @Nullable Long messages) {
        return octets == null || messages == null ? "" : "; used: " + size(octets) + ", " + messages(messages);
    }

    private static String messages(long count) {
        return count == 1 ? "1 message" : count + " messages";
    }

    /** Returns a size in the largest unit that keeps it whole or above ten. */
    static String size(long octets) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        double value = octets;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return value == Math.rint(value)
                ? (long) value + " " + units[unit]
                : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }

    static String forward(UserInfo user) {
        return user.forward().isEmpty()
                ? "not forwarded"
                : "forwarded to " + String.join(", ", user.forward())
                        + (user.keepCopy() ? ", with a copy in the mailbox" : ", without a copy in the mailbox");
    }

    /** Returns a user in lines of a name and a value. */
    static List<String> lines(UserInfo user) {
        List<String> lines = new ArrayList<>();
        lines.add("user: " + user.user());
        lines.add("source: " + (user.source() == SettingSource.FILE ? "users file" : "configuration"));
        lines.add("login: " + login(user));
        lines.add("quota: " + quota(user));
        lines.add("mail: " + forward(user));
        if (!user.senders().isEmpty()) {
            lines.add("may send as: " + String.join(", ", user.senders()));
        }
        for (AppPasswordInfo each : user.appPasswords()) {
            lines.add("app password: " + each.id() + " " + String.join(",", each.scopes()) + " " + each.name());
        }
        return lines;
    }

    /** Returns a vacation reply in lines. */
    static List<String> lines(VacationInfo vacation) {
        List<String> lines = new ArrayList<>();
        lines.add("vacation reply: " + (vacation.enabled() ? "on" : "off"));
        if (vacation.start() != null) {
            lines.add("from: " + vacation.start());
        }
        if (vacation.end() != null) {
            lines.add("until: " + vacation.end());
        }
        if (vacation.subject() != null) {
            lines.add("subject: " + vacation.subject());
        }
        vacation.text().lines().forEach(line -> lines.add("  " + line));
        return lines;
    }

    private static String login(UserInfo user) {
        if (user.disabled()) {
            return "disabled (mail is still delivered)";
        } else if (user.closed() != null) {
            return "nobody can log in: " + user.closed();
        } else if (!user.password()) {
            return "no password";
        }
        return user.networks().isEmpty() ? "permitted" : "only from " + String.join(", ", user.networks());
    }
}
