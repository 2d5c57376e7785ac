package org.mailserv.app.api;

import com.google.gson.reflect.TypeToken;
import java.util.List;
import org.mailserv.app.api.Call.Access;
import org.mailserv.app.api.Call.Method;

/** All calls of the API. {@code docs/api.yaml} documents them, and a test compares the two. */
public final class Calls {
    public static final Call<Nothing, ServerState> STATE = get(
            "/api/state",
            Nothing.class,
            TypeToken.get(ServerState.class),
            Access.READ,
            "Returns the state of the server in short.");

    public static final Call<QueueQuery, List<QueueMessage>> QUEUE = get(
            "/api/queue",
            QueueQuery.class,
            new TypeToken<>() {},
            Access.QUEUE,
            "Lists messages of the queue, over the network at most 1000.");

    public static final Call<QueueQuery, List<DestinationSummary>> QUEUE_SUMMARY = get(
            "/api/queue/summary",
            QueueQuery.class,
            new TypeToken<>() {},
            Access.DOMAIN_READ,
            "Lists the destinations of queued mail, those with the most messages first.");

    public static final Call<Nothing, List<QueueOrderInfo>> QUEUE_ORDERS = get(
            "/api/queue/orders",
            Nothing.class,
            new TypeToken<>() {},
            Access.READ,
            "Lists removals and bounces that can be undone, and those of the last five minutes.");

    public static final Call<QueueOrderId, QueueOrderInfo> UNDO_ORDER = new Call<>(
            Method.DELETE,
            "/api/queue/orders/{id}",
            QueueOrderId.class,
            TypeToken.get(QueueOrderInfo.class),
            Access.CHANGE,
            "Undoes a removal or bounce that has not taken effect yet.");

    public static final Call<MessageId, QueuedSource> QUEUED_SOURCE = get(
            "/api/queue/{id}",
            MessageId.class,
            TypeToken.get(QueuedSource.class),
            Access.CHANGE,
            "Returns a queued message with its header and source, at most 256 KiB.");

    public static final Call<TraceQuery, List<MessageStory>> TRACE = get(
            "/api/trace",
            TraceQuery.class,
            new TypeToken<>() {},
            Access.DOMAIN_READ,
            "Returns the traces of messages, the oldest message first.");

    public static final Call<QueueChange, QueueChanged> CHANGE_QUEUE = post(
            "/api/queue",
            QueueChange.class,
            TypeToken.get(QueueChanged.class),
            Access.CHANGE,
            "Retries, holds, releases, removes or bounces queued mail.");

    public static final Call<Nothing, List<SessionInfo>> SESSIONS = get(
            "/api/sessions",
            Nothing.class,
            new TypeToken<>() {},
            Access.READ,
            "Lists the open sessions, oldest first.");

    public static final Call<Nothing, List<MailboxUsage>> MAILBOXES = get(
            "/api/mailboxes",
            Nothing.class,
            new TypeToken<>() {},
            Access.DOMAIN_READ,
            "Lists the first 200 mailboxes with their sizes.");

    public static final Call<Nothing, TrafficHistory> TRAFFIC = get(
            "/api/traffic",
            Nothing.class,
            TypeToken.get(TrafficHistory.class),
            Access.READ,
            "Returns counts of messages: the last hour by minute, the last day by half hour.");

    public static final Call<Nothing, List<String>> LOG = get(
            "/api/log",
            Nothing.class,
            new TypeToken<>() {},
            Access.READ,
            "Returns the last 200 lines of the log, oldest first.");

    public static final Call<Nothing, List<ListenerInfo>> LISTENERS = get(
            "/api/listeners",
            Nothing.class,
            new TypeToken<>() {},
            Access.READ,
            "Lists the listeners as they are bound.");

    public static final Call<ReloadRequest, ReloadResult> RELOAD = post(
            "/api/reload",
            ReloadRequest.class,
            TypeToken.get(ReloadResult.class),
            Access.CHANGE,
            "Reloads the configuration without dropping sessions.");

    public static final Call<Nothing, Nothing> STOP = post(
            "/api/stop",
            Nothing.class,
            TypeToken.get(Nothing.class),
            Access.LOCAL,
            "Stops the server. Open transactions may finish first.");

    public static final Call<Nothing, ReportsSent> SEND_REPORTS = post(
            "/api/reports",
            Nothing.class,
            TypeToken.get(ReportsSent.class),
            Access.CHANGE,
            "Sends the collected aggregate reports now, including today's.");

    public static final Call<ReceivedReportsQuery, List<ReceivedReportInfo>> RECEIVED_REPORTS = get(
            "/api/received-reports",
            ReceivedReportsQuery.class,
            new TypeToken<>() {},
            Access.DOMAIN_READ,
            "Lists the DMARC and TLS reports that other servers have sent about local domains, newest first.");

