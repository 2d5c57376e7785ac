package org.mailserv.server.pickup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.disk.RealDisk;

/** Recipients of dropped files that the server refuses. */
@Timeout(60)
class PickupRecipientsTest {
    @TempDir
    Path root;

    private PickupFixture drop(String recipients) throws Exception {
        PickupFixture fixture = new PickupFixture(root, new RealDisk(), Duration.ofHours(1));
        try (fixture) {
            PickupDrop.write(
                    RealDisk.forOthers("rw-r--r--"),
                    fixture.folder,
                    "file",
                    PickupFixture.file(recipients, "Marker: 1\n\ntext\n"));
            fixture.awaitEmpty();
        }
        return fixture;
    }

    @Test
    @DisplayName("an unknown recipient is given back to the sender, and the others get the message")
    void unknownRecipients() throws Exception {
        assertThat(drop("kim, nobody").returned).containsExactly("sender@b.example [nobody@example.org]");
        assertThat(texts()).hasSize(1);
    }

    @Test
    @DisplayName("a message with unknown recipients only is given back, and not left in a folder")
    void nobodyKnown() throws Exception {
        assertThat(drop("nobody, none").returned)
                .containsExactly("sender@b.example [nobody@example.org, none@example.org]");
        assertThat(texts()).isEmpty();
        assertThat(PickupFixture.found(root).refused()).isEmpty();
    }

    private List<String> texts() throws IOException {
        return PickupFixture.found(root).texts();
    }
}
