package org.mailserv.app.transfer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mailserv.app.config.StartupException;

/** Determines the kind of source that a path contains. Any other path is an error, never an empty mailbox. */
public final class ImportSources {
    private final String folder;
    private final String uidFormat;

    /** @param folder the target folder of an mbox file; empty for the inbox */
    public ImportSources(String folder, String uidFormat) {
        this.folder = folder;
        this.uidFormat = uidFormat;
    }

    public MailSource of(Path path) throws StartupException {
        return Files.isDirectory(there(path)) ? directory(path) : mbox(path);
    }

    public MailSource mbox(Path path) throws StartupException {
        if (!Files.isRegularFile(there(path))) {
            throw new StartupException(path + ": no mbox file (expected: a file; a directory is given without --mbox)");
        } else if (!Files.isReadable(path)) {
            throw new StartupException(path + ": permission denied (import as root, or as a user who may read it)");
        }
        try {
            if (!MboxSource.isMbox(path)) {
                throw new StartupException(path + ": no mbox file (expected: a line that begins with \"From \")");
            }
            return new MboxSource(path, folder, uidFormat);
        } catch (IOException e) {
            throw new StartupException(path + ": " + MaildirSource.reason(e), e);
        }
    }

    public MailSource maildir(Path path) throws StartupException {
        if (!MaildirSource.isMaildir(readable(there(path)))) {
            throw new StartupException(
                    path + ": no Maildir (expected: a directory with cur and new in it)" + hint(path));
        } else if (!folder.isEmpty()) {
            throw new StartupException("--folder: for mbox files only (a Maildir has folders of its own)");
        }
        return new MaildirSource(path, uidFormat);
    }

    private MailSource directory(Path path) throws StartupException {
        if (MaildirSource.isMaildir(readable(path))) {
            return maildir(path);
        }
        try {
            if (!isDbox(path) && folder.isEmpty() && MboxFolders.isThere(path)) {
                return new MboxFolders(path, uidFormat);
            }
        } catch (IOException e) {
            throw new StartupException(path + ": " + MaildirSource.reason(e), e);
        }
        throw new StartupException(
                path + ": no mail (expected: a Maildir, with cur and new in it, or mbox files)" + hint(path));
    }

    private static Path there(Path path) throws StartupException {
        if (!Files.exists(path)) {
            throw new StartupException(path + ": no such file or directory, or permission denied");
        }
        return path;
    }

    private static Path readable(Path path) throws StartupException {
        if (Files.isDirectory(path) && !(Files.isReadable(path) && Files.isExecutable(path))) {
            throw new StartupException(path + ": permission denied (import as root, or as a user who may read it)");
        }
        return path;
    }

    private static boolean isDbox(Path path) {
        return Files.isDirectory(path.resolve("mailboxes")) || Files.isDirectory(path.resolve("storage"));
    }

    private static String hint(Path path) {
        if (isDbox(path)) {
            return "; this is Dovecot's dbox: `doveadm backup -u USER maildir:DIR` on the old server writes a Maildir";
        }
        for (String name : new String[] {"Maildir", "mail", "Mail", ".maildir"}) {
            if (Files.isDirectory(path.resolve(name))) {
                return "; did you mean " + path.resolve(name) + "?";
            }
        }
        return "";
    }
}
