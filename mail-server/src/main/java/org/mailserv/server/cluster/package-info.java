/**
 * Several nodes over shared tables: who is alive, who owns what, and the way of a message to its acknowledgement. It knows the interfaces of
 * {@code server.cluster.table} and those of spool, mailbox and store; no engine, no socket and no thread of its own may enter. All time comes
 * from a {@code ClusterLoop}, so that the simulation can drive it. Start with {@link org.mailserv.server.cluster.ClusterLoop}.
 */
@NullMarked
package org.mailserv.server.cluster;

import org.jspecify.annotations.NullMarked;
