/**
 * The pickup folder, into which programs on this host drop files to send (RFC 5322; RFC 6409, 8). Network protocols do not enter, and the
 * formats of other folders do not either. Start reading at {@link org.mailserv.server.pickup.Pickup}.
 */
@NullMarked
package org.mailserv.server.pickup;

import org.jspecify.annotations.NullMarked;
