/**
 * The control socket of a running server, and what is said over it about the queue.
 * Printing for people belongs to {@code cli} and {@code http}.
 * Start reading at {@link org.mailserv.app.control.ControlSocket}.
 */
@NullMarked
package org.mailserv.app.control;

import org.jspecify.annotations.NullMarked;
