package org.mailserv.app.http.view;

import java.util.List;
import org.mailserv.app.api.MailboxUsage;
import org.mailserv.app.api.ServerState;
import org.mailserv.app.api.TrafficHistory;

/**
 * The first page.
 *
 * @param times delivery times of the last hour and the last day
 * @param destinations with mail that waits
 * @param mailboxes the largest ones
 */
public record OverviewPage(
        Layout layout,
        ServerState state,
        List<Health> health,
        List<Chart> charts,
        List<TrafficHistory.DeliveryTimes> times,
        List<WaitingMail> destinations,
        List<MailboxUsage> mailboxes) {}
