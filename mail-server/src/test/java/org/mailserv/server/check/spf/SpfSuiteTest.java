package org.mailserv.server.check.spf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.mailserv.server.testing.FakeDns;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The public suite of RFC 7208, from the folder shared/testdata beside the project. */
class SpfSuiteTest {
    private static final String FILE = "shared/testdata/rfc7208-tests.yml";

    @TestFactory
    @DisplayName("U2: SPF passes the public suite of RFC 7208")
    Stream<DynamicTest> suite() throws IOException {
        Path file = find();
        if (file == null) {
            System.out.println("SpfSuiteTest: skipped, no " + FILE);
        }
        assumeTrue(file != null, "no " + FILE);
        List<DynamicTest> tests = new ArrayList<>();
        try (Reader reader = Files.newBufferedReader(file)) {
            for (Object document : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(reader)) {
                Map<?, ?> scenario = (Map<?, ?>) document;
                FakeDns dns = zone((Map<?, ?>) scenario.get("zonedata"));
                ((Map<?, ?>) scenario.get("tests"))
                        .forEach((name, test) -> tests.add(DynamicTest.dynamicTest(
                                scenario.get("description") + ": " + name, () -> check(dns, (Map<?, ?>) test))));
            }
        }
        assertThat(tests).hasSizeGreaterThan(150);
        return tests.stream();
    }

    private static @Nullable Path find() {
        String told = System.getProperty("mailserv.testdata");
        if (told != null) {
            return Path.of(told, "rfc7208-tests.yml");
        }
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isReadable(folder.resolve(FILE))) {
                return folder.resolve(FILE);
            }
        }
        return null;
    }

    private static void check(FakeDns dns, Map<?, ?> test) {
        Spf spf = new Spf(dns, "receiver.example", Duration.ofSeconds(20), InstantSource.system());
        String sender = String.valueOf(test.get("mailfrom"));
        String helo = String.valueOf(test.get("helo"));
        int at = sender.lastIndexOf('@');
        String localPart = at <= 0 ? "postmaster" : sender.substring(0, at);
        String domain = sender.isEmpty() ? helo : sender.substring(at + 1);
        SpfOutcome outcome = spf.check(
                        FakeDns.address(String.valueOf(test.get("host"))),
                        helo,
                        localPart,
                        domain,
                        SpfIdentity.MAILFROM)
                .toCompletableFuture()
                .join();
        Object wanted = test.get("result");
        List<?> allowed = wanted instanceof List<?> several ? several : List.of(wanted);
        assertThat(allowed)
                .as("%s: %s", test, outcome)
                .anyMatch(outcome.result().word()::equals);
        Object explanation = test.get("explanation");
        if (explanation != null) {
            assertThat(Objects.requireNonNullElse(outcome.explanation(), "DEFAULT"))
                    .isEqualTo(explanation);
        }
    }

    private static FakeDns zone(Map<?, ?> data) {
        FakeDns dns = new FakeDns();
        data.forEach((key, value) -> {
            String name = String.valueOf(key);
            dns.withName(name);
            List<?> records = (List<?>) value;
            boolean hasTxt =
                    records.stream().anyMatch(record -> record instanceof Map<?, ?> map && map.containsKey("TXT"));
            for (Object record : records) {
                if (record instanceof Map<?, ?> map) {
                    map.forEach((type, content) -> add(dns, name, String.valueOf(type), content, hasTxt));
                } else {
                    dns.failing(name);
                }
            }
        });
        return dns;
    }

    private static void add(FakeDns dns, String name, String type, Object content, boolean hasTxt) {
        switch (type) {
            case "A", "AAAA" -> dns.withAddress(name, String.valueOf(content));
            case "PTR" -> dns.withPtr(name, String.valueOf(content));
            case "CNAME" -> dns.withCname(name, String.valueOf(content));
            case "MX" ->
                dns.withMx(name, (Integer) ((List<?>) content).get(0), String.valueOf(((List<?>) content).get(1)));
            case "SPF" -> {
                if (!hasTxt) {
                    text(dns, name, content);
                }
            }
            case "TXT" -> text(dns, name, content);
            case "TIMEOUT" -> dns.failing(name);
            default -> throw new IllegalArgumentException(type);
        }
    }

    private static void text(FakeDns dns, String name, Object content) {
        if (content instanceof List<?> strings) {
            dns.withTxt(
                    name, String.join("", strings.stream().map(String::valueOf).toList()));
        } else if (!"NONE".equals(content)) {
            dns.withTxt(name, String.valueOf(content));
        }
    }
}
