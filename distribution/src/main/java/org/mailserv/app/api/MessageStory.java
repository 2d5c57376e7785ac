package org.mailserv.app.api;

import java.util.List;

/**
 * The trace of a message.
 *
 * @param lines one for each event, oldest first; without those that the operator does not see
 */
public record MessageStory(String id, List<String> lines) implements Visible {
    /** Returns true: it contains only lines that the operator sees. */
    @Override
    public boolean isVisibleTo(Operator by) {
        return true;
    }
}
