/**
 * Values as text for people: durations, addresses and failures, without Java's own notation.
 * Nothing that is parsed again enters here, and nothing that knows of mail.
 * Start reading at {@link org.mailserv.server.text.Failures}.
 */
@NullMarked
package org.mailserv.server.text;

import org.jspecify.annotations.NullMarked;
