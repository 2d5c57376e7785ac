package org.mailserv.app.http;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.mailserv.app.metrics.Traffic;
import org.mailserv.relay.queue.QueueAdmin;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueView;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.tls.ServerTls;

/** What the admin page and its API show of the server. Any thread; nothing blocks. */
public interface AdminData {
    /** Why no mail can be taken now, or an empty text. */
    String trouble();

    int queued();

    CompletionStage<List<QueueView>> queue(QueueFilter filter);

    CompletionStage<List<QueueView>> act(QueueAdmin.Action action, QueueFilter filter);

    List<SessionRegistry.View> sessions();

    /** Mailboxes, the first of many, with what they hold. */
    CompletionStage<List<Mailbox>> mailboxes();

    List<ServerTls.CertificateView> certificates();

    List<String> log();

    List<Traffic.Minute> traffic(int minutes, int parts);

    /** The DNS servers that are asked. */
    List<String> dns();

    /** Accounts that are braked now. */
    List<String> braked();

    /** A mailbox with its size. */
    record Mailbox(String name, long octets, long messages) {}
}
