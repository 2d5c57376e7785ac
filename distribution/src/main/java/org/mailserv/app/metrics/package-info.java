/**
 * Counters, histograms and gauges for Prometheus, and the traffic plots of the admin page.
 * They listen to the events of mail or read the state of the server; no text of the log enters here.
 * Start reading at {@link org.mailserv.app.metrics.MailMetrics}.
 */
@NullMarked
package org.mailserv.app.metrics;

import org.jspecify.annotations.NullMarked;
