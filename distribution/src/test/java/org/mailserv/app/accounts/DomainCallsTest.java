package org.mailserv.app.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Call;
import org.mailserv.app.api.CallHandler;
import org.mailserv.app.api.CallRegistry;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.DkimKeyActivation;
import org.mailserv.app.api.DkimKeyInfo;
import org.mailserv.app.api.DkimRotation;
import org.mailserv.app.api.DnsRecordInfo;
import org.mailserv.app.api.DomainInfo;
import org.mailserv.app.api.DomainQuery;
import org.mailserv.app.api.NewDomain;
import org.mailserv.app.api.NewUser;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.api.SettingSource;
import org.mailserv.app.api.UserQuery;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.vacation.VacationFiles;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.account.AppPasswords;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.OwnNames;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.testing.FakeDns;

/** Domains that calls add beside those of the configuration. */
class DomainCallsTest implements CallRegistry {
    @TempDir
    Path folder;

    private final Map<Call<?, ?>, CallHandler<?, ?>> handlers = new HashMap<>();
    private final FakeDns dns = new FakeDns();
    private Path file;
    private MailservConfig config;
    private LocalAccounts accounts;
    private AppPasswords passwords;
    private boolean reloadFails;
    private int keyReloads;

    @BeforeEach
    void open() throws Exception {
        file = folder.resolve("mailserv.conf");
        Files.writeString(file, "hostname = mx.sample.org\ndata-dir = \"" + folder + "\"\ndomains.\"sample.org\" {}\n");
        config = ConfigFile.load(file);
        UsersFile users = new UsersFile(config.usersFilePath(), new RealDisk());
        AliasesFile aliases = new AliasesFile(config.aliasesFilePath(), new RealDisk());
        accounts = new LocalAccounts(config.domains(), null, OwnNames.NONE, users, aliases, "+", 1);
        passwords = new AppPasswords(AccountPaths.appPasswords(config), new RealDisk());
        AccountFiles files = new AccountFiles(
                () -> config,
                users,
                aliases,
                accounts,
                mailbox -> null,
                passwords,
                new VacationFiles(AccountPaths.vacations(config), new RealDisk(), InstantSource.system(), 10));
        DomainCalls domains = new DomainCalls(
                files, new DomainServices(AccountPaths.dkim(config), dns, () -> keyReloads++, this::reload));
        domains.register(this);
        new DkimCalls(domains).register(this);
        new UserCalls(files).register(this);
    }

    private void reload() throws ApiException, IOException {
        if (reloadFails) {
            throw new ApiException(ApiException.Kind.CONFLICT, "the configuration stays as it was");
        }
        try {
            config = ConfigFile.load(file);
            accounts.prepare(config.domains(), null).run();
        } catch (ConfigurationException e) {
            throw new IOException(e);
        }
    }

    @AfterEach
    void close() {
        accounts.close();
        passwords.close();
    }

    @Override
    public <Q extends Record, A> CallRegistry on(Call<Q, A> call, CallHandler<? super Q, ? extends A> handler) {
        handlers.put(call, handler);
        return this;
    }

    @SuppressWarnings("unchecked")
    private <Q extends Record, A> A ask(Call<Q, A> call, Q request) throws ApiException, StartupException, IOException {
        return ((CallHandler<Q, A>) handlers.get(call)).answer(request, AccountBench.BY);
    }

    private static void refused(ApiException.Kind kind, String text, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(text);
    }

