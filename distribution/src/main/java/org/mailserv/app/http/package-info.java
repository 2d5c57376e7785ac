/**
 * HTTP: health, metrics, the admin page, the API over the network and on the control socket, and the settings that mail programs ask for.
 * It shows what it is given and never reaches into the server itself.
 * Start reading at {@link org.mailserv.app.http.HttpEndpoint}.
 */
@NullMarked
package org.mailserv.app.http;

import org.jspecify.annotations.NullMarked;
