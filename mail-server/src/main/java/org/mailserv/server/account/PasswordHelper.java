package org.mailserv.server.account;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Queries a program or a web service about one account.
 *
 * <p>The program receives {@code login NUL password NUL timestamp NUL} on descriptor 3, as defined by checkpassword.
 * It exits with 0 for yes, 1 for no, 111 for a temporary failure. With {@code AUTHORIZED=1} in its environment and no
 * password it reports whether the account exists (0 or 2 for yes, 1 or 3 for no).
 *
 * <p>The web service receives {@code login} and {@code password}, or {@code login} alone, as a form by POST. It
 * answers 2xx for yes and 401, 403 or 404 for no. Blocks.
 */
final class PasswordHelper {
    private final HelperConfig config;
    private final HttpClient http;

    PasswordHelper(HelperConfig config) {
        this.config = config;
        this.http = HttpClient.newBuilder()
                .connectTimeout(config.timeout())
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /**
     * Queries the helper.
     *
     * @param password the password, or null to ask whether the account exists
     * @throws IOException on a temporary failure
     */
    boolean ask(String login, @Nullable String password) throws IOException, InterruptedException {
        URI url = config.url();
        return url == null ? run(login, password) : post(url, login, password);
    }

    private boolean run(String login, @Nullable String password) throws IOException, InterruptedException {
        if ((login + password).indexOf(0) >= 0) {
            return false;
        }
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "exec \"$@\" 3<&0 </dev/null", "helper"));
        command.addAll(config.command());
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        if (password == null) {
            builder.environment().put("AUTHORIZED", "1");
        }
        Process process = builder.start();
        try {
            try (OutputStream input = process.getOutputStream()) {
                String text = login + "\0" + (password == null ? "" : password) + "\0"
                        + System.currentTimeMillis() / 1000 + "\0";
                input.write(text.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // The program may answer without having read everything.
                if (!process.waitFor(config.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
                    throw e;
                }
            }
            if (!process.waitFor(config.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("password helper: no answer within " + config.timeout());
            }
            return isYes(process.exitValue(), password == null);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static boolean isYes(int code, boolean lookUp) throws IOException {
        if (code == 0 || lookUp && code == 2) {
            return true;
        } else if (code == 1 || lookUp && code == 3) {
            return false;
        }
        throw new IOException("password helper: exit code " + code + " (expected: 0, 1 or 111)");
    }

    private boolean post(URI url, String login, @Nullable String password) throws IOException, InterruptedException {
        String form = "login=" + URLEncoder.encode(login, StandardCharsets.UTF_8)
                + (password == null ? "" : "&password=" + URLEncoder.encode(password, StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(config.timeout())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form))
                .build();
        int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        if (status / 100 == 2) {
            return true;
        } else if (status == 401 || status == 403 || status == 404) {
            return false;
        }
        throw new IOException("password helper: HTTP status " + status + " (expected: 2xx, 401, 403 or 404)");
    }
}
