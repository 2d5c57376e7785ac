package org.mailserv.app.http.view;

/**
 * The login.
 *
 * @param problem the reason why the last attempt failed, or an empty text
 * @param user the name that was given
 */
public record LoginPage(Layout layout, String problem, String user) {}
