package org.mailserv.app.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.net.Privileges;
import org.mailserv.server.text.Failures;

/** Runs a command of root as the owner of the data folder, so that no file there becomes owned by root. */
public final class OwnerOfData {
    private OwnerOfData() {}

    /**
     * The owner of the data folder, for a command that must stay root because it reads files that the owner may not read.
     *
     * @param uid -1 if files need no change of owner
     */
    public record Owner(int uid, int gid) {
        /** Sets the owner of a new file or folder. */
        public void give(Path path) throws IOException {
            if (uid >= 0) {
                Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
            }
        }

        /** Creates a Maildir and its parent folders if they are missing. */
        public void makeMaildir(Path folder, Disk disk) throws IOException {
            List<Path> missing = new ArrayList<>();
            for (Path path = folder; path != null && !disk.exists(path); path = path.getParent()) {
                missing.add(path);
            }
            for (String part : List.of("tmp", "new", "cur")) {
                if (disk.createDirectories(folder.resolve(part))) {
                    missing.add(folder.resolve(part));
                }
            }
            for (Path made : missing) {
                give(made);
            }
        }
    }

    /** Returns the owner of the data folder. */
    public static Owner of(Path dataDir) throws IOException {
        Path folder = dataDir.toAbsolutePath();
        if (!Privileges.isRoot() || !Files.isDirectory(folder)) {
            return new Owner(-1, -1);
        }
        int uid = (int) Files.getAttribute(folder, "unix:uid");
        return uid == 0 ? new Owner(-1, -1) : new Owner(uid, (int) Files.getAttribute(folder, "unix:gid"));
    }

    public static void become(Path dataDir) throws StartupException {
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
            throw new StartupException(Failures.text(e), e);
        }
    }
}
