/**
 * The reports that other servers send about local domains. DMARC and TLS reports arrive as mail at the postmasters of the domains. The calls
 * of this package read them from the mailboxes and sum them up.
 */
@NullMarked
package org.mailserv.app.reports;

import org.jspecify.annotations.NullMarked;
