/**
 * The store that several nodes share, as a running server uses it: the parts of {@code server.cluster} together with the threads and clocks that
 * they need. No decision about mail and no statement of an engine may enter. Start with
 * {@link org.mailserv.server.store.shared.SharedStore}.
 */
@NullMarked
package org.mailserv.server.store.shared;

import org.jspecify.annotations.NullMarked;
