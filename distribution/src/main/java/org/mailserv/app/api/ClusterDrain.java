package org.mailserv.app.api;

/**
 * The order to hand over all mail of a server, before maintenance.
 *
 * @param node the name of the server; the asked one refuses an order for another
 */
public record ClusterDrain(String node) implements Audited {
    @Override
    public String auditText() {
        return "node=" + node;
    }
}
