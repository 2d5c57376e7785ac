/**
 * The tables of a cluster on Apache Cassandra: connection, schema, statements. Nothing else in mailserv knows the driver, and no decision about
 * mail may enter: who owns a message and when it is acknowledged is decided above these tables. Start with
 * {@link org.mailserv.server.store.cql.CqlTables}.
 */
@NullMarked
package org.mailserv.server.store.cql;

import org.jspecify.annotations.NullMarked;
