package org.mailserv.app.http;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.mailserv.app.metrics.Traffic;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueOrder;
import org.mailserv.relay.queue.QueueResult;
import org.mailserv.relay.queue.QueueView;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.tls.ServerTls;

/** The state of the server that the admin page and its API show. Thread-safe; nothing blocks. */
public interface AdminData {
    /** Returns the reason why no mail can be accepted now, or an empty text. */
    String trouble();

    int queued();

    CompletionStage<List<QueueView>> queue(QueueFilter filter);

    CompletionStage<QueueResult> act(QueueOrder order);

    List<SessionRegistry.View> sessions();

    /** Returns the first mailboxes with their sizes. */
    CompletionStage<List<Mailbox>> mailboxes();

    List<ServerTls.CertificateView> certificates();

    List<String> log();

    List<Traffic.Minute> traffic(int minutes, int parts);

    /** Returns the configured DNS servers. */
    List<String> dns();

    /** Returns the accounts whose outgoing mail is on hold. */
    List<String> braked();

    /** A mailbox with its size. */
    record Mailbox(String name, long octets, long messages) {}
}
