package org.mailserv.app.http.view;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** QR codes as SVG. */
class QrImageTest {
    @Test
    @DisplayName("The code has its finder patterns and a quiet zone of four modules")
    void shape() {
        QrImage image =
                QrImage.of("https://autoconfig.example.org/mail/config-v1.1.xml?emailaddress=joe%40example.org");
        int last = image.size() - 5;
        for (int i = 4; i < 11; i++) {
            assertThat(image.path())
                    .contains("M" + i + ",4h1v1h-1z")
                    .contains("M4," + i + "h1v1h-1z")
                    .contains("M" + last + "," + i + "h1v1h-1z")
                    .contains("M" + i + "," + last + "h1v1h-1z");
        }
        assertThat(image.path()).doesNotContain("M3,").doesNotContain(",3h").doesNotContain("M" + (last + 1) + ",");
        assertThat(image.path()).matches("(M\\d+,\\d+h1v1h-1z)+");
    }
}
