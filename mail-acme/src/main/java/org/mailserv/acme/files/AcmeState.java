package org.mailserv.acme.files;

import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The state of the ACME client that survives a restart. Changes are stored by {@link #save}. Confined to the thread of the client.
 */
public final class AcmeState {
    private static final String LEFT_OUT = "left-out.";

    private final AcmeFolder folder;
    private final Properties values;

    /** Times that the client keeps. */
    public enum Time {
        /** No attempt before this time, by our own back-off. */
        NOT_BEFORE,
        /** No attempt before this time, because the CA said so. */
        CA_NOT_BEFORE,
        /** The planned renewal. */
        RENEW_AT,
        /** The window that the CA suggests for the renewal (ARI). */
        SUGGESTED_START,
        SUGGESTED_END,
        /** The next request for the suggestion. */
        ASK_SUGGESTION_AT,
        LAST_ATTEMPT,
        LAST_SUCCESS,
        /** The operator's request for another key. */
        ROLLOVER_REQUESTED,
        /** Since when the DNS has permitted the change of the key. */
        ROLLOVER_POSSIBLE_SINCE,
        /** The creation of the current key. */
        KEY_SINCE,
        /** The last mail to the postmaster about failures. */
        NOTIFIED
    }

    /** Texts that the client keeps. */
    public enum Text {
        /** The CA of the current certificate. */
        DIRECTORY,
        /** The CA of the last attempt. */
        ATTEMPTED_DIRECTORY,
        PROBLEM,
        REMEDY
    }

    private AcmeState(AcmeFolder folder, Properties values) {
        this.folder = folder;
        this.values = values;
    }

    /** Reads the stored state. Blocks. */
    public static AcmeState read(AcmeFolder folder) throws IOException {
        return new AcmeState(folder, folder.state());
    }

    /** Stores the state durably. Blocks. */
    public void save() throws IOException {
        folder.writeState(values);
    }

    private static String key(Enum<?> name) {
        return name.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** Returns a time, or null if it is not set or cannot be read. */
    public @Nullable Instant time(Time name) {
        return instant(values.getProperty(key(name)));
    }

    private static @Nullable Instant instant(@Nullable String text) {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    public void set(Time name, @Nullable Instant time) {
        put(key(name), time == null ? null : time.toString());
    }

    /** Returns a text, or an empty one if it is not set. */
    public String text(Text name) {
        return values.getProperty(key(name), "");
    }

    public void set(Text name, String text) {
        put(key(name), text.isEmpty() ? null : text);
    }

    private void put(String key, @Nullable String value) {
        if (value == null) {
            values.remove(key);
        } else {
            values.setProperty(key, value);
        }
    }

    /** Returns the number of attempts since the last success, including one that was interrupted. */
    public int failures() {
        String text = values.getProperty("failures", "0");
        return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
    }

    public void setFailures(int count) {
        put("failures", count == 0 ? null : Integer.toString(count));
    }

    /**
     * A name that is not in the certificate because the CA could not validate it.
     *
     * @param until time of the next attempt
     */
    public record LeftOut(Instant until, String reason) {}

    /** Returns the names that are left out, with reasons. */
    public Map<String, LeftOut> leftOut() {
        Map<String, LeftOut> names = new TreeMap<>();
        for (String key : values.stringPropertyNames()) {
            String[] parts = values.getProperty(key).split(" ", 2);
            Instant until = key.startsWith(LEFT_OUT) ? instant(parts[0]) : null;
            if (until != null) {
                names.put(key.substring(LEFT_OUT.length()), new LeftOut(until, parts.length > 1 ? parts[1] : ""));
            }
        }
        return names;
    }

    public void leaveOut(String name, Instant until, String reason) {
        put(LEFT_OUT + name, until + " " + reason);
    }

    /** Forgets that a name was left out. */
    public void admit(String name) {
        put(LEFT_OUT + name, null);
    }
}
