package org.mailserv.app.server;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.ClusterDrain;
import org.mailserv.app.api.ClusterState;
import org.mailserv.app.api.Nothing;
import org.mailserv.server.store.MailStore;
import org.mailserv.server.store.StoreStages;
import org.mailserv.server.store.shared.ClusterStatus;
import org.mailserv.server.store.shared.SharedStore;
import org.mailserv.server.text.Failures;

/** The calls about the servers that share a store. */
final class ClusterCalls {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration DRAIN = Duration.ofMinutes(2);

    private final MailStore store;

    ClusterCalls(MailStore store) {
        this.store = store;
    }

    void register(ApiHandlers api) {
        api.on(Calls.CLUSTER, (request, by) -> state()).on(Calls.DRAIN_CLUSTER, (request, by) -> drain(request));
    }

    private SharedStore shared() throws ApiException {
        if (store instanceof SharedStore shared) {
            return shared;
        }
        throw ApiException.notFound("store.kind = files: this server shares its store with nobody");
    }

    private ClusterState state() throws ApiException, IOException {
        ClusterStatus status = StoreStages.await(shared().status(), PATIENCE);
        List<ClusterState.ClusterRun> runs = status.runs().stream()
                .map(row -> new ClusterState.ClusterRun(
                        row.id().toString(),
                        row.state().name().toLowerCase(Locale.ROOT),
                        row.beat(),
                        status.shards().getOrDefault(row.id(), 0),
                        row.taker() == null ? "" : row.taker().toString()))
                .toList();
        return new ClusterState(
                status.node(),
                status.takesMail(),
                status.isDraining(),
                status.messages(),
                runs,
                status.takeovers().stream().map(Object::toString).toList(),
                status.engine().stream()
                        .map(node -> new ClusterState.EngineState(node.address(), node.isUp(), node.version()))
                        .toList());
    }

    private Nothing drain(ClusterDrain order) throws ApiException {
        SharedStore shared = shared();
        if (!shared.name().equals(order.node())) {
            throw ApiException.malformed("node: this server is " + shared.name() + " (expected: run the command on the"
                    + " machine of " + order.node() + ")");
        }
        try {
            StoreStages.await(shared.drain(), DRAIN);
            return Nothing.NOTHING;
        } catch (IOException e) {
            throw new ApiException(
                    ApiException.Kind.CONFLICT,
                    "the mail of this server was not handed over: " + Failures.text(e)
                            + ". Stop the server: the others take it over.");
        }
    }
}
