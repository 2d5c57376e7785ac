package org.mailserv.server.spool.file;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All unsettled messages together: to back them up, or to check that they can be read. All methods block. */
final class SpoolContents {
    private static final Logger LOG = LoggerFactory.getLogger(SpoolContents.class);

    private final Disk disk;
    private final LiveMessages live;
    private final MessageOpener opener;

    SpoolContents(Disk disk, LiveMessages live, MessageOpener opener) {
        this.disk = disk;
        this.live = live;
        this.opener = opener;
    }

    /**
     * Writes all messages and their states in the layout of a queue folder. A message that is settled meanwhile may be missing.
     *
     * @param target the folder, created here
     * @return the number of messages written
     */
    int copyTo(Path target) throws IOException {
        disk.createDirectories(target);
        QueueBatch batch = new QueueBatch(disk, new QueueFolder(disk, target));
        int written = 0;
        for (LiveMessage message : live.all()) {
            try (StoredMessage stored = opener.open(message)) {
                batch.message(stored, QueueFile.write(stored.envelope()));
                batch.state(message.id, stored.state());
                written++;
            } catch (SpoolException | NoSuchFileException e) {
                LOG.debug("event=not-copied id={} reason=\"{}\"", message.id, Failures.text(e));
            } catch (QueueFile.MalformedQueueFileException e) {
                throw new IOException("message " + message.id + ": " + Failures.text(e), e);
            }
        }
        batch.finish(List.of());
        return written;
    }

    /** Reads every message to its end; returns one line for each that cannot be read. */
    List<String> check() {
        List<String> problems = new ArrayList<>();
        for (LiveMessage message : live.all()) {
            try (StoredMessage stored = opener.open(message);
                    WritableByteChannel nowhere = Channels.newChannel(OutputStream.nullOutputStream())) {
                stored.content().writeTo(ByteBuffer.allocate(0), nowhere);
            } catch (IOException | SpoolException | QueueFile.MalformedQueueFileException e) {
                problems.add(message.id + ": " + Failures.text(e));
            }
        }
        return problems;
    }
}
