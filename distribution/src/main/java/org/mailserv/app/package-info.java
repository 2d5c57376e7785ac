/** The program: command line, assembly, admin. */
@NullMarked
package org.mailserv.app;

import org.jspecify.annotations.NullMarked;
