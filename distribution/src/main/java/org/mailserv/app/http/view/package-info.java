/**
 * The data of the console's pages, and their words for times, sizes and counts. Templates in {@code src/main/jte} turn them into HTML; neither
 * HTTP nor calls of the API may enter.
 * Templates read their pages from here and know nothing else of the program but the records of the API.
 * Start reading at {@link org.mailserv.app.http.view.Layout}.
 */
@NullMarked
package org.mailserv.app.http.view;

import org.jspecify.annotations.NullMarked;
