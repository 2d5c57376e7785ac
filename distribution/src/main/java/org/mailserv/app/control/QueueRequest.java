package org.mailserv.app.control;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.queue.QueueAdmin;
import org.mailserv.relay.queue.QueueFilter;

/**
 * A queue command on its way to the server: what to do with which messages, and how to show them.
 *
 * @param verb list, show, retry, hold, release or remove
 */
public record QueueRequest(String verb, QueueFilter filter, boolean json) {
    /** The action to perform, or null to list only. */
    public QueueAdmin.@Nullable Action action() {
        return verb.equals("list") || verb.equals("show")
                ? null
                : QueueAdmin.Action.valueOf(verb.toUpperCase(Locale.ROOT));
    }

    public boolean whole() {
        return verb.equals("show");
    }

    /** As arguments of the admin socket. */
    public List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of(verb, json ? "json" : "text", "limit=" + filter.limit()));
        add(arguments, "sender=", filter.sender());
        add(arguments, "recipient=", filter.recipient());
        add(arguments, "domain=", filter.domain());
        filter.ids().forEach(id -> arguments.add("id=" + id));
        return arguments;
    }

    private static void add(List<String> arguments, String name, @Nullable String value) {
        if (value != null) {
            arguments.add(name + value);
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
        int limit = 0;
        for (String argument : arguments.subList(2, arguments.size())) {
            int equals = argument.indexOf('=');
            String value = argument.substring(equals + 1);
            switch (argument.substring(0, Math.max(0, equals))) {
                case "id" -> ids.add(value);
                case "sender" -> sender = value;
                case "recipient" -> recipient = value;
                case "domain" -> domain = value;
                case "limit" -> limit = Integer.parseInt(value);
                default -> throw new IllegalArgumentException("queue: " + argument);
            }
        }
        return new QueueRequest(
                arguments.get(0),
                new QueueFilter(ids, sender, recipient, domain, limit),
                arguments.get(1).equals("json"));
    }
}
