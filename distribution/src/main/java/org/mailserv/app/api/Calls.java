package org.mailserv.app.api;

import com.google.gson.reflect.TypeToken;
import java.util.List;
import org.mailserv.app.api.Call.Access;
import org.mailserv.app.api.Call.Method;

/** All calls of the API. {@code docs/api.yaml} documents them, and a test compares the two. */
public final class Calls {
    public static final Call<Nothing, ServerState> STATE = new Call<>(
            Method.GET,
            "/api/state",
            Nothing.class,
            TypeToken.get(ServerState.class),
            Access.READ,
            "Returns the state of the server in short.");

    public static final Call<QueueQuery, List<QueueMessage>> QUEUE = new Call<>(
            Method.GET,
            "/api/queue",
            QueueQuery.class,
            new TypeToken<>() {},
            Access.READ,
            "Lists messages of the queue, over the network at most 1000.");

    public static final Call<QueueChange, QueueChanged> CHANGE_QUEUE = new Call<>(
            Method.POST,
            "/api/queue",
            QueueChange.class,
            TypeToken.get(QueueChanged.class),
            Access.CHANGE,
            "Retries, holds, releases, removes or bounces queued mail.");

    public static final Call<Nothing, List<SessionInfo>> SESSIONS = new Call<>(
            Method.GET,
            "/api/sessions",
            Nothing.class,
            new TypeToken<>() {},
            Access.READ,
            "Lists the open sessions, oldest first.");

    public static final Call<Nothing, List<MailboxUsage>> MAILBOXES = new Call<>(
            Method.GET,
            "/api/mailboxes",
            Nothing.class,
            new TypeToken<>() {},
            Access.READ,
            "Lists the first 200 mailboxes with their sizes.");

    public static final Call<Nothing, TrafficHistory> TRAFFIC = new Call<>(
            Method.GET,
            "/api/traffic",
            Nothing.class,
            TypeToken.get(TrafficHistory.class),
            Access.READ,
            "Returns counts of messages: the last hour by minute, the last day by half hour.");

    public static final Call<Nothing, List<String>> LOG = new Call<>(
            Method.GET,
            "/api/log",
            Nothing.class,
            new TypeToken<>() {},
            Access.READ,
            "Returns the last 200 lines of the log, oldest first.");

    public static final Call<Nothing, List<ListenerInfo>> LISTENERS = new Call<>(
            Method.GET,
            "/api/listeners",
            Nothing.class,
            new TypeToken<>() {},
            Access.READ,
            "Lists the listeners as they are bound.");

    public static final Call<ReloadRequest, ReloadResult> RELOAD = new Call<>(
            Method.POST,
            "/api/reload",
            ReloadRequest.class,
            TypeToken.get(ReloadResult.class),
            Access.CHANGE,
            "Reloads the configuration without dropping sessions.");

    public static final Call<Nothing, Nothing> STOP = new Call<>(
            Method.POST,
            "/api/stop",
            Nothing.class,
            TypeToken.get(Nothing.class),
            Access.LOCAL,
            "Stops the server. Open transactions may finish first.");

    public static final Call<Nothing, ReportsSent> SEND_REPORTS = new Call<>(
            Method.POST,
            "/api/reports",
            Nothing.class,
            TypeToken.get(ReportsSent.class),
            Access.CHANGE,
            "Sends the collected aggregate reports now, including today's.");

    public static final Call<ReleaseAccount, AccountReleased> RELEASE_ACCOUNT = new Call<>(
            Method.POST,
            "/api/users/{user}/release",
            ReleaseAccount.class,
            TypeToken.get(AccountReleased.class),
            Access.CHANGE,
            "Lifts the restriction of an account's outgoing mail and sends or drops its held messages.");

    public static final Call<Nothing, CertificateReport> CERTIFICATES = new Call<>(
            Method.GET,
            "/api/certificates",
            Nothing.class,
            TypeToken.get(CertificateReport.class),
            Access.READ,
            "Returns the certificates in use and the state of their renewal.");

    public static final Call<CertificateOrder, CertificateReport> ORDER_CERTIFICATE = new Call<>(
            Method.POST,
            "/api/certificates",
            CertificateOrder.class,
            TypeToken.get(CertificateReport.class),
            Access.CHANGE,
            "Requests a certificate by ACME now, or begins a change of its key.");

    public static final Call<BackupRequest, BackupDone> BACKUP = new Call<>(
            Method.POST,
            "/api/backup",
            BackupRequest.class,
            TypeToken.get(BackupDone.class),
            Access.LOCAL,
            "Copies all data into a new folder of the host.");

    /** All calls, in the order of the documentation. */
    public static final List<Call<?, ?>> ALL = List.of(
            STATE,
            QUEUE,
            CHANGE_QUEUE,
            SESSIONS,
            MAILBOXES,
            TRAFFIC,
            LOG,
            LISTENERS,
            RELOAD,
            STOP,
            SEND_REPORTS,
            RELEASE_ACCOUNT,
            CERTIFICATES,
            ORDER_CERTIFICATE,
            BACKUP);

    private Calls() {}
}
