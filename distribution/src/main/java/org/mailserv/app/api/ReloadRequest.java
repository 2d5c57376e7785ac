package org.mailserv.app.api;

import org.jspecify.annotations.Nullable;

/** A reload of the configuration, or a dry run that only tells what would change. */
public record ReloadRequest(@Nullable Boolean dryRun) implements Audited {
    public boolean isDryRun() {
        return Boolean.TRUE.equals(dryRun);
    }

    @Override
    public @Nullable String auditText() {
        return isDryRun() ? null : "";
    }
}
