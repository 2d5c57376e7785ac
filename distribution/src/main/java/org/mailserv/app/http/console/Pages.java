package org.mailserv.app.http.console;

import io.netty.handler.codec.http.FullHttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The pages of the console by path. They are registered before the first request. */
final class Pages {
    private final Map<String, Page> shown = new LinkedHashMap<>();
    private final Map<String, Page> changed = new LinkedHashMap<>();

    /** Answers a visit. Must not block. */
    interface Page {
        CompletionStage<FullHttpResponse> answer(Visit visit);
    }

    /** Registers a page to look at. */
    Pages get(String path, Page page) {
        shown.put(path, page);
        return this;
    }

    /** Registers a form that changes something. Its token is checked before. */
    Pages post(String path, Page page) {
        changed.put(path, page);
        return this;
    }

    @Nullable
    Page find(String path, boolean post) {
        return (post ? changed : shown).get(path);
    }

    /** Returns the methods of a path, or null if there is no such page. */
    @Nullable
    String methods(String path) {
        if (shown.containsKey(path)) {
            return changed.containsKey(path) ? "GET, HEAD, POST" : "GET, HEAD";
        }
        return changed.containsKey(path) ? "POST" : null;
    }
}
