/**
 * The commands of the command line, one class each.
 * A command reads its options, asks the configuration, the running server or the files, and prints; it holds no protocol or mail logic.
 * Start reading at {@link org.mailserv.app.cli.MailservCommand}.
 */
@NullMarked
package org.mailserv.app.cli;

import org.jspecify.annotations.NullMarked;
