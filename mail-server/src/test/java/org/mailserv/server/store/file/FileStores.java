package org.mailserv.server.store.file;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.mailbox.maildir.MaildirLayout;
import org.mailserv.server.spool.SealedIds;
import org.mailserv.server.spool.file.FileSpoolConfig;

/** Opens stores in files for the contracts. */
final class FileStores {
    private FileStores() {}

    static FileStore in(Path folder, SealedIds ids) {
        FileSpoolConfig config = new FileSpoolConfig(
                folder.resolve("spool"),
                1 << 20,
                3,
                Duration.ofMinutes(1),
                64 << 10,
                8 << 20,
                1 << 20,
                Duration.ofMillis(1),
                0,
                1,
                1000);
        return new FileStore(
                config,
                new MaildirLayout(folder.resolve("domains"), Map.of()),
                new RealDisk(),
                ids,
                2,
                MailEvents.NONE);
    }
}
