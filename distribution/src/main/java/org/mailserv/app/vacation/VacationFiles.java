package org.mailserv.app.vacation;

import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.mailserv.app.api.Json;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The vacation replies of all users and the senders that got one, in a file for each user. The memory of senders is bounded: when it is full,
 * nobody else gets a reply until entries expire. Thread-safe.
 */
public final class VacationFiles {
    private static final Logger LOG = LoggerFactory.getLogger(VacationFiles.class);
    private static final String SUFFIX = ".json";

    private final Path folder;
    private final Disk disk;
    private final InstantSource clock;
    private final int maxSenders;
    private final Map<MailboxName, State> states = new ConcurrentHashMap<>();

    /** The content of a file: the reply, and the time of the last reply to each sender. */
    private record State(Vacation vacation, Map<String, Instant> replied) {}

    /**
     * Reads all files. A file that cannot be read is logged, and its user sends no replies. Blocks.
     *
     * @param maxSenders maximum number of senders that are remembered for each user
     */
    public VacationFiles(Path folder, Disk disk, InstantSource clock, int maxSenders) throws IOException {
        this.folder = folder;
        this.disk = disk;
        this.clock = clock;
        this.maxSenders = maxSenders;
        for (String name : disk.list(folder)) {
            if (name.endsWith(SUFFIX)) {
                read(name);
            }
        }
    }

    private void read(String name) {
        MailboxName mailbox = MailboxName.of(
                URLDecoder.decode(name.substring(0, name.length() - SUFFIX.length()), StandardCharsets.UTF_8));
        try {
            String text = Files.readString(folder.resolve(name));
            State state = Json.read(text, TypeToken.get(State.class));
            if (mailbox != null && state.vacation() != null && state.vacation().text() != null) {
                Map<String, Instant> replied = state.replied();
                states.put(mailbox, new State(state.vacation(), replied == null ? Map.of() : replied));
                return;
            }
        } catch (IOException | JsonParseException | DateTimeException e) {
            LOG.warn("event=vacation-unreadable file={} reason=\"{}\"", name, Failures.text(e));
            return;
        }
        LOG.warn("event=vacation-unreadable file={} reason=\"not a vacation reply\"", name);
    }

    /** Returns the reply of a user, {@link Vacation#NONE} if it never set one. */
    public Vacation of(MailboxName mailbox) {
        State state = states.get(mailbox);
        return state == null ? Vacation.NONE : state.vacation();
    }

    /** Returns whether a user has replies sent now. */
    boolean isActive(MailboxName mailbox) {
        State state = states.get(mailbox);
        return state != null && state.vacation().isActive(LocalDate.ofInstant(clock.instant(), ZoneId.systemDefault()));
    }

    /** Sets the reply of a user. With another text, everybody may get it once. Durable on return. Blocks. */
    public synchronized void set(MailboxName mailbox, Vacation vacation) throws IOException {
        State before = states.get(mailbox);
        Map<String, Instant> replied =
                before != null && before.vacation().isSameText(vacation) ? before.replied() : Map.of();
        write(mailbox, new State(vacation, replied));
    }

    /** Forgets a user. Blocks. */
    public synchronized void remove(MailboxName mailbox) throws IOException {
        states.remove(mailbox);
        disk.delete(file(mailbox));
    }

    /**
     * Notes a reply before it is sent, so that it cannot be sent twice. Durable on return. Blocks.
     *
     * @param interval the minimum time between two replies to a sender
     * @return false if the sender got a reply within the interval, or no more senders can be remembered
     */
    synchronized boolean claim(MailboxName mailbox, String sender, Duration interval) throws IOException {
        State state = states.get(mailbox);
        Instant now = clock.instant();
        if (state == null) {
            return false;
        }
        Map<String, Instant> replied = new LinkedHashMap<>(state.replied());
        replied.values().removeIf(time -> !time.plus(interval).isAfter(now));
        if (replied.containsKey(sender) || replied.size() >= maxSenders) {
            return false;
        }
        replied.put(sender, now);
        write(mailbox, new State(state.vacation(), replied));
        return true;
    }

    private void write(MailboxName mailbox, State state) throws IOException {
        disk.createDirectories(folder);
        disk.replace(file(mailbox), (Json.write(state) + "\n").getBytes(StandardCharsets.UTF_8));
        states.put(mailbox, new State(state.vacation(), new HashMap<>(state.replied())));
    }

    private Path file(MailboxName mailbox) {
        return folder.resolve(
                URLEncoder.encode(mailbox.toString(), StandardCharsets.UTF_8).replace("*", "%2A") + SUFFIX);
    }
}
