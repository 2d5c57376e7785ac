package org.mailserv.server.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;

/** Whatever stands in a file of the spool: it is read, or said to be none, and what is read can be written again. */
class SpoolFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void sendFile(byte[] data) {
        try {
            Envelope envelope = QueueFile.envelope(QueueFile.read(data));
            byte[] written = QueueFile.write(envelope);
            // What cannot stand in a line is replaced when it is written, once.
            assertThat(QueueFile.write(QueueFile.envelope(QueueFile.read(written))))
                    .isEqualTo(written);
        } catch (QueueFile.MalformedQueueFileException e) {
            assertThat(e).hasMessageStartingWith("line ");
        }
    }

    @FuzzTest(maxDuration = "2m")
    void stateFile(byte[] data) {
        try {
            MessageState state = StateFile.read(data);
            byte[] written = StateFile.write(state);
            assertThat(StateFile.write(StateFile.read(written))).isEqualTo(written);
        } catch (IllegalArgumentException e) {
            assertThat(new String(data, StandardCharsets.UTF_8)).isNotNull();
        }
    }
}
