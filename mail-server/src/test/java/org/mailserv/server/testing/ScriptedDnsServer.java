package org.mailserv.server.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A DNS server on 127.0.0.1, UDP and TCP, that says what it is told to; what it was not told of does not exist. Each question
 * is counted.
 */
public final class ScriptedDnsServer implements AutoCloseable {
    public static final int A = 1;
    public static final int NS = 2;
    public static final int CNAME = 5;
    public static final int SOA = 6;
    public static final int PTR = 12;
    public static final int MX = 15;
    public static final int TXT = 16;
    public static final int AAAA = 28;
    public static final int SRV = 33;
    public static final int TLSA = 52;

    /** What else than the truth it can say about a name. */
    public enum Trouble {
        SERVFAIL,
        REFUSED,
        SILENCE,
        /** Over UDP nothing but the truncation bit. */
        TRUNCATED,
        GARBAGE,
        WRONG_ID,
        /** NOERROR with nothing in it, neither authoritative nor recursive. */
        LAME,
        /** NS records of another zone, and nothing else. */
        REFERRAL,
        /** NOERROR without an SOA record, from a recursive server, as dnsmasq and systemd-resolved do it. */
        FORWARDER_NODATA,
        /** NOERROR without an SOA record, from an authoritative server. */
        AUTHORITATIVE_NODATA,
        /** An address of another name. */
        OTHER_NAME,
        /** The question in upper case. */
        UPPER_CASE,
        /** To questions with EDNS, FORMERR: a header alone. */
        EDNS_BARE_FORMERR,
        EDNS_FORMERR,
        EDNS_NOTIMP,
        EDNS_SERVFAIL,
        /** To questions with EDNS, version 0 is unknown: the code is in the OPT record. */
        EDNS_BADVERS;

        private boolean isAboutEdns() {
            return name().startsWith("EDNS_");
        }
    }

    private record Record(int type, long ttl, byte[] data) {}

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final Map<String, List<Record>> zone = new HashMap<>();
    private final Map<String, Trouble> troubles = new HashMap<>();
    private final Map<String, Integer> questions = new HashMap<>();
    private final Set<String> insecure = new HashSet<>();
    private boolean authenticated;
    private long negativeTtl = 60;

    public ScriptedDnsServer() throws IOException {
        this(0);
    }

    /** @param port 0 for any */
    public ScriptedDnsServer(int port) throws IOException {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        ServerSocket listener = null;
        DatagramSocket datagrams = null;
        // The same port has to be free for both.
        for (int i = 0; datagrams == null; i++) {
            listener = new ServerSocket();
            listener.bind(new InetSocketAddress(loopback, port));
            try {
                datagrams = new DatagramSocket(new InetSocketAddress(loopback, listener.getLocalPort()));
            } catch (IOException e) {
                listener.close();
                if (i == 20) {
                    throw e;
                }
            }
        }
        tcp = listener;
        udp = datagrams;
        start(this::serveUdp, "scripted-dns-udp");
        start(this::serveTcp, "scripted-dns-tcp");
    }

