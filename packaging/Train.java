import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * The training run of the ahead-of-time cache: {@code java Train.java HOME ROUNDS JVM_OPTIONS}. It starts the server of HOME with the
 * options, uses it as its clients do (SMTP, STARTTLS, submission with a login, relaying with and without TLS, checks, POP3, HTTP), and stops it.
 * All traffic stays on loopback.
 */
public class Train {
    private static final InetAddress LOCAL = InetAddress.getLoopbackAddress();
    private static final String LINE = "0123456789".repeat(7) + "\r\n";
    private static final String TEXT = "From: kim@local.test\r\nTo: joe@far.test\r\nSubject: training\r\n"
            + "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@local.test>\r\n\r\n";

    private final Path work;
    private final Sink plainSink = new Sink();
    private final Sink tlsSink = new Sink();
    private final int smtp;
    private final int submissions;
    private final int pop3;
    private final int pop3s;
    private final int http;
    private final KeyPair signingKey;
    private SSLContext tls;

    private Train(Path work) throws Exception {
        this.work = work;
        List<Integer> ports = freePorts(5);
        smtp = ports.get(0);
        submissions = ports.get(1);
        pop3 = ports.get(2);
        pop3s = ports.get(3);
        http = ports.get(4);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        signingKey = generator.generateKeyPair();
    }

    public static void main(String[] args) throws Exception {
        // Another program may take a port between the choice and the start.
        for (int attempt = 1; !train(args); attempt++) {
            if (attempt == 5) {
                throw new IOException("other programs took the ports of five attempts");
            }
        }
        System.exit(0);
    }

    /** Returns whether the run took place; if not, a port was in use. */
    private static boolean train(String[] args) throws Exception {
        Path work = Files.createTempDirectory("mailserv-training");
        try {
            new Train(work).run(Path.of(args[0]), Integer.parseInt(args[1]), args[2]);
            return true;
        } catch (PortInUse e) {
            return false;
        } finally {
            try (Stream<Path> files = Files.walk(work)) {
                files.sorted((one, other) -> other.compareTo(one)).forEach(file -> file.toFile().delete());
            }
        }
    }

    private void run(Path home, int rounds, String options) throws Exception {
        Path config = configure(new Dns(signingKey));
        Process server = start(home, config, options);
        try {
            tls = contextOf(work.resolve("data/tls"));
            tlsSink.secure = tls;
            for (int round = 0; round < rounds; round++) {
                round(round);
                if (round % 10 == 0) {
                    request("/readyz");
                    request("/metrics");
                }
            }
            // Time to deliver what is left.
            Thread.sleep(1000);
        } finally {
            server.destroy();
            // The cache is written while it ends.
            if (!server.waitFor(5, TimeUnit.MINUTES)) {
                server.destroyForcibly();
            }
        }
    }

    /** Sends what a server meets in a day: some of everything, in turns. */
    private void round(int round) throws Exception {
        int large = round % 50 == 0 ? 300_000 : 0;
        try (Peer peer = new Peer(LOCAL, smtp)) {
            peer.hello();
            peer.data("sender@client.test", "kim@local.test", message("", 10_000 + large));
        }
        try (Peer peer = new Peer(InetAddress.getByName("127.0.0.2"), smtp)) {
            peer.hello();
            String signed = round == 0 ? null : plainSink.taken.poll(5, TimeUnit.SECONDS);
            peer.data("kim@local.test", "kim@local.test", signed == null ? message("", 5_000) : signed);
        }
        try (Peer peer = new Peer(InetAddress.getByName("127.0.0.2"), smtp)) {
            peer.hello();
            peer.say("STARTTLS");
            peer.secure(tls);
            peer.hello();
            peer.chunk("sender@client.test", "kim@local.test", message("", 10_000));
            peer.say("RSET");
            peer.chunk("sender@client.test", "kim@local.test", message("", 3_000));
        }
        try (Peer peer = new Peer(LOCAL, submissions, tls)) {
            peer.hello();
            peer.say("AUTH PLAIN " + Base64.getEncoder().encodeToString("\0kim@local.test\0secret".getBytes(StandardCharsets.US_ASCII)));
            peer.data("kim@local.test", "joe@far.test", message("", 10_000 + large));
            peer.data("kim@local.test", "joe@tls.test", message("", 10_000));
        }
        collect(round % 2 == 0 ? new Peer(LOCAL, pop3) : new Peer(LOCAL, pop3s, tls));
    }

