package org.mailserv.app.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.net.Privileges;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The user the server runs as. A server started by root to bind ports below 1024 continues as an unprivileged user. */
enum ProcessIdentity {
    UNPRIVILEGED,
    ROOT;

    private static final Logger LOG = LoggerFactory.getLogger(ProcessIdentity.class);
    private static final int FIRST_UNPRIVILEGED_PORT = 1024;

    /** Drops root's privileges if the process has them and {@code user} is set. The listeners are bound by now. Blocks. */
    static ProcessIdentity assume(MailservConfig config, Disk disk) throws IOException {
        String user = config.user();
        if (!Privileges.isRoot()) {
            return UNPRIVILEGED;
        } else if (user == null) {
            requireRootAllowed(config);
            return ROOT;
        }
        Privileges.Identity identity = Privileges.find(user, config.group());
        Path folder = config.dataDir().toAbsolutePath();
        if (disk.createDirectories(folder)) {
            Files.setAttribute(folder, "unix:uid", identity.uid());
            Files.setAttribute(folder, "unix:gid", identity.gid());
        }
        Privileges.drop(identity);
        LOG.info("event=privileges-dropped user={} uid={} gid={}", user, identity.uid(), identity.gid());
        return UNPRIVILEGED;
    }

    /** A server on privileged ports is a production server, which must not keep running as root by accident. */
    private static void requireRootAllowed(MailservConfig config) throws IOException {
        boolean privilegedPort = config.listeners().stream().anyMatch(listener -> {
            int port = listener.effectivePort();
            return port > 0 && port < FIRST_UNPRIVILEGED_PORT;
        });
        if (privilegedPort && !config.allowRoot()) {
            throw new IOException("user: not set, and the server would go on as root (expected: user = \"mailserv\","
                    + " or allow-root = true)");
        }
    }

    /** Logs a warning if the server runs as root. */
    void warnIfRoot() {
        if (this == ROOT) {
            LOG.warn("event=running-as-root advice=\"set user, or start it as a user of its own\"");
        }
    }
}
