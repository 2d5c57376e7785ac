package org.mailserv.app.accounts;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.CallRegistry;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.DkimKeyInfo;
import org.mailserv.app.api.DnsRecordInfo;
import org.mailserv.app.api.DomainInfo;
import org.mailserv.app.api.DomainQuery;
import org.mailserv.app.api.NewDomain;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.api.SettingSource;
import org.mailserv.app.config.AddedDomains;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.account.DomainConfig;
import org.mailserv.server.check.dkim.DkimKey;
import org.mailserv.server.check.dkim.DkimKeys;

/** The calls that list, add and remove local domains. */
public final class DomainCalls {
    private final AccountFiles files;
    private final DomainServices services;

    public DomainCalls(AccountFiles files, DomainServices services) {
        this.files = files;
        this.services = services;
    }

    public void register(CallRegistry api) {
        api.on(Calls.DOMAINS, (request, by) -> list())
                .on(Calls.DOMAIN, (request, by) -> show(known(request.domain()), request.isCheck()))
                .on(Calls.ADD_DOMAIN, (request, by) -> add(request))
                .on(Calls.REMOVE_DOMAIN, (request, by) -> remove(request));
    }

    private List<DomainInfo> list() throws IOException {
        files.accounts().refresh();
        DkimKeys keys = keys();
        List<DomainInfo> all = new ArrayList<>();
        for (String domain : domains().keySet()) {
            all.add(info(domain, keys, List.of()));
        }
        return all;
    }

    DomainInfo show(String domain, boolean check) throws ApiException, StartupException, IOException {
        files.accounts().refresh();
        DkimKeys keys = keys();
        DomainRecords records = new DomainRecords(files.config().get(), domain, ofDomain(domain, keys));
        return info(domain, keys, check ? records.checked(services.dns()) : records.unchecked());
    }

    private DomainInfo info(String domain, DkimKeys keys, List<DnsRecordInfo> records) throws IOException {
        DomainConfig settings = domains().get(domain);
        List<String> catchAll = files.accounts().aliases().get("@" + domain);
        String configured = settings == null ? null : settings.catchAll();
        return new DomainInfo(
                domain,
                added().read().contains(domain) ? SettingSource.FILE : SettingSource.CONFIG,
                domain.equals(files.accounts().primaryDomain()),
                settings != null && settings.isRouted(),
                users(domain).size(),
                aliases(domain).size(),
                configured != null ? configured : catchAll == null ? null : String.join(", ", catchAll),
                ofDomain(domain, keys).stream().map(DkimKey::selector).toList(),
                ofDomain(domain, keys).stream()
                        .map(key -> key(key, keys.signing(domain)))
                        .toList(),
                records);
    }

    private List<String> users(String domain) {
        return files.accounts().accounts().stream()
                .map(account -> account.mailbox().toString())
                .filter(name -> AccountNames.isIn(domain, name))
                .toList();
    }

    private List<String> aliases(String domain) {
        return files.accounts().aliases().keySet().stream()
                .filter(name -> AccountNames.isIn(domain, name))
                .toList();
    }

    private DomainInfo add(NewDomain request) throws ApiException, StartupException, IOException {
        String domain = name(request.domain());
        if (domains().containsKey(domain) || !added().add(domain)) {
            throw new ApiException(ApiException.Kind.CONFLICT, domain + " is a local domain already");
        }
        if (ofDomain(domain, keys()).isEmpty()) {
            // The keys wait until their records are published: signatures that nobody can verify harm the mail.
            keys().generateWaiting(domain, Instant.now());
        }
        try {
            services.reload().run();
        } catch (ApiException | StartupException | IOException e) {
            added().remove(domain);
            throw e;
        }
        return show(domain, false);
    }

    private Nothing remove(DomainQuery request) throws ApiException, StartupException, IOException {
        String domain = known(request.domain());
        if (!added().read().contains(domain)) {
            throw new ApiException(
                    ApiException.Kind.CONFLICT,
                    domain + " is in the configuration: remove it there, and `mailserv reload`");
        }
        files.accounts().refresh();
        List<String> left = new ArrayList<>(users(domain));
        left.addAll(aliases(domain));
        if (!left.isEmpty()) {
            throw new ApiException(
                    ApiException.Kind.CONFLICT,
                    domain + " still has users or aliases, whose mail would be refused: " + some(left)
                            + " (remove them first)");
        }
        added().remove(domain);
        try {
            services.reload().run();
        } catch (ApiException | StartupException | IOException e) {
            added().add(domain);
            throw e;
        }
        return Nothing.NOTHING;
    }

    private static String some(List<String> names) {
        int shown = Math.min(names.size(), 3);
        return String.join(", ", names.subList(0, shown))
                + (names.size() > shown ? " and " + (names.size() - shown) + " more" : "");
    }

    private static String name(@Nullable String text) throws ApiException {
        String domain = text == null ? null : AddedDomains.canonical(text.strip());
        if (domain == null || domain.indexOf('.') < 0 || domain.matches("[0-9.]+")) {
            throw ApiException.malformed(
                    (text == null ? "domain: missing" : text + " is no domain name") + " (expected: example.org)");
        }
        return domain;
    }

    DomainServices services() {
        return services;
    }

    /** Returns the canonical name of a local domain. */
    String known(@Nullable String text) throws ApiException {
        String domain = name(text);
        if (!domains().containsKey(domain)) {
            throw ApiException.notFound(domain + ": no such local domain (`mailserv domain list` shows all)");
        }
        return domain;
    }

    private Map<String, DomainConfig> domains() {
        MailservConfig config = files.config().get();
        return config.domains();
    }

    private AddedDomains added() {
        return new AddedDomains(files.config().get().dataDir());
    }

    DkimKeys keys() throws IOException {
        return new DkimKeys(services.dkim(), InstantSource.system());
    }

    private static DkimKeyInfo key(DkimKey key, List<DkimKey> signing) {
        DkimKeyInfo.State state = key.waiting()
                ? DkimKeyInfo.State.WAITING
                : key.activeFrom().isAfter(Instant.now())
                        ? DkimKeyInfo.State.SCHEDULED
                        : signing.contains(key) ? DkimKeyInfo.State.SIGNING : DkimKeyInfo.State.REPLACED;
        return new DkimKeyInfo(key.selector(), key.algorithm(), state, key.activeFrom(), key.recordName());
    }

    static List<DkimKey> ofDomain(String domain, DkimKeys keys) {
        return keys.all().stream().filter(key -> key.domain().equals(domain)).toList();
    }
}
