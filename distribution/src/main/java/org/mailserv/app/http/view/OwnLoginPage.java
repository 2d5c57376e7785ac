package org.mailserv.app.http.view;

/**
 * The login of the users' page.
 *
 * @param host name of the server
 * @param problem the reason why a login failed, or an empty text
 * @param notice the result of a change, or an empty text
 */
public record OwnLoginPage(String host, String problem, String notice) {}
