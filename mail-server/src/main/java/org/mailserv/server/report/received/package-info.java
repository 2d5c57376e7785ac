/**
 * Reads the aggregate reports that other servers send: DMARC (RFC 9990) and TLS (RFC 8460). The input comes from unknown senders, so every size
 * is limited; storing, showing and deleting messages does not belong here. Start reading at {@link
 * org.mailserv.server.report.received.ReportReader}.
 */
@NullMarked
package org.mailserv.server.report.received;

import org.jspecify.annotations.NullMarked;
