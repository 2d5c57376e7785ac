package org.mailserv.server.cluster.table;

/**
 * The name of one life of a node. It never returns.
 *
 * @param node the name of the node
 * @param number from 1, one higher with each life of the node
 */
public record RunId(String node, long number) implements Comparable<RunId> {
    /**
     * Parses the text form.
     *
     * @throws IllegalArgumentException if the text is not {@code node/number}
     */
    public static RunId parse(String text) {
        int slash = text.lastIndexOf('/');
        if (slash < 1) {
            throw new IllegalArgumentException("run: \"" + text + "\" (expected: node/number)");
        }
        return new RunId(text.substring(0, slash), Long.parseLong(text.substring(slash + 1)));
    }

    @Override
    public int compareTo(RunId other) {
        int order = node.compareTo(other.node);
        return order != 0 ? order : Long.compare(number, other.number);
    }

    /** Returns {@code node/number}. */
    @Override
    public String toString() {
        return node + "/" + number;
    }
}