    @Test
    @DisplayName("An added domain is local at once and after a restart, and has waiting DKIM keys and records")
    void add() throws Exception {
        DomainInfo made = ask(Calls.ADD_DOMAIN, new NewDomain("New.Example"));
        assertThat(made.domain()).isEqualTo("new.example");
        assertThat(made.source()).isEqualTo(SettingSource.FILE);
        assertThat(made.selectors()).hasSize(2);
        assertThat(made.records()).extracting(DnsRecordInfo::type).contains("MX", "TXT", "SRV");
        assertThat(made.records())
                .anySatisfy(record -> assertThat(record.value()).isEqualTo("10 mx.sample.org."))
                .anySatisfy(record -> assertThat(record.name()).endsWith("._domainkey.new.example"));
        assertThat(Files.readString(folder.resolve("local-domains"))).isEqualTo("new.example\n");
        assertThat(ConfigFile.load(file).domains()).containsKeys("sample.org", "new.example");
        assertThat(ask(Calls.DOMAINS, Nothing.NOTHING))
                .extracting(DomainInfo::domain)
                .containsExactlyInAnyOrder("sample.org", "new.example");
        assertThat(accounts.primaryDomain()).isEqualTo("sample.org");
        ask(Calls.ADD_DOMAIN, new NewDomain("aaa.example"));
        assertThat(config.domains().keySet()).containsExactly("sample.org", "new.example", "aaa.example");
        ask(Calls.ADD_USER, NewUser.of("kim@new.example", "pw"));
        assertThat(ask(Calls.DOMAIN, new DomainQuery("new.example", null)).users())
                .isEqualTo(1);
    }

    @Test
    @DisplayName("A domain with users stays; without them it goes")
    void remove() throws Exception {
        ask(Calls.ADD_DOMAIN, new NewDomain("new.example"));
        ask(Calls.ADD_USER, NewUser.of("kim@new.example", "pw"));
        refused(
                ApiException.Kind.CONFLICT,
                "kim@new.example",
                () -> ask(Calls.REMOVE_DOMAIN, new DomainQuery("new.example", null)));
        ask(Calls.REMOVE_USER, new UserQuery("kim@new.example"));
        ask(Calls.REMOVE_DOMAIN, new DomainQuery("new.example", null));
        assertThat(config.domains()).containsOnlyKeys("sample.org");
    }

    @Test
    @DisplayName("Mistakes are named: a known domain, one of the configuration, an unknown one, and what is no domain")
    void mistakes() {
        refused(ApiException.Kind.CONFLICT, "already", () -> ask(Calls.ADD_DOMAIN, new NewDomain("SAMPLE.org")));
        refused(
                ApiException.Kind.CONFLICT,
                "in the configuration",
                () -> ask(Calls.REMOVE_DOMAIN, new DomainQuery("sample.org", null)));
        refused(
                ApiException.Kind.NOT_FOUND,
                "no such local domain",
                () -> ask(Calls.DOMAIN, new DomainQuery("other.example", null)));
        for (String text : new String[] {"", "a b.example", "localhost", "192.0.2.1", "user@a.example", "-x.example"}) {
            refused(ApiException.Kind.MALFORMED, "no domain", () -> ask(Calls.ADD_DOMAIN, new NewDomain(text)));
        }
    }

    @Test
    @DisplayName("A reload that fails leaves nothing of the domain behind")
    void failedReload() throws Exception {
        reloadFails = true;
        refused(
                ApiException.Kind.CONFLICT,
                "stays as it was",
                () -> ask(Calls.ADD_DOMAIN, new NewDomain("new.example")));
        assertThat(Files.readString(folder.resolve("local-domains"))).isEmpty();
    }

    @Test
    @DisplayName("A check tells published records from missing ones and from those that nobody answers for")
    void check() throws Exception {
        ask(Calls.ADD_DOMAIN, new NewDomain("new.example"));
        dns.withMx("new.example", 10, "mx.sample.org")
                .withTxt("new.example", "v=spf1 +all")
                .failing("_dmarc.new.example");
        DomainInfo info = ask(Calls.DOMAIN, new DomainQuery("new.example", true));
        assertThat(info.records())
                .allSatisfy(record -> assertThat(record.state()).isNotNull());
        assertThat(info.records().get(0).state()).isEqualTo(DnsRecordInfo.State.PUBLISHED);
        assertThat(info.records().get(1).state()).isEqualTo(DnsRecordInfo.State.DIFFERENT);
        assertThat(info.records().get(2).state()).isEqualTo(DnsRecordInfo.State.MISSING);
        assertThat(info.records())
                .filteredOn(record -> record.name().startsWith("_dmarc."))
                .extracting(DnsRecordInfo::state)
                .containsExactly(DnsRecordInfo.State.UNKNOWN);
    }

