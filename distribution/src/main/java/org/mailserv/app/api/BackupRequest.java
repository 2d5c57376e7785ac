package org.mailserv.app.api;

import org.jspecify.annotations.Nullable;

/** A backup into a new or empty folder of the host, given by its absolute path. */
public record BackupRequest(@Nullable String folder) implements Audited {
    @Override
    public String auditText() {
        return "folder=" + folder;
    }
}
