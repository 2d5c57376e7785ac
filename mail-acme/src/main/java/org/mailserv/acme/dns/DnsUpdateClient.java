package org.mailserv.acme.dns;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Adds and removes TXT records at the primary server of a zone, over TCP. Blocks; one thread at a time. */
public final class DnsUpdateClient {
    private static final int DEFAULT_PORT = 53;
    private static final int TIMEOUT_MILLIS = 15_000;
    private static final int OPCODE_UPDATE = 5 << 11;
    private static final int TYPE_SOA = 6;
    private static final int TYPE_TXT = 16;
    private static final int TYPE_TSIG = 250;
    private static final int CLASS_IN = 1;
    private static final int CLASS_NONE = 254;
    private static final int RCODE = 0xf;

    private final String host;
    private final int port;
    private final @Nullable TsigKey key;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    /**
     * @param server {@code HOST} or {@code HOST:PORT}
     * @param key null for unsigned updates
     */
    public DnsUpdateClient(String server, @Nullable TsigKey key, InstantSource clock) {
        boolean withPort = server.matches(".*[^:]:[0-9]+|\\[.*\\]:[0-9]+");
        int colon = withPort ? server.lastIndexOf(':') : server.length();
        this.host = server.substring(0, colon).replaceAll("[\\[\\]]", "");
        this.port = withPort ? Integer.parseInt(server.substring(colon + 1)) : DEFAULT_PORT;
        this.key = key;
        this.clock = clock;
    }

    /**
     * Adds a TXT record. Other records of the name stay.
     *
     * @param zone null to find it
     * @throws IOException if the server does not make the change; the message is meant for the operator
     */
    public void add(@Nullable String zone, String name, String text, Duration ttl) throws IOException {
        update(zone, name, text, CLASS_IN, ttl.toSeconds());
    }

    /** Removes one TXT record. It is no error if it does not exist. */
    public void remove(@Nullable String zone, String name, String text) throws IOException {
        update(zone, name, text, CLASS_NONE, 0);
    }

    private void update(@Nullable String zone, String name, String text, int type, long ttl) throws IOException {
        String found = zone == null ? findZone(name) : zone;
        byte[] request = header(OPCODE_UPDATE, 0, 1)
                .name(found)
                .number16(TYPE_SOA)
                .number16(CLASS_IN)
                .name(name)
                .number16(TYPE_TXT)
                .number16(type)
                .number32(ttl)
                .txtData(text)
                .toBytes();
        int code = exchange(request).code();
        if (code != 0) {
            throw new IOException(
                    "the DNS server " + host + " does not change " + name + ": " + DnsCodes.response(code));
        }
    }

    private WireWriter header(int flags, int answers, int updates) {
        return new WireWriter()
                .number16(random.nextInt(1 << 16))
                .number16(flags)
                .number16(1)
                .number16(answers)
                .number16(updates)
                .number16(0);
    }

    /** Returns the closest enclosing zone for which the server has an SOA record. */
    private String findZone(String name) throws IOException {
        String candidate = name;
        while (!candidate.isEmpty()) {
            byte[] query = header(0, 0, 0)
                    .name(candidate)
                    .number16(TYPE_SOA)
                    .number16(CLASS_IN)
                    .toBytes();
            String owner = exchange(query).soaOwner();
            if (owner != null && (owner.equalsIgnoreCase(candidate) || candidate.endsWith("." + owner))) {
                return owner;
            }
            int dot = candidate.indexOf('.');
            candidate = dot < 0 ? "" : candidate.substring(dot + 1);
        }
        throw new IOException("the DNS server " + host + " has no zone for " + name
                + ": is it the primary server? Or set tls.acme.dns.zone");
    }

    private record Answer(int code, @Nullable String soaOwner) {}

    private Answer exchange(byte[] request) throws IOException {
        TsigKey signer = key;
        TsigKey.Signed signed = signer == null ? null : signer.sign(request, clock.instant());
        byte[] answer = send(signed == null ? request : signed.message());
        WireReader reader = new WireReader(answer);
        if (reader.number16() != ((request[0] & 0xff) << 8 | request[1] & 0xff)) {
            throw new IOException("the DNS server " + host + " answered another question");
        }
        int code = reader.number16() & RCODE;
        int questions = reader.number16();
        int records = reader.number16() + reader.number16() + reader.number16();
        for (int i = 0; i < questions; i++) {
            reader.name();
            reader.number32();
        }
        String soaOwner = null;
        int signature = -1;
        for (int i = 0; i < records; i++) {
            int start = reader.position();
            String owner = reader.name();
            int type = reader.number16();
            reader.octets(2 + 4);
            reader.octets(reader.number16());
            soaOwner = type == TYPE_SOA && soaOwner == null ? owner : soaOwner;
            signature = type == TYPE_TSIG ? start : -1;
        }
        if (signer != null && signed != null) {
            verify(signer, signed, answer, signature, code);
        }
        return new Answer(code, soaOwner);
    }

    /** Verifies a signed answer. A failure may come without a signature, and is not a reason to believe that the change was made. */
    private void verify(TsigKey signer, TsigKey.Signed signed, byte[] answer, int signature, int code)
            throws IOException {
        if (signature >= 0) {
            signer.verify(answer, signed.mac(), signature, clock.instant());
        } else if (code == 0) {
            throw new IOException("the answer of the DNS server " + host + " is not signed");
        }
    }

    private byte[] send(byte[] request) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream()
                    .write(new WireWriter()
                            .number16(request.length)
                            .octets(request)
                            .toBytes());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = new byte[in.readUnsignedShort()];
            in.readFully(answer);
            return answer;
        } catch (UnknownHostException e) {
            throw new IOException("the DNS server " + host + " (tls.acme.dns.server) has no address", e);
        } catch (SocketTimeoutException e) {
            throw new IOException("the DNS server " + host + " does not answer on TCP port " + port, e);
        } catch (ConnectException e) {
            throw new IOException("the DNS server " + host + " does not accept connections on TCP port " + port, e);
        } catch (IOException e) {
            throw new IOException("the DNS server " + host + " closed the connection without an answer", e);
        }
    }
}
