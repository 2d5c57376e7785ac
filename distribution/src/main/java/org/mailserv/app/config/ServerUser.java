package org.mailserv.app.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.net.Privileges;
import org.mailserv.server.text.Failures;

/** The user that the server runs as after its start, for commands that root runs in its place. */
public final class ServerUser {
    private static final int FIRST_UNPRIVILEGED_PORT = 1024;

    private ServerUser() {}

    /**
     * Returns the user that a server started by this process would run as: {@code user}, or the owner of the data folder, as whom a service
     * manager starts it. Null if this process is not root, and for root itself. Blocks.
     *
     * @throws IOException if the configured user or group does not exist
     */
    public static Privileges.@Nullable Identity find(MailservConfig config) throws IOException {
        String user = config.user();
        if (!Privileges.isRoot()) {
            return null;
        } else if (user != null) {
            return Privileges.find(user, config.group());
        }
        OwnerOfData.Owner owner = OwnerOfData.of(config.dataDir());
        return owner.uid() < 0
                ? null
                : new Privileges.Identity("the owner of " + config.dataDir(), owner.uid(), owner.gid());
    }

    /** Returns the owner that new files of the data folder must have, also of one that does not exist yet. Blocks. */
    public static OwnerOfData.Owner owner(MailservConfig config) throws IOException {
        Privileges.Identity identity = find(config);
        return identity == null ? new OwnerOfData.Owner(-1, -1) : new OwnerOfData.Owner(identity.uid(), identity.gid());
    }

    /**
     * Continues as the server's user, so that checks of files see what the server will see. Blocks.
     *
     * @param problems takes what would keep the server from changing to its user
     */
    public static void assume(MailservConfig config, List<String> problems) {
        try {
            Privileges.Identity identity = find(config);
            if (identity != null && identity.uid() != 0) {
                Privileges.drop(identity);
            } else if (Privileges.isRoot()
                    && config.user() == null
                    && !config.allowRoot()
                    && hasPrivilegedPort(config)) {
                problems.add("user: not set, and the server would go on as root (expected: user = \"mailserv\","
                        + " or allow-root = true)");
            }
        } catch (IOException e) {
            problems.add(Failures.text(e));
        }
    }

    private static boolean hasPrivilegedPort(MailservConfig config) {
        return config.listeners().stream()
                .mapToInt(MailservConfig.ListenerConfig::effectivePort)
                .anyMatch(port -> port > 0 && port < FIRST_UNPRIVILEGED_PORT);
    }

    /** Returns whether the data folder exists or root, who starts the server, can create it. */
    public static boolean isDataFolderCreatable(MailservConfig config) {
        Path folder = config.dataDir().toAbsolutePath();
        return Privileges.isRoot() && !Files.exists(folder) && DataFolder.isUsable(folder);
    }
}
