package org.mailserv.app.api;

/**
 * Names a change to the queue that waits.
 *
 * @param id from the answer to the change
 */
public record QueueOrderId(String id) implements Audited {
    @Override
    public String auditText() {
        return "order=" + id;
    }
}
