/**
 * Knowledge about clients: DNS lists (RFC 5782), greylisting (RFC 6647) and sending limits. Protocol state and replies other than a
 * refusal stay outside. Start at {@link org.mailserv.server.check.reputation.DnsLists} or {@link
 * org.mailserv.server.check.reputation.Greylist}.
 */
@NullMarked
package org.mailserv.server.check.reputation;

import org.jspecify.annotations.NullMarked;
