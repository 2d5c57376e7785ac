package org.mailserv.app.http.view;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StoryLineTest {
    @Test
    @DisplayName("an event becomes words, its values keep their names, and the id that is searched for is left out")
    void tellsInWords() {
        StoryLine line = StoryLine.of(
                "2026-11-27T08:00:00.123Z event=deferred id=abc to=<ann@far.test> mta=\"mx [192.0.2.1]\" reply=\"450 4.2.0 later\"",
                "abc");
        assertThat(line.time()).isEqualTo("2026-11-27T08:00:00.123Z");
        assertThat(line.what()).isEqualTo("Deferred: it is tried again");
        assertThat(line.details())
                .containsExactly("for <ann@far.test>", "server mx [192.0.2.1]", "its reply 450 4.2.0 later");
    }

    @Test
    @DisplayName("an unknown event and an unreadable line are shown as they are")
    void showsWhatIsUnknown() {
        assertThat(StoryLine.of("T event=dkim-signed id=abc domain=a.test", "abc")
                        .what())
                .isEqualTo("Dkim signed");
        assertThat(StoryLine.of("torn", "abc").what()).isEqualTo("torn");
    }
}
