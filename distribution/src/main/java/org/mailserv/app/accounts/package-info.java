/**
 * Users, aliases and domains that are managed while the server runs. The same handlers answer the API of a running server and the commands of a
 * stopped one. They change the files of the data folder and never the configuration.
 */
@NullMarked
package org.mailserv.app.accounts;

import org.jspecify.annotations.NullMarked;
