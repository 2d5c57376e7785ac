package org.mailserv.app.http.console;

import io.netty.handler.codec.http.FullHttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.MessageStory;
import org.mailserv.app.api.TraceQuery;
import org.mailserv.app.http.view.TracePage;

/** The message trace: the story of messages by id, address, subject, time or any other part of a line. */
final class TracePages {
    static final String PATH = "/admin/trace";
    private static final int MAX_STORIES = 50;

    void register(Pages pages) {
        pages.get(PATH, TracePages::trace);
    }

    private static CompletionStage<FullHttpResponse> trace(Visit visit) {
        String text = visit.field("text");
        CompletionStage<List<MessageStory>> found = text.isEmpty()
                ? CompletableFuture.completedFuture(List.of())
                : visit.ask(Calls.TRACE, new TraceQuery(text, MAX_STORIES));
        return found.thenApply(
                stories -> visit.page("trace", new TracePage(visit.layout("Trace", PATH), text, newestFirst(stories))));
    }

    private static List<TracePage.Story> newestFirst(List<MessageStory> stories) {
        List<TracePage.Story> all = new ArrayList<>();
        for (MessageStory story : stories) {
            all.add(TracePage.Story.of(story.id(), story.lines()));
        }
        Collections.reverse(all);
        return all;
    }
}
