package org.mailserv.app.http.console;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Operator;

/** A session of a browser. Thread-safe. */
final class Session {
    private final String id;
    private final String token;
    private final Administrators.Administrator person;
    private final AtomicReference<@Nullable String> notice = new AtomicReference<>();

    Session(String id, String token, Administrators.Administrator person) {
        this.id = id;
        this.token = token;
        this.person = person;
    }

    /** Returns the value of its cookie. */
    String id() {
        return id;
    }

    /** Returns a secret that every form of the session carries. */
    String token() {
        return token;
    }

    Administrators.Administrator person() {
        return person;
    }

    Operator operator() {
        return person.operator();
    }

    boolean owns(String given) {
        return MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    /** Keeps the result of a change for the next page. */
    void leaveNotice(String text) {
        notice.set(text);
    }

    /** Returns the result of the last change once, then null. */
    @Nullable
    String takeNotice() {
        return notice.getAndSet(null);
    }
}
