package org.mailserv.app.http.view;

import java.util.List;
import org.mailserv.app.api.MailboxUsage;
import org.mailserv.app.api.ServerState;

/**
 * The first page.
 *
 * @param destinations with mail that waits
 * @param mailboxes the largest ones
 */
public record OverviewPage(
        Layout layout,
        ServerState state,
        List<Health> health,
        List<Chart> charts,
        List<WaitingMail> destinations,
        List<MailboxUsage> mailboxes) {}
