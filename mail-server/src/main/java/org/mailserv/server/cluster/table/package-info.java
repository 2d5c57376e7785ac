/**
 * The tables that the nodes of a cluster share, as interfaces and values: {@link org.mailserv.server.cluster.table.SharedTables} names all of
 * them. No engine, no statement language and no decision about mail may enter: an engine stores rows, and {@code server.cluster} gives them a
 * meaning. Start with the two kinds of writes, which {@link org.mailserv.server.cluster.table.SharedTables} explains.
 */
@NullMarked
package org.mailserv.server.cluster.table;

import org.jspecify.annotations.NullMarked;