    private static void start(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** {@code 127.0.0.1:port}, as the configuration wants it. */
    public String address() {
        return "127.0.0.1:" + udp.getLocalPort();
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    public synchronized ScriptedDnsServer record(String name, int type, long ttl, byte[] data) {
        zone.computeIfAbsent(key(name), n -> new ArrayList<>()).add(new Record(type, ttl, data));
        return this;
    }

    /** A name without records of its own. */
    public synchronized ScriptedDnsServer empty(String name) {
        zone.computeIfAbsent(key(name), n -> new ArrayList<>());
        return this;
    }

    public ScriptedDnsServer mx(String domain, int preference, String host) {
        byte[] name = name(host);
        byte[] data = new byte[name.length + 2];
        data[0] = (byte) (preference >> 8);
        data[1] = (byte) preference;
        System.arraycopy(name, 0, data, 2, name.length);
        return record(domain, MX, 300, data);
    }

    public ScriptedDnsServer srv(String service, int priority, int weight, int port, String target) {
        byte[] name = name(target);
        ByteBuffer data = ByteBuffer.allocate(6 + name.length);
        data.putShort((short) priority)
                .putShort((short) weight)
                .putShort((short) port)
                .put(name);
        return record(service, SRV, 300, data.array());
    }

    /** A or AAAA. */
    public ScriptedDnsServer host(String name, String... addresses) {
        for (String address : addresses) {
            byte[] octets = octets(address);
            record(name, octets.length == 4 ? A : AAAA, 300, octets);
        }
        return this;
    }

    private static byte[] octets(String address) {
        try {
            return InetAddress.getByName(address).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    public ScriptedDnsServer cname(String name, String target) {
        return record(name, CNAME, 300, name(target));
    }

    public ScriptedDnsServer ptr(String reverseName, String target) {
        return record(reverseName, PTR, 300, name(target));
    }

    public ScriptedDnsServer txt(String name, String... strings) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (String string : strings) {
            for (int i = 0; i == 0 || i < string.length(); i += 255) {
                byte[] part =
                        string.substring(i, Math.min(string.length(), i + 255)).getBytes(ISO_8859_1);
                data.write(part.length);
                data.writeBytes(part);
            }
        }
        return record(name, TXT, 300, data.toByteArray());
    }

    public synchronized ScriptedDnsServer trouble(String name, Trouble trouble) {
        if (trouble == null) {
            troubles.remove(key(name));
        } else {
            troubles.put(key(name), trouble);
        }
        return this;
    }

    public synchronized ScriptedDnsServer forget(String name) {
        zone.remove(key(name));
        return this;
    }

    /** Sets the AD bit of answers to come. */
    public synchronized void setAuthenticated(boolean on) {
        authenticated = on;
    }

    /** Takes a name out of the signed zone: answers in which it occurs have no AD bit. */
    public synchronized ScriptedDnsServer insecure(String name) {
        insecure.add(key(name));
        return this;
    }

    public synchronized void setNegativeTtl(long seconds) {
        negativeTtl = seconds;
    }

    /** How often a name was asked for, over both protocols. */
    public synchronized int questions(String name, int type) {
        return questions.getOrDefault(key(name) + "/" + type, 0);
    }

    private static byte[] name(String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String label : name.isEmpty() || name.equals(".") ? new String[0] : name.split("\\.")) {
            byte[] octets = label.getBytes(ISO_8859_1);
            out.write(octets.length);
            out.writeBytes(octets);
        }
        out.write(0);
        return out.toByteArray();
    }

    private void serveUdp() {
        byte[] buffer = new byte[4096];
        while (!udp.isClosed()) {
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            try {
                udp.receive(packet);
                byte[] answer = answer(Arrays.copyOf(buffer, packet.getLength()), true);
                if (answer != null) {
                    udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (IOException e) {
                if (udp.isClosed()) {
                    return;
                }
            }
        }
    }

    private void serveTcp() {
        while (!tcp.isClosed()) {
            try (Socket socket = tcp.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                byte[] question = in.readNBytes(in.readUnsignedShort());
                byte[] answer = answer(question, false);
                if (answer != null) {
                    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                    out.writeShort(answer.length);
                    out.write(answer);
                    out.flush();
                }
            } catch (IOException e) {
                if (tcp.isClosed()) {
                    return;
                }
            }
        }
    }

    private synchronized byte[] answer(byte[] question, boolean overUdp) throws IOException {
        int at = 12;
        StringBuilder asked = new StringBuilder();
        while (question[at] != 0) {
            int length = question[at] & 0xFF;
            asked.append(asked.isEmpty() ? "" : ".").append(new String(question, at + 1, length, ISO_8859_1));
            at += length + 1;
        }
        int type = (question[at + 1] & 0xFF) << 8 | question[at + 2] & 0xFF;
        String name = key(asked.toString());
        questions.merge(name + "/" + type, 1, Integer::sum);
        Trouble trouble = troubles.get(name);
        if (trouble == Trouble.SILENCE) {
            return null;
        } else if (trouble == Trouble.GARBAGE) {
            // An answer whose name points to itself.
            byte[] garbage = Arrays.copyOf(Arrays.copyOf(question, at + 5), at + 5 + 40);
            garbage[2] = (byte) 0x81;
            garbage[7] = 1;
            garbage[11] = 0;
            garbage[at + 5] = (byte) 0xC0;
            garbage[at + 6] = (byte) (at + 5);
            return garbage;
        } else if (trouble != null && trouble.isAboutEdns()) {
            trouble = question[11] == 0 ? null : trouble;
        }
        if (trouble != null && trouble.ordinal() >= Trouble.LAME.ordinal() && trouble != Trouble.UPPER_CASE) {
            return odd(question, at + 5, trouble);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        List<Object[]> answers = new ArrayList<>();
        boolean known = collect(name, type, answers, 0);
        boolean truncated = trouble == Trouble.TRUNCATED && overUdp;
        int code = trouble == Trouble.SERVFAIL ? 2 : trouble == Trouble.REFUSED ? 5 : known ? 0 : 3;
        if (code != 0 && code != 3 || truncated) {
            answers.clear();
        }
        boolean negative =
                answers.stream().noneMatch(row -> ((Record) row[1]).type() == type) && (code == 0 || code == 3);
        out.writeShort(((question[0] & 0xFF) << 8 | question[1] & 0xFF) + (trouble == Trouble.WRONG_ID ? 1 : 0));
        out.writeShort(0x8180 | (truncated ? 0x0200 : 0) | (isSecure(name, answers) ? 0x0020 : 0) | code);
        out.writeShort(1);
        out.writeShort(answers.size());
        out.writeShort(negative && !truncated ? 1 : 0);
        out.writeShort(0);
        byte[] repeated = Arrays.copyOfRange(question, 12, at + 5);
        if (trouble == Trouble.UPPER_CASE) {
            byte[] upper = name(name.toUpperCase(Locale.ROOT));
            System.arraycopy(upper, 0, repeated, 0, upper.length);
        }
        out.write(repeated);
        for (Object[] row : answers) {
            write(out, (String) row[0], (Record) row[1]);
        }
        if (negative && !truncated) {
            ByteArrayOutputStream soa = new ByteArrayOutputStream();
            DataOutputStream data = new DataOutputStream(soa);
            data.write(name("ns.test"));
            data.write(name("root.test"));
            for (int i = 0; i < 4; i++) {
                data.writeInt(3600);
            }
            data.writeInt((int) negativeTtl);
            write(out, "test", new Record(SOA, 3600, soa.toByteArray()));
        }
        return bytes.toByteArray();
    }

    private boolean isSecure(String name, List<Object[]> answers) {
        return authenticated
                && !insecure.contains(name)
                && answers.stream().noneMatch(row -> insecure.contains((String) row[0]));
    }

    /** @param end of the question */
    private static byte[] odd(byte[] question, int end, Trouble trouble) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        int code = trouble == Trouble.EDNS_SERVFAIL
                ? 2
                : trouble == Trouble.EDNS_NOTIMP
                        ? 4
                        : trouble == Trouble.EDNS_FORMERR || trouble == Trouble.EDNS_BARE_FORMERR ? 1 : 0;
        boolean recursive =
                trouble.isAboutEdns() || trouble == Trouble.FORWARDER_NODATA || trouble == Trouble.OTHER_NAME;
        boolean bare = trouble == Trouble.EDNS_BARE_FORMERR;
        out.write(question, 0, 2);
        out.writeShort(0x8100 | (recursive ? 0x80 : 0) | (trouble == Trouble.AUTHORITATIVE_NODATA ? 0x0400 : 0) | code);
        out.writeShort(bare ? 0 : 1);
        out.writeShort(trouble == Trouble.OTHER_NAME ? 1 : 0);
        out.writeShort(trouble == Trouble.REFERRAL ? 1 : 0);
        out.writeShort(trouble == Trouble.EDNS_BADVERS ? 1 : 0);
        if (!bare) {
            out.write(question, 12, end - 12);
        }
        if (trouble == Trouble.OTHER_NAME) {
            write(out, "somebody.else.test", new Record(A, 300, octets("192.0.2.66")));
        } else if (trouble == Trouble.REFERRAL) {
            write(out, "test", new Record(NS, 300, name("ns.elsewhere.test")));
        } else if (trouble == Trouble.EDNS_BADVERS) {
            out.write(new byte[] {0, 0, 41, 4, (byte) 0xD0, 1, 0, 0, 0, 0, 0});
        }
        return bytes.toByteArray();
    }

    private boolean collect(String name, int type, List<Object[]> answers, int depth) {
        List<Record> records = zone.get(name);
        if (records == null) {
            return zone.keySet().stream().anyMatch(n -> n.endsWith("." + name));
        }
        for (Record record : records) {
            if (record.type() == type) {
                answers.add(new Object[] {name, record});
            } else if (record.type() == CNAME && depth < 4) {
                answers.add(new Object[] {name, record});
                String target = text(record.data());
                if (zone.containsKey(target)) {
                    collect(target, type, answers, depth + 1);
                }
            }
        }
        return true;
    }

    private static String text(byte[] name) {
        StringBuilder text = new StringBuilder();
        for (int at = 0; name[at] != 0; at += name[at] + 1) {
            text.append(text.isEmpty() ? "" : ".").append(new String(name, at + 1, name[at], ISO_8859_1));
        }
        return key(text.toString());
    }

    private static void write(DataOutputStream out, String name, Record record) throws IOException {
        out.write(name(name));
        out.writeShort(record.type());
        out.writeShort(1);
        out.writeInt((int) record.ttl());
        out.writeShort(record.data().length);
        out.write(record.data());
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
