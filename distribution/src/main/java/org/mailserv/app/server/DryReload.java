package org.mailserv.app.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.mailserv.app.api.ReloadResult;
import org.mailserv.app.config.ConfigDifference;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueView;
import org.mailserv.relay.queue.Relay;
import org.mailserv.relay.route.Route;
import org.mailserv.relay.route.Routes;
import org.mailserv.server.text.Failures;

/** Describes what a reload would change, without changing anything. */
public final class DryReload {
    private static final int PATIENCE_SECONDS = 60;

    private DryReload() {}

    /** @param restart keys of settings that take effect only after a restart */
    static ReloadResult describe(MailservConfig before, MailservConfig after, List<String> restart, Relay relay)
            throws StartupException {
        List<String> lines = new ArrayList<>();
        for (String change : ConfigDifference.of(before, after)) {
            boolean late = restart.contains(ConfigDifference.keyOf(change));
            lines.add(change + (late ? "   (only after a restart)" : ""));
        }
        queued(new Routes(before.relay()), new Routes(after.relay()), relay)
                .forEach((line, count) ->
                        lines.add(line + " (" + count + (count == 1 ? " recipient waits)" : " recipients wait)")));
        return new ReloadResult(restart, lines);
    }

    /** Returns the number of queued recipients that would take another route, by a line of description. */
    private static Map<String, Integer> queued(Routes before, Routes after, Relay relay) throws StartupException {
        Map<String, Integer> lines = new TreeMap<>();
        for (QueueView view : waiting(relay)) {
            for (QueueView.RecipientView recipient : view.recipients()) {
                String address = recipient.address();
                String domain = DomainNames.canonical(address.substring(address.lastIndexOf('@') + 1));
                Route now = before.find(domain);
                Route then = after.find(domain);
                if (recipient.isPending() && !now.equals(then)) {
                    lines.merge(
                            "queue: mail for " + domain + " would go " + way(then) + ", not " + way(now),
                            1,
                            Integer::sum);
                }
            }
        }
        return lines;
    }

    private static List<QueueView> waiting(Relay relay) throws StartupException {
        try {
            return relay.admin().list(QueueFilter.all()).toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new StartupException("the queue cannot be read: " + Failures.text(e), e);
        }
    }

    private static String way(Route route) {
        String host = route.host();
        return (host == null ? "to its MX" : "to " + host) + ", port " + route.port() + ", TLS "
                + route.tls().name().toLowerCase(Locale.ROOT)
                + (route.lmtp() ? ", LMTP" : "")
                + (route.login() == null ? "" : ", with a login");
    }
}
