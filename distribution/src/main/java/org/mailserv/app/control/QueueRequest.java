package org.mailserv.app.control;

import java.time.Duration;
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
 * A queue command on its way to the server.
 *
 * @param verb list, show, or the name of an action
 * @param by the operator, for the log
 * @param reason the operator's words, or empty
 * @param dryRun whether the server only tells what it would do
 */
public record QueueRequest(String verb, QueueFilter filter, boolean json, String by, String reason, boolean dryRun) {
    /** Makes a request that only looks. */
    public QueueRequest(String verb, QueueFilter filter, boolean json) {
        this(verb, filter, json, "", "", false);
    }

    /** Returns the order that the server carries out, or null to look only. */
    public @Nullable QueueOrder order() {
        return verb.equals("list") || verb.equals("show")
                ? null
                : new QueueOrder(QueueAdmin.Action.valueOf(verb.toUpperCase(Locale.ROOT)), filter, by, reason, dryRun);
    }

    public boolean whole() {
        return verb.equals("show");
    }

    /** Returns the request as arguments of the admin socket. */
    public List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of(verb, json ? "json" : "text", "limit=" + filter.limit()));
        add(arguments, "sender=", filter.sender());
        add(arguments, "recipient=", filter.recipient());
        add(arguments, "domain=", filter.domain());
        Duration age = filter.olderThan();
        add(arguments, "older=", age == null ? null : Long.toString(age.toSeconds()));
        add(arguments, "by=", by.isEmpty() ? null : by);
        add(arguments, "reason=", reason.isEmpty() ? null : reason);
        add(arguments, "dry=", dryRun ? "yes" : null);
        filter.ids().forEach(id -> arguments.add("id=" + id));
        return arguments;
    }

    private static void add(List<String> arguments, String name, @Nullable String value) {
        if (value != null) {
            // Tabs and line ends separate arguments and requests.
            arguments.add(name + value.replaceAll("\\p{Cntrl}", " "));
        }
    }

    /** @throws IllegalArgumentException when they are not those of {@link #arguments} */
    public static QueueRequest of(List<String> arguments) {
        if (arguments.size() < 2) {
            throw new IllegalArgumentException("queue: incomplete request");
        }
        Set<String> ids = new LinkedHashSet<>();
        String sender = null;
        String recipient = null;
        String domain = null;
        Duration age = null;
        String by = "";
        String reason = "";
        boolean dryRun = false;
        int limit = 0;
        for (String argument : arguments.subList(2, arguments.size())) {
            int equals = argument.indexOf('=');
            String value = argument.substring(equals + 1);
            switch (argument.substring(0, Math.max(0, equals))) {
                case "id" -> ids.add(value);
                case "sender" -> sender = value;
                case "recipient" -> recipient = value;
                case "domain" -> domain = value;
                case "older" -> age = Duration.ofSeconds(Long.parseLong(value));
                case "by" -> by = value;
                case "reason" -> reason = value;
                case "dry" -> dryRun = true;
                case "limit" -> limit = Integer.parseInt(value);
                default -> throw new IllegalArgumentException("queue: " + argument);
            }
        }
        return new QueueRequest(
                arguments.get(0),
                new QueueFilter(ids, sender, recipient, domain, limit, age),
                arguments.get(1).equals("json"),
                by,
                reason,
                dryRun);
    }
}
