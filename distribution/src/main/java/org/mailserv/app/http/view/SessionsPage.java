package org.mailserv.app.http.view;

import java.util.List;
import org.mailserv.app.api.SessionInfo;

/**
 * The open sessions.
 *
 * @param sessions the first of them
 * @param all number of open sessions
 */
public record SessionsPage(Layout layout, List<SessionInfo> sessions, int all) {}
