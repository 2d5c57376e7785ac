package org.mailserv.app.api;

import org.jspecify.annotations.Nullable;

/** A request that says in the audit log what is changed. */
public interface Audited {
    /** Returns the object of the change and the new values, without passwords; null if the change is logged elsewhere. */
    @Nullable
    String auditText();
}
