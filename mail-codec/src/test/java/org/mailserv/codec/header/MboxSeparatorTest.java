package org.mailserv.codec.header;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MboxSeparatorTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "From ann Thu Jan  1 00:00:00 1970\n",
                "From ann@x.test Thu Jan  1 00:00:00 1970\r\n",
                ">From ann Thu Jan  1 00:00:00 1970\n",
                "From ann Thu Jan  1 00:00:00 1970 remote from x\n>From bob Thu Jan  1 00:00:00 1970\n",
                "From ann\n"
            })
    @DisplayName("Mbox separators before a header are not part of the message")
    void separators(String lines) {
        assertThat(MboxSeparator.length(lines + "Subject: x\n\nFrom me 10:00\n"))
                .isEqualTo(lines.length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"From now on we meet\nat noon\n", "From: ann\n\nx\n", "Fromage 10:00\n", "", "From"})
    @DisplayName("Text that begins with From is not a separator")
    void text(String message) {
        assertThat(MboxSeparator.length(message)).isZero();
    }
}
