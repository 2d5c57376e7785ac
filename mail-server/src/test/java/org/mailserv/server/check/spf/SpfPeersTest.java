package org.mailserv.server.check.spf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.FakeDns;
import org.mailserv.server.testing.ForeignPrograms;

/** Random records, judged by us and by pyspf. */
@Tag("peers")
@Timeout(120)
class SpfPeersTest {
    private static final int ZONES = 400;
    private static final long SEED = 7208;

    @TempDir
    Path folder;

    private static String mechanism(Random random) {
        String qualifier = List.of("", "", "", "-", "~", "?", "+").get(random.nextInt(7));
        int n = random.nextInt(5);
        String body = switch (random.nextInt(15)) {
            case 0 -> "ip4:192.0.2." + random.nextInt(8);
            case 1 -> "ip4:192.0.2.0/" + (24 + random.nextInt(9));
            case 2 -> "a";
            case 3 -> "a:h" + n + ".test";
            case 4 -> "a:h" + n + ".test/" + (20 + random.nextInt(13));
            case 5 -> "mx";
            case 6 -> "mx:d" + n + ".test";
            case 7, 8 -> "include:d" + n + ".test";
            case 9 -> "exists:%{i}.e.test";
            case 10 -> "exists:%{l}.%{d2}";
            case 11 -> "ip6:2001:db8::/32";
            case 12 ->
                List.of("ip4:999.1.1.1", "foo:bar", "all:x", "a:", "ip4:1.2.3.4/33", "include", "exists:%{x}")
                        .get(random.nextInt(7));
            case 13 -> "A:H" + n + ".test";
            default -> "a/" + random.nextInt(40);
        };
        return qualifier + body;
    }

    private static String record(Random random) {
        StringBuilder text = new StringBuilder(random.nextInt(30) == 0 ? "v=spf10" : "v=spf1");
        int count = random.nextInt(5);
        for (int i = 0; i < count; i++) {
            text.append(random.nextInt(12) == 0 ? "  " : " ").append(mechanism(random));
        }
        switch (random.nextInt(6)) {
            case 0 -> text.append(" redirect=d").append(random.nextInt(6)).append(".test");
            case 1 -> text.append(" unknown=x");
            case 2, 3 -> text.append(" -all");
            case 4 -> text.append(" ~all");
            default -> {
                // Neutral.
            }
        }
        return text.toString();
    }

    @Test
    @DisplayName("U2: on random records we judge as pyspf does")
    void asPyspf() throws Exception {
        ForeignPrograms.assumePython("SPF by pyspf", "import spf; spf.check2, spf.DNSLookup");
        Random random = new Random(SEED);
        List<String> cases = new ArrayList<>();
        List<String> ours = new ArrayList<>();
        for (int i = 0; i < ZONES; i++) {
            FakeDns dns = new FakeDns();
            StringBuilder zone = new StringBuilder();
            for (int n = 0; n < 5; n++) {
                String text = record(random);
                if (random.nextInt(8) > 0) {
                    dns.withTxt("d" + n + ".test", text);
                    zone.append("d").append(n).append(".test TXT ").append(text).append('\n');
                }
                if (random.nextInt(4) > 0) {
                    String address = "192.0.2." + random.nextInt(8);
                    dns.withAddress("h" + n + ".test", address);
                    zone.append("h")
                            .append(n)
                            .append(".test A ")
                            .append(address)
                            .append('\n');
                }
                if (random.nextBoolean()) {
                    String host = "h" + random.nextInt(5) + ".test";
                    dns.withMx("d" + n + ".test", 10, host);
                    zone.append("d").append(n).append(".test MX ").append(host).append('\n');
                }
                if (random.nextInt(3) == 0) {
                    String address = "192.0.2." + random.nextInt(8);
                    dns.withAddress("d" + n + ".test", address);
                    zone.append("d")
                            .append(n)
                            .append(".test A ")
                            .append(address)
                            .append('\n');
                }
            }
            String client = "192.0.2." + random.nextInt(8);
            if (random.nextBoolean()) {
                dns.withAddress(client + ".e.test", "127.0.0.2");
                zone.append(client).append(".e.test A 127.0.0.2\n");
            }
            cases.add(client + "\n" + zone);
            Spf spf = new Spf(dns, "receiver.example", Duration.ofSeconds(20), InstantSource.system());
            ours.add(spf.check(FakeDns.address(client), "helo.test", "joe", "d0.test", SpfIdentity.MAILFROM)
                    .toCompletableFuture()
                    .join()
                    .result()
                    .word());
        }
        Files.writeString(folder.resolve("cases"), String.join("--\n", cases));
        List<String> theirs = pyspf();
        assertThat(theirs).hasSize(ZONES);
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < ZONES; i++) {
            String[] said = theirs.get(i).split(" ", 2);
            // It refuses a record that includes itself also where the term before matches, which RFC 7208 does not.
            boolean early = said.length > 1 && said[1].contains("trivial recursion");
            if (!ours.get(i).equals(said[0]) && !early) {
                differences.add("we: " + ours.get(i) + ", pyspf: " + theirs.get(i) + "\n" + cases.get(i));
            }
        }
        assertThat(differences).isEmpty();
        assertThat(ours).contains("pass", "fail", "softfail", "neutral", "permerror", "none");
    }

    private List<String> pyspf() throws Exception {
        Process process = new ProcessBuilder(
                        ForeignPrograms.PYTHON,
                        "-c",
                        """
                import spf, sys
                for case in open(sys.argv[1]).read().split("--\\n"):
                    client, *lines = case.splitlines()
                    zone = {}
                    for line in lines:
                        name, kind, value = line.split(" ", 2)
                        value = (value.encode(),) if kind == "TXT" else (10, value) if kind == "MX" else value
                        zone.setdefault((name.lower(), kind), []).append(((name, kind), value))
                    def lookup(name, kind, tcpfallback=True, timeout=30):
                        return zone.get((name.lower().rstrip("."), kind), [])
                    spf.DNSLookup = lookup
                    print(*spf.check2(client, "joe@d0.test", "helo.test", querytime=0))
                """,
                        folder.resolve("cases").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return output.lines().toList();
    }
}
