/**
 * The client side of the milter protocol: external filters see each message while it arrives, and their verdicts are applied. Only the
 * protocol, its connections and the header changes belong here; checks of our own do not. Start at {@link
 * org.mailserv.server.check.milter.MilterCheck}; {@code MilterSession} is the conversation about one message.
 */
@NullMarked
package org.mailserv.server.check.milter;

import org.jspecify.annotations.NullMarked;
