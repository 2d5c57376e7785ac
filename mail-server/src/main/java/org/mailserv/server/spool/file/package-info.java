/** The embedded spool: a journal that syncs once for all who wait, and queue files for what stays. */
@NullMarked
package org.mailserv.server.spool.file;

import org.jspecify.annotations.NullMarked;