    public static final Call<ReleaseAccount, AccountReleased> RELEASE_ACCOUNT = post(
            "/api/users/{user}/release",
            ReleaseAccount.class,
            TypeToken.get(AccountReleased.class),
            Access.DOMAIN_CHANGE,
            "Lifts the restriction of an account's outgoing mail and sends or drops its held messages.");

    public static final Call<UsersQuery, List<UserInfo>> USERS = get(
            "/api/users",
            UsersQuery.class,
            new TypeToken<>() {},
            Access.DOMAIN_READ,
            "Lists the users of the users file and of the configuration.");

    public static final Call<UserQuery, UserInfo> USER = get(
            "/api/users/{user}",
            UserQuery.class,
            TypeToken.get(UserInfo.class),
            Access.DOMAIN_READ,
            "Returns one user with quota, usage and forwarding.");

    public static final Call<NewUser, UserInfo> ADD_USER = post(
            "/api/users",
            NewUser.class,
            TypeToken.get(UserInfo.class),
            Access.DOMAIN_CHANGE,
            "Adds a user to the users file.");

    public static final Call<UserChange, UserInfo> CHANGE_USER = new Call<>(
            Method.PATCH,
            "/api/users/{user}",
            UserChange.class,
            TypeToken.get(UserInfo.class),
            Access.DOMAIN_CHANGE,
            "Changes password, quota or state of a user.");

    public static final Call<UserForward, UserInfo> FORWARD_USER = new Call<>(
            Method.PUT,
            "/api/users/{user}/forward",
            UserForward.class,
            TypeToken.get(UserInfo.class),
            Access.DOMAIN_CHANGE,
            "Sets the addresses to which the mail of a user is forwarded.");

    public static final Call<UserQuery, Nothing> REMOVE_USER = new Call<>(
            Method.DELETE,
            "/api/users/{user}",
            UserQuery.class,
            TypeToken.get(Nothing.class),
            Access.DOMAIN_CHANGE,
            "Removes a user from the users file. The mail stays on the disk.");

    public static final Call<NewAppPassword, AppPasswordMade> ADD_APP_PASSWORD = post(
            "/api/users/{user}/app-passwords",
            NewAppPassword.class,
            TypeToken.get(AppPasswordMade.class),
            Access.DOMAIN_CHANGE,
            "Makes an app password, which is shown only in the answer.");

    public static final Call<AppPasswordRemoval, Nothing> REMOVE_APP_PASSWORD = new Call<>(
            Method.DELETE,
            "/api/users/{user}/app-passwords/{id}",
            AppPasswordRemoval.class,
            TypeToken.get(Nothing.class),
            Access.DOMAIN_CHANGE,
            "Revokes an app password.");

    public static final Call<UserQuery, VacationInfo> VACATION = get(
            "/api/users/{user}/vacation",
            UserQuery.class,
            TypeToken.get(VacationInfo.class),
            Access.DOMAIN_READ,
            "Returns the vacation reply of a user.");

    public static final Call<VacationChange, VacationInfo> SET_VACATION = new Call<>(
            Method.PUT,
            "/api/users/{user}/vacation",
            VacationChange.class,
            TypeToken.get(VacationInfo.class),
            Access.DOMAIN_CHANGE,
            "Sets the vacation reply of a user.");

    public static final Call<AliasesQuery, List<AliasInfo>> ALIASES = get(
            "/api/aliases",
            AliasesQuery.class,
            new TypeToken<>() {},
            Access.DOMAIN_READ,
            "Lists the aliases, including catch-alls and forwards of users.");

    public static final Call<AliasChange, AliasInfo> ADD_ALIAS = post(
            "/api/aliases",
            AliasChange.class,
            TypeToken.get(AliasInfo.class),
            Access.DOMAIN_CHANGE,
            "Adds an alias, or targets to one.");

    public static final Call<AliasChange, AliasInfo> SET_ALIAS = new Call<>(
            Method.PUT,
            "/api/aliases/{alias}",
            AliasChange.class,
            TypeToken.get(AliasInfo.class),
            Access.DOMAIN_CHANGE,
            "Replaces the targets of an alias, which is created if it does not exist.");

    public static final Call<AliasRemoval, Nothing> REMOVE_ALIAS = new Call<>(
            Method.DELETE,
            "/api/aliases/{alias}",
            AliasRemoval.class,
            TypeToken.get(Nothing.class),
            Access.DOMAIN_CHANGE,
            "Removes an alias, or some of its targets.");

    public static final Call<Nothing, List<DomainInfo>> DOMAINS = get(
            "/api/domains",
            Nothing.class,
            new TypeToken<>() {},
            Access.DOMAIN_READ,
            "Lists the local domains, without their DNS records.");

