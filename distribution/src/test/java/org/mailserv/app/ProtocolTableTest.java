package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages of {@code docs} that name tests and RFCs are true of the tree. */
class ProtocolTableTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static List<Path> sources(String part) throws IOException {
        try (Stream<Path> all = Files.walk(ROOT)) {
            return all.filter(path -> path.toString().endsWith(".java")
                            && path.toString().contains(part)
                            && !path.toString().contains("/target/"))
                    .toList();
        }
    }

    @Test
    void everyTestThatAPageNamesExists() throws IOException {
        Set<String> classes = new HashSet<>();
        for (Path path : sources("/src/test/")) {
            classes.add(path.getFileName().toString().replace(".java", ""));
        }
        for (String page : List.of("protocols.md", "security.md", "reliability.md", "requirements.md")) {
            Matcher named = Pattern.compile("`(\\w+(?:Test|IT))\\b")
                    .matcher(Files.readString(ROOT.resolve("docs").resolve(page)));
            while (named.find()) {
                assertThat(classes).as(page).contains(named.group(1));
            }
        }
    }

    @Test
    void everyMetricOfThePageIsWrittenAndNoOther() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/metrics.md"));
        StringBuilder code = new StringBuilder();
        for (String file :
                List.of("metrics/MailMetrics.java", "metrics/ServerMetrics.java", "server/CertificateMetrics.java")) {
            code.append(Files.readString(
                    ROOT.resolve("distribution/src/main/java/org/mailserv/app").resolve(file)));
        }
        assertThat(names("`(mailserv_[a-z_]+)", page)).isEqualTo(names("\"(mailserv_[a-z_0-9]+)", code.toString()));
        for (String file : List.of("alerts.yaml", "grafana.json")) {
            // A histogram has series with suffixes of their own.
            assertThat(names("(mailserv_[a-z_]+)", page))
                    .containsAll(names(
                            "(mailserv_[a-z_]+?)(?:_bucket|_sum|_count)?\\b",
                            Files.readString(
                                    ROOT.resolve("packaging/monitoring").resolve(file))));
        }
    }

    private static Set<String> names(String pattern, String text) {
        Set<String> names = new HashSet<>();
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        return names;
    }

    @Test
    void everyRfcOfTheTableIsKnownToTheCode() throws IOException {
        StringBuilder code = new StringBuilder();
        for (Path path : sources("/src/main/")) {
            code.append(Files.readString(path, StandardCharsets.UTF_8));
        }
        Matcher row =
                Pattern.compile("(?m)^\\| (\\d{3,5}) \\|").matcher(Files.readString(ROOT.resolve("docs/protocols.md")));
        int rows = 0;
        for (; row.find(); rows++) {
            assertThat(code).as("RFC " + row.group(1)).containsPattern("(?i)rfc ?" + row.group(1));
        }
        assertThat(rows).isGreaterThan(25);
    }
}
