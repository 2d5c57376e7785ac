package org.mailserv.server.check.reputation;

import java.util.Locale;
import org.mailserv.server.check.authres.ResultKeyword;

/** The result of asking the DNS lists. */
public enum ListResult implements ResultKeyword {
    PASS,
    /** The client or a name in the message is listed, with at least {@code checks.lists.threshold} points. */
    FAIL;

    @Override
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
