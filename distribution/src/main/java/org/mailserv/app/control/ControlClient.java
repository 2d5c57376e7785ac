package org.mailserv.app.control;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringEncoder;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Call;
import org.mailserv.app.api.Json;
import org.mailserv.app.config.StartupException;

/**
 * A client of a running server: HTTP over the control socket, a Unix socket in the data folder that only the owner of the folder and root can
 * open. One connection per call. Blocks.
 */
public final class ControlClient {
    /** Names the person at the terminal, for the audit log. Percent-encoded. */
    public static final String OPERATOR_FIELD = "Mailserv-Operator";

    /** The name of the socket in a shared pickup folder. */
    public static final String QUEUE_SOCKET = "queue.sock";

    private static final int LARGEST_ANSWER = 1 << 30;

    private final Path socket;

    /** @param dataDir of the server */
    public ControlClient(Path dataDir) {
        socket = socket(dataDir);
    }

    private ControlClient(Path folder, String name) {
        socket = folder.toAbsolutePath().resolve(name);
    }

    /** Returns a client of the socket at which every user of the host can list the queue. */
    public static ControlClient ofQueue(Path pickupFolder) {
        return new ControlClient(pickupFolder, QUEUE_SOCKET);
    }

    /** Returns the path of the control socket. */
    public static Path socket(Path dataDir) {
        return dataDir.toAbsolutePath().resolve("admin.sock");
    }

    /** Returns whether a running server accepts connections on the socket. */
    public boolean isServerRunning() {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return client.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Asks the server.
     *
     * @throws StartupException if no server answers
     * @throws ApiException if the server did not carry out the call
     */
    public <Q extends Record, A> A ask(Call<Q, A> call, Q request) throws StartupException, ApiException {
        FullHttpResponse response;
        try {
            response = exchange(encode(call, Json.tree(request).getAsJsonObject()));
        } catch (IOException e) {
            throw new StartupException("no server answers at " + socket + " (is it running, and by this user?)", e);
        }
        try {
            String text = response.content().toString(StandardCharsets.UTF_8);
            int status = response.status().code();
            if (status != 200) {
                throw new ApiException(ApiException.Kind.of(status), error(text, status));
            }
            return Json.read(text, call.answer());
        } catch (JsonParseException e) {
            throw new StartupException(
                    "the server at " + socket + " gave an answer of another version; restart it after an update", e);
        } finally {
            response.release();
        }
    }

    private static String error(String text, int status) {
        try {
            JsonElement error = JsonParser.parseString(text).getAsJsonObject().get("error");
            return error == null ? "the server answered " + status : error.getAsString();
        } catch (JsonParseException | IllegalStateException e) {
            return "the server answered " + status;
        }
    }

    private static FullHttpRequest encode(Call<?, ?> call, JsonObject request) {
        String path = call.path();
        for (Map.Entry<String, JsonElement> field : Map.copyOf(request.asMap()).entrySet()) {
            String variable = "{" + field.getKey() + "}";
            if (field.getValue().isJsonNull()) {
                request.remove(field.getKey());
            } else if (path.contains(variable)) {
                path = path.replace(variable, percent(field.getValue().getAsString()));
                request.remove(field.getKey());
            }
        }
        boolean query = call.method().hasQuery();
        ByteBuf content =
                query ? Unpooled.EMPTY_BUFFER : Unpooled.copiedBuffer(Json.write(request), StandardCharsets.UTF_8);
        FullHttpRequest encoded = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                HttpMethod.valueOf(call.method().name()),
                query ? withQuery(path, request) : path,
                content);
        encoded.headers()
                .set(HttpHeaderNames.HOST, "localhost")
                .set(OPERATOR_FIELD, percent(operator()))
                .set(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
        if (!query) {
            encoded.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
        }
        return encoded;
    }

    private static String withQuery(String path, JsonObject request) {
        QueryStringEncoder uri = new QueryStringEncoder(path);
        request.asMap().forEach((name, value) -> {
            if (value.isJsonArray()) {
                value.getAsJsonArray().forEach(each -> uri.addParam(name, each.getAsString()));
            } else {
                uri.addParam(name, value.getAsString());
            }
        });
        return uri.toString();
    }

    private static String percent(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private FullHttpResponse exchange(FullHttpRequest request) throws IOException {
        EmbeddedChannel codec = new EmbeddedChannel(new HttpClientCodec(), new HttpObjectAggregator(LARGEST_ANSWER));
        try (SocketChannel server = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            codec.writeOutbound(request);
            write(codec, server);
            ByteBuffer octets = ByteBuffer.allocate(64 << 10);
            while (server.read(octets) >= 0) {
                codec.writeInbound(Unpooled.copiedBuffer(octets.flip()));
                octets.clear();
                FullHttpResponse response = codec.readInbound();
                if (response != null) {
                    return response;
                }
            }
            throw new IOException("the connection ended without an answer");
        } finally {
            codec.finishAndReleaseAll();
        }
    }

    private static void write(EmbeddedChannel codec, SocketChannel server) throws IOException {
        for (ByteBuf octets = codec.readOutbound(); octets != null; octets = codec.readOutbound()) {
            try {
                for (ByteBuffer part : octets.nioBuffers()) {
                    while (part.hasRemaining()) {
                        server.write(part);
                    }
                }
            } finally {
                octets.release();
            }
        }
    }

    /** Returns the person who gives the command: the user of the terminal, also behind sudo. */
    public static String operator() {
        String name = System.getProperty("user.name", "unknown");
        String before = System.getenv("SUDO_USER");
        return before == null || before.isBlank() || before.equals(name) ? name : before + " (as " + name + ")";
    }
}
