package org.mailserv.relay.queue;

import org.jspecify.annotations.Nullable;
import org.mailserv.relay.smtp.Outcome;

/** The last failure to reach a destination, for messages that wait for it without an attempt of their own. */
record Problem(@Nullable String mta, Outcome outcome) {
    /** Returns the failure in one line. */
    String text() {
        if (outcome instanceof Outcome.Deferred deferred) {
            return deferred.reply();
        }
        return outcome instanceof Outcome.Failed failed ? failed.reply() : "not tried";
    }
}
