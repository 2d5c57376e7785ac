/**
 * The operator's console: its login, its sessions, and one class per group of pages that asks the API and fills a template.
 * HTML belongs to the templates in {@code src/main/jte}, decisions about mail to the handlers of the API.
 * Start reading at {@link org.mailserv.app.http.console.ConsolePages}.
 */
@NullMarked
package org.mailserv.app.http.console;

import org.jspecify.annotations.NullMarked;
