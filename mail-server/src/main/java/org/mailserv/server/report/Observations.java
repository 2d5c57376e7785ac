package org.mailserv.server.report;

/** Records observations for the daily reports. Any thread may call it, and it returns at once; observations that do not fit are dropped. */
@FunctionalInterface
public interface Observations {
    /** Records nothing. */
    Observations NONE = observation -> {};

    /** Records an observation. */
    void add(Observation observation);
}
