package org.mailserv.app.log;

/**
 * A line of the message trace.
 *
 * @param millis the time of the event, since 1970
 */
record TraceLine(long millis, String text) {}
