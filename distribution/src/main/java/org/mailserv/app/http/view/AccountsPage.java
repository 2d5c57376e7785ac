package org.mailserv.app.http.view;

import java.util.List;
import org.mailserv.app.api.UserInfo;

/**
 * The users.
 *
 * @param users the first of those found
 * @param all the number of those found
 * @param text the text that their names contain
 */
public record AccountsPage(Layout layout, List<UserInfo> users, int all, String text) {}
