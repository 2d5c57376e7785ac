package org.mailserv.app.api;

import java.util.List;

/**
 * The cluster as the asked server sees it.
 *
 * @param node the name of the asked server
 * @param takesMail whether it takes mail now
 * @param draining whether it hands its mail over to the others
 * @param messages messages that it has to send
 * @param runs the lives of all servers that are not forgotten
 * @param takeovers runs whose mail it takes over at present
 * @param engine the nodes of the engine, as far as it knows them
 */
public record ClusterState(
        String node,
        boolean takesMail,
        boolean draining,
        int messages,
        List<ClusterRun> runs,
        List<String> takeovers,
        List<EngineState> engine) {
    /**
     * One life of a server.
     *
     * @param run {@code node/number}
     * @param state {@code alive}, {@code dead} or {@code gone}
     * @param beat grows by one each second while it lives
     * @param shards shards of the queue that it owns
     * @param taker the run that takes its mail over, or an empty text
     */
    public record ClusterRun(String run, String state, long beat, int shards, String taker) {}

    /**
     * One node of the engine.
     *
     * @param address {@code host:port}
     * @param up whether the asked server is connected to it
     * @param version its version, or an empty text while that is not known
     */
    public record EngineState(String address, boolean up, String version) {}
}
