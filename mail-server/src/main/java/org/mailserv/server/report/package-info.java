/**
 * The aggregate reports that other domains receive once a day, if enabled: DMARC (RFC 9990) and TLS (RFC 8460). Checks and the relay record
 * observations here; they do not decide anything by them. Start at {@link org.mailserv.server.report.DailyReports}; reports from others are
 * read in {@code received}.
 */
@NullMarked
package org.mailserv.server.report;

import org.jspecify.annotations.NullMarked;
