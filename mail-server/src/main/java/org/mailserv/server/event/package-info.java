/**
 * The events of mail as typed records: accepted, delivered, deferred, bounced, refused, logged in.
 * No text of the log enters here, and nothing that decides about mail; the log, the metrics and the message trace are listeners elsewhere.
 * Start reading at {@link org.mailserv.server.event.MailEvents}.
 */
@NullMarked
package org.mailserv.server.event;

import org.jspecify.annotations.NullMarked;
