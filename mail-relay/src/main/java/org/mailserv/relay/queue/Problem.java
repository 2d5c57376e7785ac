package org.mailserv.relay.queue;

import org.jspecify.annotations.Nullable;
import org.mailserv.relay.smtp.Outcome;

/** Why a destination could not be reached the last time: for the messages that wait for it without having been tried. */
record Problem(@Nullable String mta, Outcome outcome) {
    /** In one line. */
    String text() {
        if (outcome instanceof Outcome.Deferred deferred) {
            return deferred.reply();
        }
        return outcome instanceof Outcome.Failed failed ? failed.reply() : "not tried";
    }
}
