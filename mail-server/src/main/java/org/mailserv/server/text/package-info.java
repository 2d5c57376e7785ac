/** Values as text for people: durations, addresses, failures. */
@NullMarked
package org.mailserv.server.text;

import org.jspecify.annotations.NullMarked;
