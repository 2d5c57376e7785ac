package org.mailserv.app.http.view;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a page that all pages share.
 *
 * @param host name of the server
 * @param section path of the navigation entry that the page belongs to
 * @param operator name of the person who is logged in, or null on the login page
 * @param changes whether the person may change anything
 * @param token secret that every form of the session carries
 * @param notice result of the last change, or null
 * @param links navigation
 */
public record Layout(
        String host,
        String title,
        String section,
        @Nullable String operator,
        boolean changes,
        String token,
        @Nullable String notice,
        List<Link> links) {
    /** An entry of the navigation. */
    public record Link(String path, String name) {}

    /** Returns the URL of a static file, which changes with its content. */
    public String file(String name) {
        return StaticFiles.url(name);
    }
}
