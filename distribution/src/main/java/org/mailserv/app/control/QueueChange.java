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

/** A change to the queue that somebody asks for: an action, and messages by id or destination. */
public record QueueChange(QueueAdmin.Action action, Set<String> ids, String domain) {
    /** A change that cannot be understood; the message is for the client. */
    public static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    public static QueueChange of(String action, List<String> ids, String domain) throws Malformed {
        Set<String> named = new LinkedHashSet<>(ids);
        if (named.isEmpty() && domain.isBlank()) {
            throw new Malformed("neither id nor domain");
        }
        try {
            return new QueueChange(QueueAdmin.Action.valueOf(action.toUpperCase(Locale.ROOT)), named, domain);
        } catch (IllegalArgumentException e) {
            throw new Malformed("unknown action (expected: retry, hold, release, remove)");
        }
    }

    /** Reads {@code {"action": "...", "id": "..." or ["..."], "domain": "..."}}. */
    public static QueueChange ofJson(String text) throws Malformed {
        try {
            Config read = ConfigFactory.parseString(
                    text, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
            for (String key : read.root().keySet()) {
                if (!List.of("action", "id", "ids", "domain").contains(key)) {
                    throw new Malformed("unknown field (expected: action, id, domain)");
                }
            }
            List<String> ids = new ArrayList<>(texts(read.root().get("id")));
            ids.addAll(texts(read.root().get("ids")));
            List<String> domain = texts(read.root().get("domain"));
            List<String> action = texts(read.root().get("action"));
            return of(action.isEmpty() ? "" : action.get(0), ids, domain.isEmpty() ? "" : domain.get(0));
        } catch (ConfigException e) {
            throw new Malformed("no JSON object");
        }
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
        return new QueueFilter(ids, null, null, domain.isBlank() ? null : domain, 0);
    }
}
