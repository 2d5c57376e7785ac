/** The reports that other servers send about local domains. */
@NullMarked
package org.mailserv.app.reports;

import org.jspecify.annotations.NullMarked;
