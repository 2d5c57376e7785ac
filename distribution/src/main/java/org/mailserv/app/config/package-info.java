/**
 * The configuration: the records that hold it, the file, environment and command line that it is read from, and the folders that it names.
 * Nothing that opens a socket or starts a thread enters here.
 * Start reading at {@link org.mailserv.app.config.ConfigFile}.
 */
@NullMarked
package org.mailserv.app.config;

import org.jspecify.annotations.NullMarked;
