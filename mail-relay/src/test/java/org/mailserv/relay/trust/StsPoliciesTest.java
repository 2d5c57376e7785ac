package org.mailserv.relay.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;

@Timeout(30)
class StsPoliciesTest {
    private static final String POLICY =
            "version: STSv1\r\nmode: enforce\r\nmx: mx.far.test\r\nmx: *.far.test\r\nmax_age: 86400\r\n";

    @TempDir
    Path folder;

    private final Map<String, String> published = new HashMap<>();
    private final List<String> records = new ArrayList<>();
    private boolean dnsFails;
    private Instant now = Instant.parse("2026-11-21T00:00:00Z");
    private int fetches;

    /** A DNS that knows the record of one domain. */
    private Dns dns() {
        return (Dns) Proxy.newProxyInstance(
                Dns.class.getClassLoader(), new Class<?>[] {Dns.class}, (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("txt");
                    assertThat(arguments[0]).isEqualTo("_mta-sts.far.test");
                    return CompletableFuture.completedFuture(
                            dnsFails
                                    ? new DnsAnswer.TemporaryFailure<>("SERVFAIL")
                                    : records.isEmpty()
                                            ? new DnsAnswer.NoSuchDomain<>(false)
                                            : new DnsAnswer.Found<>(records, false, Duration.ZERO));
                });
    }

    private StsPolicies policies() {
        StsFetcher fetcher = domain -> {
            fetches++;
            String text = published.get(domain);
            return text == null
                    ? CompletableFuture.failedFuture(new IOException("not there"))
                    : CompletableFuture.completedFuture(text);
        };
        return new StsPolicies(
                dns(), fetcher, new RealDisk(), folder.resolve("mta-sts"), Runnable::run, () -> now, 100);
    }

    private static @Nullable StsPolicy find(StsPolicies policies) throws Exception {
        return policies.find("far.test").toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private void announce(String id) {
        records.clear();
        records.add("v=STSv1; id=" + id + ";");
    }

    @Test
    @DisplayName("U14: a policy is fetched when it is announced, once, and again when its id changes")
    void fetchesOnce() throws Exception {
        StsPolicies policies = policies();
        assertThat(find(policies)).isNull();
        assertThat(fetches).isZero();
        announce("1");
        published.put("far.test", POLICY);
        assertThat(String.valueOf(find(policies))).contains("ENFORCE");
        assertThat(find(policies)).isNotNull();
        assertThat(fetches).isEqualTo(1);
        announce("2");
        published.put("far.test", POLICY.replace("enforce", "testing"));
        assertThat(String.valueOf(find(policies))).contains("TESTING");
        assertThat(fetches).isEqualTo(2);
    }

    @Test
    @DisplayName(
            "U14: who takes the record away or breaks the web server cannot make us forget a policy; a restart neither; time does")
    void keepsWhatItHas() throws Exception {
        announce("1");
        published.put("far.test", POLICY);
        assertThat(find(policies())).isNotNull();
        published.clear();
        StsPolicies again = policies();
        assertThat(find(again)).isNotNull();
        announce("2");
        assertThat(find(again)).isNotNull();
        records.clear();
        assertThat(find(again)).isNotNull();
        dnsFails = true;
        assertThat(find(again)).isNotNull();
        now = now.plus(Duration.ofDays(2));
        assertThat(find(again)).isNull();
    }

    @Test
    @DisplayName("U14: what cannot be fetched is not asked for again at once, and two records are none")
    void failures() throws Exception {
        announce("1");
        StsPolicies policies = policies();
        assertThat(find(policies)).isNull();
        assertThat(find(policies)).isNull();
        assertThat(fetches).isEqualTo(1);
        now = now.plus(Duration.ofMinutes(6));
        published.put("far.test", "<html>");
        assertThat(find(policies)).isNull();
        assertThat(fetches).isEqualTo(2);
        records.add("v=STSv1; id=9;");
        now = now.plus(Duration.ofMinutes(6));
        assertThat(find(policies)).isNull();
        assertThat(fetches).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "mx.far.test, true",
        "MX.FAR.TEST, true",
        "a.far.test, true",
        "a.b.far.test, false",
        "far.test, false",
        "mxfar.test, false",
        "evil.test, false"
    })
    @DisplayName("U14: a star stands for one label")
    void names(String host, boolean named) {
        assertThat(StsPolicy.parse(POLICY).names(host)).isEqualTo(named);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "version: STSv1\nmode: enforce\nmax_age: 1\n",
                "version: STSv2\nmode: none\nmax_age: 1\n",
                "version: STSv1\nmode: sometimes\nmx: a\nmax_age: 1\n",
                "version: STSv1\nmode: enforce\nmx: a\nmax_age: -1\n",
                "version: STSv1\nmode: enforce\nmx: a\n"
            })
    void badPolicies(String text) {
        assertThatThrownBy(() -> StsPolicy.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
