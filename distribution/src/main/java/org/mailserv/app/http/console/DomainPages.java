package org.mailserv.app.http.console;

import io.netty.handler.codec.http.FullHttpResponse;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.DkimKeyActivation;
import org.mailserv.app.api.DkimRotation;
import org.mailserv.app.api.DomainInfo;
import org.mailserv.app.api.DomainQuery;
import org.mailserv.app.api.NewDomain;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.http.view.DomainPage;
import org.mailserv.app.http.view.DomainsPage;

/** The local domains: their DNS records and DKIM keys. A domain of the configuration is shown and can only be removed there. */
final class DomainPages {
    static final String PATH = "/admin/domains";
    private static final String DOMAIN = PATH + "/domain";

    void register(Pages pages) {
        pages.get(PATH, DomainPages::list)
                .post(PATH, DomainPages::add)
                .get(DOMAIN, visit -> show(visit, "domain"))
                .post(DOMAIN, DomainPages::change)
                .get(DOMAIN + "/remove", visit -> show(visit, "domainRemove"))
                .post(DOMAIN + "/remove", DomainPages::remove);
    }

    private static CompletionStage<FullHttpResponse> list(Visit visit) {
        return visit.ask(Calls.DOMAINS, Nothing.NOTHING)
                .thenApply(domains -> visit.page(
                        "domains",
                        new DomainsPage(
                                visit.layout("Domains", PATH),
                                domains,
                                visit.operator().may(Calls.ADD_DOMAIN))));
    }

    /** Shows a domain, with the results of looking its records up if the visit asks for them. */
    private static CompletionStage<FullHttpResponse> show(Visit visit, String template) {
        visit.returnTo(PATH);
        boolean check = visit.field("check").equals("yes");
        return visit.ask(Calls.DOMAIN, new DomainQuery(visit.field("domain"), check))
                .thenApply(domain -> visit.page(
                        template,
                        new DomainPage(
                                visit.layout(domain.domain(), PATH),
                                domain,
                                check,
                                visit.operator().may(Calls.REMOVE_DOMAIN))));
    }

    private static CompletionStage<FullHttpResponse> add(Visit visit) {
        return visit.ask(Calls.ADD_DOMAIN, new NewDomain(visit.field("domain")))
                .thenApply(added -> visit.done(
                        pathOf(added.domain()),
                        "Added " + added.domain() + ". Publish its records; the DKIM keys sign when theirs are seen."));
    }

    private static CompletionStage<FullHttpResponse> change(Visit visit) {
        String domain = visit.field("domain");
        visit.returnTo(pathOf(domain));
        return switch (visit.field("action")) {
            case "rotate" ->
                visit.ask(Calls.ROTATE_DKIM, new DkimRotation(domain, null))
                        .thenApply(made -> changed(
                                visit,
                                made,
                                "Made new keys. Publish their records; until then the present keys sign."));
            case "activate" ->
                visit.ask(Calls.ACTIVATE_DKIM, new DkimKeyActivation(domain))
                        .thenApply(made -> changed(visit, made, "The keys whose records are published are active."));
            default -> CompletableFuture.failedFuture(ApiException.malformed("unknown action"));
        };
    }

    private static FullHttpResponse changed(Visit visit, DomainInfo domain, String notice) {
        return visit.done(pathOf(domain.domain()), notice);
    }

    private static CompletionStage<FullHttpResponse> remove(Visit visit) {
        String domain = visit.field("domain");
        visit.returnTo(pathOf(domain));
        return visit.ask(Calls.REMOVE_DOMAIN, new DomainQuery(domain, null))
                .thenApply(done -> visit.done(PATH, "Removed " + domain + ". Mail and keys stay on the disk."));
    }

    private static String pathOf(String domain) {
        return DOMAIN + "?domain=" + URLEncoder.encode(domain, StandardCharsets.UTF_8);
    }
}
