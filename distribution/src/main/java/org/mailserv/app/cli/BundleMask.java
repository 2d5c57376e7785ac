package org.mailserv.app.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mailserv.app.log.Masking;

/**
 * Hides secrets, addresses, mailbox names and logins in what a support bundle contains. Values of the configuration that are hidden there are
 * hidden wherever else they occur, in log lines for example.
 */
final class BundleMask {
    private static final String HIDDEN = "(hidden)";
    private static final Pattern SECRET_KEY =
            Pattern.compile("(?i).*(?:passw|secret|salt|token|api-?key|credential).*|user");
    private static final Pattern URL_CREDENTIALS = Pattern.compile("(?<=://)[^/\\s\"'@]*@");
    /** The path too: web services take keys there. */
    private static final Pattern URL_REST = Pattern.compile("(https?://[^/\\s\"'?#]+)[/?#][^\\s\"']*");

    private static final Pattern STORED_PASSWORD = Pattern.compile("(\\{[A-Z][A-Z0-9-]*(?:\\.[A-Z0-9]+)?})[^\\s\"',]+");
    private static final Pattern CRYPT = Pattern.compile("\\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|argon2\\w*)\\$[^\\s\"',]+");
    private static final Pattern NAMED_SECRET =
            Pattern.compile("(?i)((?:passw(?:or)?d|secret|token|api[_-]?key|salt|[?&]key)"
                    + "\\\\?[\"']?\\s*[=:]\\s*)(?:\\\\?\"[^\"]*\"|[^\\s,;&}\"']+)");
    /** A label of a host name that looks like a key: long, with letters and digits. */
    private static final Pattern KEY_LABEL =
            Pattern.compile("\\b(?=[a-z]*\\d)(?=\\d*[a-z])[a-z0-9]{20,}(?=\\.[a-z0-9-]+\\.)", Pattern.CASE_INSENSITIVE);
    /** A login as a client typed it, which may be a password. It has no blanks in it, or stands before a reason. */
    private static final Pattern LOGIN = Pattern.compile("\\b(login|account|mailbox)=(?:.*?(?= reason=)|\\S*)");

    private static final Pattern PICKUP_FILE =
            Pattern.compile("(event=pickup\\S* file=|source=pickup file=)(?:.*?(?= \\w+=)|\\S*)");
    private static final int SHORTEST = 4;
    private static final int SHORTEST_LABEL = 8;

    /** Longest first, so that no part of one is left. */
    private final TreeSet<String> known =
            new TreeSet<>(Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));

    private final TreeSet<String> names = new TreeSet<>();

    /** Returns all settings as text, and remembers what is hidden in it. */
    String settings(Config all) {
        ConfigValue shown = shown("", all.root());
        return shown.render(ConfigRenderOptions.defaults()
                .setComments(false)
                .setOriginComments(false)
                .setJson(false));
    }

    private ConfigValue shown(String path, ConfigValue value) {
        if (value instanceof ConfigObject object) {
            Map<String, Object> members = new LinkedHashMap<>();
            boolean mailboxes = path.matches("domains\\..*\\.(mailboxes|aliases)");
            object.forEach((key, member) -> {
                if (mailboxes) {
                    names.add(key);
                }
                String name = mailboxes ? "name-" + (members.size() + 1) : key;
                members.put(
                        name,
                        shown(path.isEmpty() ? key : path + "." + key, member).unwrapped());
            });
            return ConfigValueFactory.fromMap(members);
        } else if (value instanceof ConfigList list) {
            List<Object> elements = new ArrayList<>();
            list.forEach(element -> elements.add(shown(path, element).unwrapped()));
            boolean command = path.equals("password-helper.command") && elements.size() > 1;
            list.stream().skip(command ? 1 : list.size()).forEach(this::remember);
            return ConfigValueFactory.fromIterable(command ? List.of(elements.get(0), HIDDEN) : elements);
        } else if (value.valueType() != ConfigValueType.STRING) {
            return value;
        }
        return ConfigValueFactory.fromAnyRef(text(path, String.valueOf(value.unwrapped())));
    }

    private String text(String path, String text) {
        String key = path.substring(path.lastIndexOf('.') + 1);
        boolean person = path.startsWith("domains.") && !key.equals("path") || path.startsWith("first-account.");
        if (SECRET_KEY.matcher(key).matches() && !path.equals("user")) {
            remember(text);
            return HIDDEN;
        } else if (path.equals("checks.lists.zones.zone")) {
            return zone(text);
        } else if (person) {
            names.add(text);
            return text.indexOf('@') > 0 ? HIDDEN + text.substring(text.lastIndexOf('@')) : HIDDEN;
        } else if (URL_REST.matcher(text).find()
                || URL_CREDENTIALS.matcher(text).find()) {
            remember(text);
        }
        return text;
    }

    /** Shows the last two labels of a list: keys stand before them. */
    private String zone(String zone) {
        String[] labels = zone.split("\\.");
        for (int i = 0; i < labels.length - 2; i++) {
            if (labels[i].length() >= SHORTEST_LABEL) {
                remember(labels[i]);
            }
        }
        return labels.length > 2 ? HIDDEN + "." + labels[labels.length - 2] + "." + labels[labels.length - 1] : zone;
    }

    private void remember(ConfigValue value) {
        remember(String.valueOf(value.unwrapped()));
    }

    private void remember(String secret) {
        if (secret.length() >= SHORTEST && !secret.equals(HIDDEN)) {
            known.add(secret);
        }
    }

    /** Returns a text without what is secret or personal in it. */
    String mask(String text) {
        StringBuilder masked = new StringBuilder(text.length());
        text.lines().forEach(line -> masked.append(line(line)).append('\n'));
        return masked.toString();
    }

    private String line(String line) {
        String text = line;
        for (String secret : known) {
            text = text.replace(secret, HIDDEN);
        }
        text = URL_CREDENTIALS.matcher(text).replaceAll(HIDDEN + "@");
        text = URL_REST.matcher(text).replaceAll("$1/" + HIDDEN);
        text = STORED_PASSWORD.matcher(text).replaceAll("$1" + HIDDEN);
        text = CRYPT.matcher(text).replaceAll(HIDDEN);
        text = NAMED_SECRET.matcher(text).replaceAll("$1" + HIDDEN);
        text = KEY_LABEL.matcher(text).replaceAll(HIDDEN);
        text = LOGIN.matcher(text).replaceAll("$1=" + HIDDEN);
        text = PICKUP_FILE.matcher(text).replaceAll("$1" + HIDDEN);
        if (text.contains("event=users-file") || text.contains("event=aliases-file")) {
            for (String name : names) {
                text = Pattern.compile("(?<![\\w.-])" + Pattern.quote(name.toLowerCase(Locale.ROOT)) + "(?![\\w.-])")
                        .matcher(text)
                        .replaceAll(Matcher.quoteReplacement(HIDDEN));
            }
        }
        return Masking.mask(text);
    }
}
