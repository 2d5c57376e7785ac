package org.mailserv.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mailserv.server.net.Privileges;

/** Lets a command that root gives work as the owner of the data folder, so that no file there becomes root's. */
final class OwnerOfData {
    private OwnerOfData() {}

    static void become(Path dataDir) throws StartupException {
        Path folder = dataDir.toAbsolutePath();
        if (!Privileges.isRoot() || !Files.isDirectory(folder)) {
            return;
        }
        try {
            int uid = (int) Files.getAttribute(folder, "unix:uid");
            int gid = (int) Files.getAttribute(folder, "unix:gid");
            if (uid != 0) {
                Privileges.drop(new Privileges.Identity("the owner of " + folder, uid, gid));
            }
        } catch (IOException e) {
            throw new StartupException(String.valueOf(e.getMessage()), e);
        }
    }
}
