package org.mailserv.app.http.view;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The style sheet and the scripts of the console. They are read once and kept in memory. */
public final class StaticFiles {
    public static final String FOLDER = "/admin/static/";

    private static final Map<String, StaticFile> FILES = Map.of(
            "console.css", read("/console/console.css", "text/css"),
            "console.js", read("/console/console.js", "text/javascript"),
            "htmx.js", read("/META-INF/resources/webjars/htmx.org/2.0.4/dist/htmx.min.js", "text/javascript"));

    private StaticFiles() {}

    /**
     * A file.
     *
     * @param version hash of the content
     */
    public record StaticFile(String type, String text, String version) {}

    /** Returns the file of a path below {@link #FOLDER}, or null. */
    public static @Nullable StaticFile find(String path) {
        return path.startsWith(FOLDER) ? FILES.get(path.substring(FOLDER.length())) : null;
    }

    static String url(String name) {
        StaticFile file = FILES.get(name);
        if (file == null) {
            throw new IllegalArgumentException(name);
        }
        return FOLDER + name + "?v=" + file.version();
    }

    private static StaticFile read(String resource, String type) {
        try (InputStream in = StaticFiles.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not in the jar");
            }
            byte[] octets = in.readAllBytes();
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(octets);
            return new StaticFile(
                    type,
                    new String(octets, StandardCharsets.UTF_8),
                    HexFormat.of().formatHex(hash, 0, 6));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
