package org.mailserv.server.disk;

import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes files whose content does not depend on the outcome: a failure is only logged. */
public final class QuietClose {
    private static final Logger LOG = LoggerFactory.getLogger(QuietClose.class);

    private QuietClose() {}

    public static void close(AutoCloseable file) {
        try {
            file.close();
        } catch (Exception e) {
            LOG.debug("event=close-failed reason=\"{}\"", Failures.text(e));
        }
    }
}
