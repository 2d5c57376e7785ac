package org.mailserv.app.http.console;

import io.netty.handler.codec.http.FullHttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.app.api.AliasChange;
import org.mailserv.app.api.AliasInfo;
import org.mailserv.app.api.AliasRemoval;
import org.mailserv.app.api.AliasesQuery;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.http.view.AliasesPage;

/** The aliases, among them the catch-alls of domains. What the configuration holds is shown and not changed. */
final class AliasPages {
    private static final String PATH = "/admin/aliases";
    private static final int MAX_ALIASES = 500;

    void register(Pages pages) {
        pages.get(PATH, AliasPages::list).post(PATH, AliasPages::change);
    }

    private static CompletionStage<FullHttpResponse> list(Visit visit) {
        String text = visit.field("text").toLowerCase(Locale.ROOT);
        return visit.ask(Calls.ALIASES, new AliasesQuery(null)).thenApply(aliases -> {
            List<AliasInfo> found = aliases.stream()
                    .filter(alias -> (alias.alias() + " " + String.join(" ", alias.targets()))
                            .toLowerCase(Locale.ROOT)
                            .contains(text))
                    .toList();
            return visit.page(
                    "aliases",
                    new AliasesPage(
                            visit.layout("Aliases", PATH),
                            found.stream().limit(MAX_ALIASES).toList(),
                            found.size(),
                            visit.field("text")));
        });
    }

    private static CompletionStage<FullHttpResponse> change(Visit visit) {
        String alias = visit.field("alias");
        List<String> targets = AccountPages.addresses(visit.field("targets"));
        return switch (visit.field("action")) {
            case "set" ->
                visit.ask(Calls.SET_ALIAS, new AliasChange(alias, targets))
                        .thenApply(set -> visit.done(
                                PATH,
                                set.alias() + " leads to " + String.join(", ", set.targets()) + "."
                                        + (set.problems().isEmpty()
                                                ? ""
                                                : " Attention: " + String.join("; ", set.problems()))));
            case "remove" ->
                visit.ask(Calls.REMOVE_ALIAS, new AliasRemoval(alias, List.of()))
                        .thenApply(done -> visit.done(PATH, "Removed " + alias + "."));
            default -> CompletableFuture.failedFuture(ApiException.malformed("unknown action"));
        };
    }
}
