/** What is seen of other domains and told to them once a day, by choice. */
@NullMarked
package org.mailserv.server.report;

import org.jspecify.annotations.NullMarked;
