/**
 * The files of the ACME client: account key, certificate keys, certificate and state, readable by the server's user only.
 * Decisions about renewal, and anything that talks to a network, do not belong here.
 * Start reading at {@link org.mailserv.acme.files.AcmeFolder}.
 */
@NullMarked
package org.mailserv.acme.files;

import org.jspecify.annotations.NullMarked;
