/**
 * The checks of clients and messages before acceptance, one class each, in one chain. The methods themselves (SPF, DKIM, DMARC, DNS lists, the
 * milter protocol) live in the packages below, and no code of SMTP sessions or of storage may enter. Start reading at {@link
 * org.mailserv.server.check.Check} and {@link org.mailserv.server.check.StandardChecks}.
 */
@NullMarked
package org.mailserv.server.check;

import org.jspecify.annotations.NullMarked;
