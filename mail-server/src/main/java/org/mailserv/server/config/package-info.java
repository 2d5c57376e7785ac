/**
 * Binding of HOCON configuration to records, with errors that name file, line and key. The package does not know any
 * particular setting; the records live in the packages that use them. Start with {@link
 * org.mailserv.server.config.RecordBinder}.
 */
@NullMarked
package org.mailserv.server.config;

import org.jspecify.annotations.NullMarked;
