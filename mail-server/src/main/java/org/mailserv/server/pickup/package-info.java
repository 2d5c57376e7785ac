/** Mail that programs of this machine drop into a folder. RFC 5322, RFC 6409, 8. */
@NullMarked
package org.mailserv.server.pickup;

import org.jspecify.annotations.NullMarked;
