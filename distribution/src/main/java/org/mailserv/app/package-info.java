/**
 * The program: {@link org.mailserv.app.Main} starts the command line, and {@link org.mailserv.app.Version} names the build.
 * Nothing else belongs here.
 * Start reading at {@link org.mailserv.app.Main}.
 */
@NullMarked
package org.mailserv.app;

import org.jspecify.annotations.NullMarked;
