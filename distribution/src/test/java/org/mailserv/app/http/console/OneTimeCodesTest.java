package org.mailserv.app.http.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OneTimeCodesTest {
    /** "12345678901234567890" of RFC 6238, appendix B. */
    private static final String SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.ofEpochSecond(59));
    private final OneTimeCodes codes = new OneTimeCodes(now::get);

    @ParameterizedTest
    @CsvSource({"59,287082", "1111111109,081804", "1111111111,050471", "1234567890,005924", "2000000000,279037"})
    @DisplayName("the codes are those of RFC 6238, appendix B")
    void agreesWithTheStandard(long seconds, String code) {
        assertThat(OneTimeCodes.code(SECRET, seconds / 30)).isEqualTo(code);
    }

    @Test
    @DisplayName("a code is accepted once, and no older one after it")
    void refusesReplays() {
        assertThat(codes.accept("ann", SECRET, "287082")).isTrue();
        assertThat(codes.accept("ann", SECRET, "287082")).isFalse();
        assertThat(codes.accept("ann", SECRET, OneTimeCodes.code(SECRET, 0))).isFalse();
        assertThat(codes.accept("bob", SECRET, "287 082")).isTrue();
        now.set(Instant.ofEpochSecond(61));
        assertThat(codes.accept("ann", SECRET, OneTimeCodes.code(SECRET, 2))).isTrue();
    }

    @Test
    @DisplayName("a clock may be wrong by one step, not by two")
    void toleratesOneStep() {
        now.set(Instant.ofEpochSecond(3000));
        assertThat(codes.accept("a", SECRET, OneTimeCodes.code(SECRET, 98))).isFalse();
        assertThat(codes.accept("a", SECRET, OneTimeCodes.code(SECRET, 102))).isFalse();
        assertThat(codes.accept("a", SECRET, OneTimeCodes.code(SECRET, 99))).isTrue();
        assertThat(codes.accept("a", SECRET, OneTimeCodes.code(SECRET, 101))).isTrue();
        assertThat(codes.accept("a", SECRET, "")).isFalse();
        assertThat(codes.accept("a", SECRET, "abcdef")).isFalse();
    }
}