    public static final Call<DomainQuery, DomainInfo> DOMAIN = get(
            "/api/domains/{domain}",
            DomainQuery.class,
            TypeToken.get(DomainInfo.class),
            Access.DOMAIN_READ,
            "Returns a local domain with the DNS records to publish, and on request the result of looking them up.");

    public static final Call<NewDomain, DomainInfo> ADD_DOMAIN = post(
            "/api/domains",
            NewDomain.class,
            TypeToken.get(DomainInfo.class),
            Access.CHANGE,
            "Adds a local domain, makes its DKIM keys, and reloads the configuration.");

    public static final Call<DomainQuery, Nothing> REMOVE_DOMAIN = new Call<>(
            Method.DELETE,
            "/api/domains/{domain}",
            DomainQuery.class,
            TypeToken.get(Nothing.class),
            Access.CHANGE,
            "Removes an added domain without users and aliases. Mail and keys stay on the disk.");

    public static final Call<DkimRotation, DomainInfo> ROTATE_DKIM = post(
            "/api/domains/{domain}/dkim",
            DkimRotation.class,
            TypeToken.get(DomainInfo.class),
            Access.DOMAIN_CHANGE,
            "Makes new DKIM keys for a domain, which sign after their records are published.");

    public static final Call<DkimKeyActivation, DomainInfo> ACTIVATE_DKIM = post(
            "/api/domains/{domain}/dkim/activate",
            DkimKeyActivation.class,
            TypeToken.get(DomainInfo.class),
            Access.DOMAIN_CHANGE,
            "Looks up the records of waiting DKIM keys now, and lets the published ones sign.");

    public static final Call<Nothing, CertificateReport> CERTIFICATES = get(
            "/api/certificates",
            Nothing.class,
            TypeToken.get(CertificateReport.class),
            Access.READ,
            "Returns the certificates in use and the state of their renewal.");

    public static final Call<CertificateOrder, CertificateReport> ORDER_CERTIFICATE = post(
            "/api/certificates",
            CertificateOrder.class,
            TypeToken.get(CertificateReport.class),
            Access.CHANGE,
            "Requests a certificate by ACME now, or begins a change of its key.");

    public static final Call<BackupRequest, BackupDone> BACKUP = post(
            "/api/backup",
            BackupRequest.class,
            TypeToken.get(BackupDone.class),
            Access.LOCAL,
            "Copies all data into a new folder of the host.");

    public static final Call<Nothing, ClusterState> CLUSTER = get(
            "/api/cluster",
            Nothing.class,
            TypeToken.get(ClusterState.class),
            Access.READ,
            "Returns the servers that share the store, and the engine nodes.");

    public static final Call<ClusterDrain, Nothing> DRAIN_CLUSTER = post(
            "/api/cluster/drain",
            ClusterDrain.class,
            TypeToken.get(Nothing.class),
            Access.CHANGE,
            "Hands all mail of this server to the others, before it is stopped.");

    /** All calls, in the order of the documentation. */
    public static final List<Call<?, ?>> ALL = List.of(
            STATE,
            QUEUE,
            QUEUE_SUMMARY,
            QUEUE_ORDERS,
            UNDO_ORDER,
            QUEUED_SOURCE,
            TRACE,
            CHANGE_QUEUE,
            SESSIONS,
            MAILBOXES,
            TRAFFIC,
            LOG,
            LISTENERS,
            RELOAD,
            STOP,
            SEND_REPORTS,
            RECEIVED_REPORTS,
            RELEASE_ACCOUNT,
            USERS,
            USER,
            ADD_USER,
            CHANGE_USER,
            FORWARD_USER,
            REMOVE_USER,
            ADD_APP_PASSWORD,
            REMOVE_APP_PASSWORD,
            VACATION,
            SET_VACATION,
            ALIASES,
            ADD_ALIAS,
            SET_ALIAS,
            REMOVE_ALIAS,
            DOMAINS,
            DOMAIN,
            ADD_DOMAIN,
            REMOVE_DOMAIN,
            ROTATE_DKIM,
            ACTIVATE_DKIM,
            CERTIFICATES,
            ORDER_CERTIFICATE,
            BACKUP,
            CLUSTER,
            DRAIN_CLUSTER);

    private Calls() {}

    private static <Q extends Record, A> Call<Q, A> get(
            String path, Class<Q> request, TypeToken<A> answer, Access access, String summary) {
        return new Call<>(Method.GET, path, request, answer, access, summary);
    }

    private static <Q extends Record, A> Call<Q, A> post(
            String path, Class<Q> request, TypeToken<A> answer, Access access, String summary) {
        return new Call<>(Method.POST, path, request, answer, access, summary);
    }
}
