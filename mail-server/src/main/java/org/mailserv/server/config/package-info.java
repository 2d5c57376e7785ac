/** Binding of HOCON to records, with errors that name file, line and key. */
@NullMarked
package org.mailserv.server.config;

import org.jspecify.annotations.NullMarked;
