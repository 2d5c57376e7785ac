/**
 * Manual pages in roff, made from the model of the command line. They are written when a package is built, so that they cannot differ from
 * the commands. Pages of programs that are no commands of {@code mailserv} are files in {@code packaging/man}.
 * Start reading at {@link org.mailserv.app.manual.ManPage}.
 */
@NullMarked
package org.mailserv.app.manual;

import org.jspecify.annotations.NullMarked;
