package org.mailserv.app.control;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.queue.QueueAdmin;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueOrder;

/**
 * A change to the queue that is asked for on the admin page or by the API.
 *
 * @param domain the destination, or empty
 * @param to the address of a recipient, or empty
 * @param reason words for the log and for who is told, or empty
 */
public record QueueChange(
        QueueAdmin.Action action, Set<String> ids, String domain, String to, String reason, boolean dryRun) {
    /** A change that cannot be understood; the message is for the client. */
    public static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    /** Reads a change that a form asks for. */
    public static QueueChange of(String action, List<String> ids, String domain) throws Malformed {
        return of(action, ids, domain, "", "", false);
    }

    private static QueueChange of(
            String action, List<String> ids, String domain, String to, String reason, boolean dryRun) throws Malformed {
        Set<String> named = new LinkedHashSet<>(ids);
        if (named.isEmpty() && domain.isBlank() && to.isBlank()) {
            throw new Malformed("neither id nor domain nor to");
        }
        try {
            return new QueueChange(
                    QueueAdmin.Action.valueOf(action.toUpperCase(Locale.ROOT)), named, domain, to, reason, dryRun);
        } catch (IllegalArgumentException e) {
            throw new Malformed("unknown action (expected: retry, hold, release, remove, bounce)");
        }
    }

    /** Reads {@code {"action": "...", "id": "..." or ["..."], "domain": "..."}}. */
    public static QueueChange ofJson(String text) throws Malformed {
        try {
            Config read = ConfigFactory.parseString(
                    text, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
            for (String key : read.root().keySet()) {
                if (!List.of("action", "id", "ids", "domain", "to", "reason", "dry_run")
                        .contains(key)) {
                    throw new Malformed("unknown field (expected: action, id, domain, to, reason, dry_run)");
                }
            }
            List<String> ids = new ArrayList<>(texts(read.root().get("id")));
            ids.addAll(texts(read.root().get("ids")));
            return of(
                    first(read, "action"),
                    ids,
                    first(read, "domain"),
                    first(read, "to"),
                    first(read, "reason"),
                    isTrue(read.root().get("dry_run")));
        } catch (ConfigException e) {
            throw new Malformed("no JSON object");
        }
    }

    private static String first(Config read, String key) throws Malformed {
        List<String> texts = texts(read.root().get(key));
        return texts.isEmpty() ? "" : texts.get(0);
    }

    private static boolean isTrue(@Nullable ConfigValue value) throws Malformed {
        if (value != null && value.valueType() != ConfigValueType.BOOLEAN) {
            throw new Malformed("dry_run is true or false");
        }
        return value != null && Boolean.TRUE.equals(value.unwrapped());
    }

    private static List<String> texts(@Nullable ConfigValue value) throws Malformed {
        if (value == null) {
            return List.of();
        } else if (value instanceof ConfigList list) {
            List<String> all = new ArrayList<>();
            for (ConfigValue each : list) {
                all.addAll(texts(each));
            }
            return all;
        } else if (value.valueType() != ConfigValueType.STRING) {
            throw new Malformed("action, id and domain are strings");
        }
        return List.of(String.valueOf(value.unwrapped()));
    }

    public QueueFilter filter() {
        return new QueueFilter(ids, null, to.isBlank() ? null : to, domain.isBlank() ? null : domain, 0);
    }

    /** Returns the order of an operator. */
    public QueueOrder order(String by) {
        return new QueueOrder(action, filter(), by, reason, dryRun);
    }

    /** Returns what a dry run of the order says. */
    public QueueOrder rehearsal(String by) {
        return new QueueOrder(action, filter(), by, reason, true);
    }

    /** Returns whether mail is lost to its recipients, so that a person is asked first. */
    public boolean isFinal() {
        return action == QueueAdmin.Action.REMOVE || action == QueueAdmin.Action.BOUNCE;
    }
}
