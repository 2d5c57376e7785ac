package org.mailserv.server.check.milter;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.server.check.milter.MilterAnswer.Change;
import org.mailserv.server.check.milter.MilterAnswer.Kind;

/** Whatever a filter answers: replies are replies, and a change of the header is one field and ends no header. */
class MilterFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void replies(byte[] data) {
        String reply =
                MilterReply.parse(new String(data, StandardCharsets.ISO_8859_1)).toString();
        assertThat(reply).matches("[45][0-9][0-9][ -~]*");
    }

    @FuzzTest(maxDuration = "2m")
    void changes(byte[] data) {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        int half = text.length() / 2;
        String before = "From: a@b.test\r\nSubject: x\r\n";
        for (Kind kind : Kind.values()) {
            Change change = new Change(kind, 1, text.substring(0, half), text.substring(half));
            String after = HeaderChanges.apply(before, List.of(change));
            HeaderBlock block = HeaderBlock.read(after);
            assertThat(block.length()).isEqualTo(after.length());
            assertThat(block.fields().size()).isBetween(1, 3);
            assertThat(after).doesNotContain("\r\n\r\n");
        }
    }
}