    /** Asks what the orchestrator and the monitoring ask. */
    private void request(String path) throws IOException {
        try (Socket socket = new Socket(LOCAL, http)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!answer.startsWith("HTTP/1.1 200")) {
                throw new IOException(path + ": " + answer);
            }
        }
    }

    private static void collect(Peer peer) throws IOException {
        try (peer) {
            peer.reply();
            peer.say("CAPA");
            peer.body();
            peer.say("USER kim@local.test");
            peer.say("PASS secret");
            int count = Integer.parseInt(peer.say("STAT").split(" ")[1]);
            peer.say("UIDL");
            peer.body();
            peer.say("LIST");
            peer.body();
            for (int number = 1; number <= Math.min(count, 20); number++) {
                peer.say("RETR " + number);
                peer.body();
                if (count > 10) {
                    peer.say("DELE " + number);
                }
            }
        }
    }

    private static String message(String head, int octets) {
        return head + TEXT + LINE.repeat(octets / LINE.length());
    }

    private Path configure(Dns dns) throws IOException {
        Path keys = Files.createDirectories(work.resolve("data/dkim/local.test"));
        Files.writeString(keys.resolve("s1.rsa.1700000000.pem"), "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(signingKey.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n");
        String listeners = "";
        for (var each : List.of(List.of("smtp", smtp), List.of("submissions", submissions), List.of("pop3", pop3), List.of("pop3s", pop3s))) {
            listeners += "{ kind = " + each.get(0) + ", address = \"127.0.0.1\", port = " + each.get(1) + " }\n";
        }
        String routes = "\"*\" { host = \"127.0.0.1\", port = " + plainSink.port() + " }, \"tls.test\" { host = \"127.0.0.1\", port = "
                + tlsSink.port() + " }";
        return Files.writeString(work.resolve("mailserv.conf"), String.join("\n",
                "hostname = \"mail.local.test\"", "data-dir = \"" + work.resolve("data") + "\"", "allow-root = true",
                "domains { \"local.test\" { mailboxes { kim { password = \"{PLAIN}secret\" } } } }", "listeners = [ " + listeners + " ]",
                "relay-networks = [\"127.0.0.1/32\"]", "pop3.plaintext-networks = [\"127.0.0.0/8\"]", "tls.session-tickets = true",
                "checks { spf = mark, dmarc = mark, exempt-networks = [] }", "dns.servers = [\"127.0.0.1:" + dns.port() + "\"]",
                "relay { mta-sts.enabled = false, dane = false, routes { " + routes + " } }", "pickup.folder = \"" + work.resolve("pickup") + "\"",
                "http { enabled = true, address = \"127.0.0.1\", port = " + http + " }", "limits.brake = false", ""));
    }

    private Process start(Path home, Path config, String options) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(home.resolve("bin/mailserv").toString(), "-c", config.toString());
        // The training run is not configured by whoever builds.
        builder.environment().keySet().removeIf(name -> name.startsWith("MAILSERV_") && !name.startsWith("MAILSERV_JAVA"));
        builder.environment().put("MAILSERV_JAVA_OPTS", options);
        builder.environment().remove("MAILSERV_JAVA");
        Path log = work.resolve("log");
        Process server = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        for (int tenths = 0; !Files.readString(log).contains("event=ready"); tenths++) {
            if (!server.isAlive() || tenths > 600) {
                server.destroyForcibly().waitFor();
                String text = Files.readString(log);
                if (text.contains("already in use")) {
                    throw new PortInUse();
                }
                throw new IOException("the server does not start:\n" + text);
            }
            Thread.sleep(100);
        }
        return server;
    }

    private static final class PortInUse extends Exception {
        private static final long serialVersionUID = 1;
    }

    /** Returns ports that differ: all are held until the last one is chosen. */
    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                held.add(new ServerSocket(0, 1, LOCAL));
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket each : held) {
                each.close();
            }
        }
    }

    /** Returns a context with the certificate that the server made for itself; it trusts every other one. */
    private static SSLContext contextOf(Path folder) throws Exception {
        List<Certificate> chain = new ArrayList<>();
        PrivateKey key = null;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String text = Files.readString(file);
                if (text.contains("BEGIN CERTIFICATE")) {
                    chain.addAll(CertificateFactory.getInstance("X.509").generateCertificates(Files.newInputStream(file)));
                } else {
                    byte[] octets = Base64.getMimeDecoder().decode(text.replaceAll("-----[^-]*-----", ""));
                    key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(octets));
                }
            }
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", key, new char[0], chain.toArray(new Certificate[0]));
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), new TrustManager[] {new Trusting()}, null);
        return context;
    }

    private static final class Trusting implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** One side of a connection, in lines. */
    private static class Peer implements AutoCloseable {
        private Socket socket;
        private InputStream in;
        private OutputStream out;

        Peer(Socket socket) throws IOException {
            use(socket);
        }

        Peer(InetAddress from, int port) throws IOException {
            Socket plain = new Socket();
            plain.bind(new InetSocketAddress(from, 0));
            plain.connect(new InetSocketAddress(LOCAL, port));
            plain.setSoTimeout(30_000);
            use(plain);
        }

        Peer(InetAddress from, int port, SSLContext context) throws IOException {
            this(from, port);
            secure(context);
        }

        private void use(Socket next) throws IOException {
            socket = next;
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream());
            out = socket.getOutputStream();
        }

        final void secure(SSLContext context) throws IOException {
            use(context.getSocketFactory().createSocket(socket, "mail.local.test", socket.getPort(), true));
        }

        final void secureAsServer(SSLContext context) throws IOException {
            SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(socket, null, true);
            secure.setUseClientMode(false);
            use(secure);
        }

        final void write(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        final String line() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int octet = in.read(); octet != '\n'; octet = in.read()) {
                if (octet < 0) {
                    throw new IOException("connection closed after " + line);
                }
                line.write(octet);
            }
            return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
        }

        final String reply() throws IOException {
            String line = line();
            while (line.length() > 3 && line.charAt(3) == '-' && Character.isDigit(line.charAt(0))) {
                line = line();
            }
            if (line.startsWith("5") || line.startsWith("-")) {
                throw new IOException(line);
            }
            return line;
        }

        final String say(String command) throws IOException {
            write(command + "\r\n");
            return reply();
        }

        final void hello() throws IOException {
            write("EHLO client.test\r\n");
            // The greeting comes first on a connection that was just opened.
            while (!reply().startsWith("250")) {}
        }

        final void data(String from, String to, String text) throws IOException {
            say("MAIL FROM:<" + from + ">");
            say("RCPT TO:<" + to + ">");
            say("DATA");
            write(text + ".\r\n");
            reply();
        }

        /** Sends a message by CHUNKING, with all its commands at once. */
        final void chunk(String from, String to, String text) throws IOException {
            write("MAIL FROM:<" + from + ">\r\nRCPT TO:<" + to + ">\r\nBDAT " + text.length() + " LAST\r\n" + text);
            reply();
            reply();
            reply();
        }

        final String body() throws IOException {
            StringBuilder text = new StringBuilder();
            for (String line = line(); !line.equals("."); line = line()) {
                text.append(line).append("\r\n");
            }
            return text.toString();
        }

        @Override
        public final void close() throws IOException {
            try {
                write("QUIT\r\n");
                line();
            } catch (IOException e) {
                // The server may be first.
            } finally {
                socket.close();
            }
        }
    }

    /** A server that takes mail, and hands out what it took as long as somebody asks. */
    private static final class Sink {
        final BlockingQueue<String> taken = new LinkedBlockingQueue<>(100);
        private final ServerSocket listener;
        volatile SSLContext secure;

        Sink() throws IOException {
            listener = new ServerSocket(0, 100, LOCAL);
            daemon(() -> {
                while (true) {
                    Socket socket = listener.accept();
                    daemon(() -> {
                        serve(new Peer(socket));
                        return null;
                    });
                }
            });
        }

        int port() {
            return listener.getLocalPort();
        }

        private void serve(Peer peer) throws IOException {
            peer.write("220 sink.test ESMTP\r\n");
            boolean encrypted = false;
            while (true) {
                String command = peer.line();
                if (command.startsWith("EHLO")) {
                    peer.write("250-sink.test\r\n250-PIPELINING\r\n" + (secure != null && !encrypted ? "250-STARTTLS\r\n" : "") + "250 8BITMIME\r\n");
                } else if (command.equals("STARTTLS")) {
                    peer.write("220 go\r\n");
                    peer.secureAsServer(secure);
                    encrypted = true;
                } else if (command.equals("DATA")) {
                    peer.write("354 go\r\n");
                    taken.offer(peer.body());
                    peer.write("250 taken\r\n");
                } else if (command.equals("QUIT")) {
                    peer.write("221 bye\r\n");
                    peer.socket.close();
                    return;
                } else {
                    peer.write("250 fine\r\n");
                }
            }
        }
    }

    /** Answers TXT with SPF, DMARC and the signing key, A and PTR with loopback, everything else with no data. */
    private static final class Dns {
        private final DatagramSocket socket;
        private final String key;

        Dns(KeyPair signingKey) throws IOException {
            socket = new DatagramSocket(0, LOCAL);
            key = "v=DKIM1; k=rsa; p=" + Base64.getEncoder().encodeToString(signingKey.getPublic().getEncoded());
            daemon(() -> {
                byte[] octets = new byte[2048];
                while (true) {
                    DatagramPacket packet = new DatagramPacket(octets, octets.length);
                    socket.receive(packet);
                    byte[] answer = answer(octets);
                    socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            });
        }

        int port() {
            return socket.getLocalPort();
        }

        private byte[] answer(byte[] query) {
            StringBuilder name = new StringBuilder();
            int at = 12;
            for (; query[at] != 0; at += query[at] + 1) {
                name.append(new String(query, at + 1, query[at], StandardCharsets.ISO_8859_1)).append('.');
            }
            int type = query[at + 2];
            byte[] data = value(name.toString().toLowerCase(), type);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(new byte[] {query[0], query[1], (byte) 0x81, (byte) 0x80, 0, 1, 0, (byte) (data.length == 0 ? 0 : 1), 0, 0, 0, 0});
            out.write(query, 12, at + 5 - 12);
            if (data.length > 0) {
                out.writeBytes(new byte[] {(byte) 0xc0, 12, 0, (byte) type, 0, 1, 0, 0, 0, 60, (byte) (data.length >> 8), (byte) data.length});
                out.writeBytes(data);
            }
            return out.toByteArray();
        }

        private byte[] value(String name, int type) {
            return switch (type) {
                case 1 -> new byte[] {127, 0, 0, 2};
                case 12 -> new byte[] {6, 'c', 'l', 'i', 'e', 'n', 't', 4, 't', 'e', 's', 't', 0};
                case 16 -> text(name.contains("_domainkey") ? key : name.startsWith("_dmarc") ? "v=DMARC1; p=none" : "v=spf1 ip4:127.0.0.2 -all");
                default -> new byte[0];
            };
        }

        private static byte[] text(String value) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (int from = 0; from < value.length(); from += 255) {
                String part = value.substring(from, Math.min(value.length(), from + 255));
                out.write(part.length());
                out.writeBytes(part.getBytes(StandardCharsets.US_ASCII));
            }
            return out.toByteArray();
        }
    }

    private static void daemon(java.util.concurrent.Callable<?> work) {
        Thread thread = new Thread(() -> {
            try {
                work.call();
            } catch (Exception e) {
                // A connection that ends is the usual way out.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
