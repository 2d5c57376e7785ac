/**
 * The way to an engine that keeps the tables of a cluster: its settings, and the interface by which a jar beside this one provides it. No
 * driver and no statement may enter: they live in the jar of the engine, which may be missing. Start with
 * {@link org.mailserv.server.cluster.engine.EngineProvider}.
 */
@NullMarked
package org.mailserv.server.cluster.engine;

import org.jspecify.annotations.NullMarked;
