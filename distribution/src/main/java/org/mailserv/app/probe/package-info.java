/**
 * Probes of a running server from outside, as an unknown client sees it. They use the configuration and the network, and never the classes
 * of the running server. Start reading at {@link org.mailserv.app.probe.Doctor}.
 */
@NullMarked
package org.mailserv.app.probe;

import org.jspecify.annotations.NullMarked;
