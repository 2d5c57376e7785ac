/**
 * The client of a running server, and the queue of a stopped one.
 * What the calls are belongs to {@code api}; printing for people belongs to {@code cli} and {@code http}.
 * Start reading at {@link org.mailserv.app.control.ControlClient}.
 */
@NullMarked
package org.mailserv.app.control;

import org.jspecify.annotations.NullMarked;
