package org.mailserv.server.spool.file;

import java.io.IOException;
import java.nio.file.Path;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.spool.QueueId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folder {@code incoming}: files of messages that are too large for the journal. All methods block. */
final class IncomingFolder {
    private static final Logger LOG = LoggerFactory.getLogger(IncomingFolder.class);

    private final Disk disk;
    private final Path folder;
    private final MailEvents events;

    /** @param spoolFolder the folder of the spool */
    IncomingFolder(Disk disk, Path spoolFolder, MailEvents events) {
        this.disk = disk;
        this.folder = spoolFolder.resolve("incoming");
        this.events = events;
    }

    /** Returns the path of a message's file, which may not exist. */
    Path fileOf(QueueId id) {
        return folder.resolve(id.toString());
    }

    boolean contains(QueueId id) {
        return disk.exists(fileOf(id));
    }

    /**
     * Creates a file with free room at its beginning.
     *
     * @param temporary its name until the message has an id
     */
    IncomingFile create(QueueId temporary, ReservedHeader room) throws IOException {
        return IncomingFile.create(disk, folder, temporary, room, events);
    }

    void delete(QueueId id) throws IOException {
        disk.delete(fileOf(id));
    }

    /** Deletes all files. Called after recovery, when every message with a record is durable in a mailbox or in the queue. */
    void sweep() throws IOException {
        for (String name : disk.list(folder)) {
            LOG.info("event=incoming-swept file={}", name);
            disk.delete(FileNames.resolve(folder, name));
        }
    }
}