    @Test
    @DisplayName("The optional records for TLS and mail programs are listed, and a name that leads elsewhere is told")
    void optionalRecords() throws Exception {
        Files.writeString(file, Files.readString(file) + "http.enabled = true\n");
        reload();
        dns.withAddress("mx.sample.org", "192.0.2.1")
                .withAddress("mta-sts.sample.org", "192.0.2.1")
                .withAddress("autoconfig.sample.org", "192.0.2.9")
                .withTxt("_smtp._tls.sample.org", "v=TLSRPTv1; rua=mailto:tls@sample.org");
        Map<String, DnsRecordInfo.State> states = new HashMap<>();
        for (DnsRecordInfo record :
                ask(Calls.DOMAIN, new DomainQuery("sample.org", true)).records()) {
            states.put(record.name(), record.state());
        }
        assertThat(states)
                .containsEntry("mta-sts.sample.org", DnsRecordInfo.State.PUBLISHED)
                .containsEntry("autoconfig.sample.org", DnsRecordInfo.State.DIFFERENT)
                .containsEntry("autodiscover.sample.org", DnsRecordInfo.State.MISSING)
                .containsEntry("_smtp._tls.sample.org", DnsRecordInfo.State.PUBLISHED)
                .containsEntry("_mta-sts.sample.org", DnsRecordInfo.State.MISSING);
    }

    @Test
    @DisplayName("New DKIM keys wait for their records, further ones are refused meanwhile, and published ones sign")
    void rotation() throws Exception {
        DomainInfo made = ask(Calls.ROTATE_DKIM, new DkimRotation("sample.org", 0));
        assertThat(made.keys())
                .hasSize(2)
                .allSatisfy(key -> assertThat(key.state()).isEqualTo(DkimKeyInfo.State.WAITING));
        refused(
                ApiException.Kind.CONFLICT,
                "publish these first",
                () -> ask(Calls.ROTATE_DKIM, new DkimRotation("sample.org", null)));
        refused(
                ApiException.Kind.CONFLICT,
                "not published yet",
                () -> ask(Calls.ACTIVATE_DKIM, new DkimKeyActivation("sample.org")));
        assertThat(keyReloads).isZero();
        made.records().stream()
                .filter(record -> record.name().contains("._domainkey."))
                .limit(1)
                .forEach(record -> dns.withTxt(record.name(), record.value()));
        assertThat(ask(Calls.ACTIVATE_DKIM, new DkimKeyActivation("Sample.org")).keys())
                .extracting(DkimKeyInfo::state)
                .containsExactlyInAnyOrder(DkimKeyInfo.State.SIGNING, DkimKeyInfo.State.WAITING);
        assertThat(keyReloads).isEqualTo(1);
        refused(
                ApiException.Kind.MALFORMED,
                "grace_hours",
                () -> ask(Calls.ROTATE_DKIM, new DkimRotation("sample.org", 721)));
        refused(
                ApiException.Kind.NOT_FOUND,
                "no such local domain",
                () -> ask(Calls.ROTATE_DKIM, new DkimRotation("other.example", null)));
    }

    @Test
    @DisplayName("A line that is no domain is an error with file and line")
    void brokenFile() throws Exception {
        Files.writeString(folder.resolve("local-domains"), "# domains\nnew.example\nno domain\n");
        assertThatThrownBy(() -> ConfigFile.load(file)).isInstanceOf(ConfigurationException.class);
    }
}
