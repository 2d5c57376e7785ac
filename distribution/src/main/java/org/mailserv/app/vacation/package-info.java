/**
 * Vacation replies (RFC 3834): the text that a user sets, and the rules by which a message gets it. A reply is sent at most once to a sender
 * within the configured time. In doubt no reply is sent, because a reply to a list, a bounce or a forged sender does harm.
 */
@NullMarked
package org.mailserv.app.vacation;

import org.jspecify.annotations.NullMarked;
