package org.mailserv.app;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** A browser at the console, without a page to look at, and a program at its API. */
final class ConsoleClient {
    private final HttpClient http = HttpClient.newHttpClient();
    private final String base;
    private String cookie = "";
    private String token = "";

    /** @param port that of the server's HTTP listener on this machine */
    ConsoleClient(int port) {
        base = "http://127.0.0.1:" + port;
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(base + path));
    }

    /** Logs in, and takes the token of the session from a page with a form. */
    void logIn(String user, String password, String formPath) throws Exception {
        HttpResponse<String> in = send(
                to("/admin/login").POST(HttpRequest.BodyPublishers.ofString("user=" + user + "&password=" + password)));
        cookie = in.headers().firstValue("set-cookie").orElseThrow().split(";")[0];
        takeToken(formPath);
    }

    /** Takes the token that forms must carry from a page with a form. */
    void takeToken(String formPath) throws Exception {
        token = get(formPath).body().replaceAll("(?s).*?name=\"token\" value=\"([^\"]+)\".*", "$1");
    }

    /** Sends forms as another site would, which does not know the token. */
    void forgeToken() {
        token = "forged";
    }

    HttpResponse<String> get(String path) throws Exception {
        return send(to(path).header("Cookie", cookie));
    }

    /** @param fields names and values of the form in turn; the token is added */
    HttpResponse<String> post(String path, String... fields) throws Exception {
        StringBuilder form = new StringBuilder("token=" + token);
        for (int i = 0; i < fields.length; i += 2) {
            form.append('&')
                    .append(fields[i])
                    .append('=')
                    .append(URLEncoder.encode(fields[i + 1], StandardCharsets.UTF_8));
        }
        return send(to(path).header("Cookie", cookie).POST(HttpRequest.BodyPublishers.ofString(form.toString())));
    }

    /**
     * Calls the API.
     *
     * @param user name and password, separated by a colon
     * @param json null for a request without a body
     */
    HttpResponse<String> api(String user, String method, String path, String json) throws Exception {
        return send(
                to(path).header("Authorization", "Basic " + Base64.getEncoder().encodeToString(user.getBytes()))
                        .header("Content-Type", "application/json")
                        .method(
                                method,
                                json == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(json)));
    }
}
