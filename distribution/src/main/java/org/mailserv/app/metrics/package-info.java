/**
 * Counters of events and traffic, and their text form for Prometheus.
 * No package but {@code log} may feed it from log events.
 * Start reading at {@link org.mailserv.app.metrics.EventCounter}.
 */
@NullMarked
package org.mailserv.app.metrics;

import org.jspecify.annotations.NullMarked;
