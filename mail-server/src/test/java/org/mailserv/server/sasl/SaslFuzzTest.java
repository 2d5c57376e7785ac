package org.mailserv.server.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.mailserv.server.testing.FakeAccounts;

/** Whatever a client answers, an exchange ends or goes on in order, and nobody gets in who does not say the password. */
class SaslFuzzTest {
    private static final int MOST_STEPS = 8;

    @FuzzTest(maxDuration = "2m")
    void exchanges(byte[] data) {
        SaslMechanisms sasl = new SaslMechanisms(new FakeAccounts(Runnable::run, "doug"));
        String text = new String(data, StandardCharsets.ISO_8859_1);
        for (String mechanism : List.of("PLAIN", "LOGIN", "SCRAM-SHA-256")) {
            // As it stands, and in base64: most of what is not base64 ends early.
            play(sasl.begin(mechanism, null), text.split("\n", MOST_STEPS), text);
            String[] encoded = text.split("\n", MOST_STEPS);
            for (int i = 0; i < encoded.length; i++) {
                encoded[i] = Base64.getEncoder().encodeToString(encoded[i].getBytes(StandardCharsets.ISO_8859_1));
            }
            play(sasl.begin(mechanism, null), encoded, text);
        }
    }

    private static void play(SaslExchange exchange, String[] responses, String text) {
        int next = 0;
        SaslExchange.Step step = null;
        if (exchange.serverFirst()) {
            step = exchange.step(null).toCompletableFuture().join();
        }
        while (next < responses.length && (step == null || step.challenge() != null)) {
            step = exchange.step(responses[next++]).toCompletableFuture().join();
            assertThat(step).isNotNull();
            if (step.challenge() != null) {
                assertThat(step.challenge()).doesNotContain("\r", "\n");
            }
            if (step.account() != null) {
                assertThat(text + decoded(responses)).contains("secret");
            }
        }
    }

    private static String decoded(String[] responses) {
        StringBuilder all = new StringBuilder();
        for (String response : responses) {
            String plain = SaslText.decodeText(response);
            all.append(plain == null ? "" : plain);
        }
        return all.toString();
    }
}
