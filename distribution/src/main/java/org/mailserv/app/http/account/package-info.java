/**
 * The users' own page at {@code /account}: login with the mail password, password, app passwords, forwarding, vacation reply and settings for mail
 * programs. Each change is a call of the API for the user who is logged in, and stands in the log. A session ends when the password changes or
 * the user is disabled.
 * Start reading at {@link org.mailserv.app.http.account.AccountPages}.
 */
@NullMarked
package org.mailserv.app.http.account;

import org.jspecify.annotations.NullMarked;
