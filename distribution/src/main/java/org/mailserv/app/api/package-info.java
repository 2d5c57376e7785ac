/**
 * The API of a running server: its calls, with their requests and answers as records, and their form in JSON.
 * Handlers belong to {@code server}, HTTP to {@code http} and {@code control}, and words for people to {@code cli} and {@code http}.
 * Start reading at {@link org.mailserv.app.api.Calls}.
 */
@NullMarked
package org.mailserv.app.api;

import org.jspecify.annotations.NullMarked;
