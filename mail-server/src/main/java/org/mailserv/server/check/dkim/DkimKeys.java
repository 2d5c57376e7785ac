package org.mailserv.server.check.dkim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.server.text.Failures;

/**
 * The signing keys in a folder. A key that signs is named {@code DOMAIN/SELECTOR.ALGORITHM.SECONDS.pem}; the number is the time from which it
 * signs. Of each algorithm the newest active key signs. Older keys stay, because receivers still verify mail in transit. A key whose name
 * ends in {@code .pem.waiting} does not sign until it is activated: before its record is published, nobody can verify its signatures. The
 * folder is read as a whole, again with {@link #reload}.
 */
public final class DkimKeys {
    private static final String KEY = ".pem";
    private static final String WAITING = ".pem.waiting";

    private final Path folder;
    private final InstantSource clock;
    private volatile Map<String, List<DkimKey>> byDomain = Map.of();

    /** Reads the folder. A missing folder holds no keys. Blocks. */
    public DkimKeys(Path folder, InstantSource clock) throws IOException {
        this.folder = folder;
        this.clock = clock;
        reload();
    }

    /** Reads the folder again. If that fails, the keys stay as they were. Blocks. */
    public void reload() throws IOException {
        prepare().run();
    }

    /**
     * Reads the keys without using them yet. Blocks.
     *
     * @return an action that puts the keys to use
     * @throws IOException if a key cannot be read
     */
    public Runnable prepare() throws IOException {
        List<DkimKey> keys = new ArrayList<>();
        for (Path file : files()) {
            keys.add(read(file));
        }
        Map<String, List<DkimKey>> read = keys.stream().collect(Collectors.groupingBy(DkimKey::domain));
        return () -> byDomain = read;
    }

    private List<Path> files() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder, 2)) {
            return files.filter(path -> path.toString().endsWith(KEY) || isWaiting(path))
                    .toList();
        }
    }

    private static boolean isWaiting(Path file) {
        return file.toString().endsWith(WAITING);
    }

    /** Returns whether waiting keys were created or activated by another process since the folder was read. Blocks. */
    public boolean hasNewWaiting() throws IOException {
        long known = all().stream().filter(DkimKey::waiting).count();
        return files().stream().filter(DkimKeys::isWaiting).count() != known;
    }

    private static DkimKey read(Path file) throws IOException {
        boolean waiting = isWaiting(file);
        String name = String.valueOf(file.getFileName());
        String[] parts = (waiting ? name.substring(0, name.length() - WAITING.length()) + KEY : name).split("\\.");
        Path domain = file.toAbsolutePath().getParent();
        if (parts.length != 4 || domain == null) {
            throw new IOException(file + ": no name of a key (expected: SELECTOR.ALGORITHM.SECONDS.pem)");
        }
        try {
            return new DkimKey(
                    DomainNames.canonical(String.valueOf(domain.getFileName())),
                    parts[0],
                    parts[1],
                    Instant.ofEpochSecond(Long.parseLong(parts[2])),
                    waiting,
                    DkimKey.read(Files.readAllBytes(file), parts[1], file));
        } catch (NumberFormatException e) {
            throw new IOException(file + ": no name of a key (expected: SELECTOR.ALGORITHM.SECONDS.pem)", e);
        }
    }

    /** Returns all keys, including those that do not sign now. */
    public List<DkimKey> all() {
        return byDomain.values().stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparing(DkimKey::domain)
                        .thenComparing(DkimKey::activeFrom)
                        .thenComparing(DkimKey::algorithm))
                .toList();
    }

    /** Returns whether there are no keys at all. */
    public boolean isEmpty() {
        return byDomain.isEmpty();
    }

    /** Returns the keys that sign for a domain now, one per algorithm. The domain may be in Unicode or ASCII form. */
    public List<DkimKey> signing(String domain) {
        Instant now = clock.instant();
        return List.copyOf(byDomain.getOrDefault(DomainNames.canonical(domain), List.of()).stream()
                .filter(key -> !key.waiting() && !key.activeFrom().isAfter(now))
                .collect(Collectors.toMap(
                        DkimKey::algorithm,
                        key -> key,
                        (one, other) -> one.activeFrom().isAfter(other.activeFrom()) ? one : other))
                .values());
    }

    /**
     * Generates and stores an RSA key of 2048 bits and an Ed25519 key. Blocks for about a second.
     *
     * @param activeFrom the time from which they sign
     */
    public List<DkimKey> generate(String domain, Instant activeFrom) throws IOException {
        return generate(domain, activeFrom, KEY);
    }

    /**
     * Generates keys as {@link #generate} does, which do not sign until they are activated.
     *
     * @param earliest the time before which they do not sign even then
     */
    public List<DkimKey> generateWaiting(String domain, Instant earliest) throws IOException {
        return generate(domain, earliest, WAITING);
    }

    /**
     * Lets a waiting key sign, from its earliest time on. A key that another process has activated stays as it is. Blocks.
     *
     * @return the time from which it signs
     */
    public Instant activate(DkimKey key) throws IOException {
        Path place = folder.resolve(key.domain());
        String name = key.selector() + "." + key.algorithm() + ".";
        Instant now = clock.instant();
        Instant from = key.activeFrom().isAfter(now) ? key.activeFrom() : now;
        Path waiting = place.resolve(name + key.activeFrom().getEpochSecond() + WAITING);
        if (Files.exists(waiting)) {
            Files.move(waiting, place.resolve(name + from.getEpochSecond() + KEY));
        }
        reload();
        return from;
    }

    private List<DkimKey> generate(String domain, Instant activeFrom, String suffix) throws IOException {
        Path place = folder.resolve(DomainNames.canonical(domain));
        boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        Files.createDirectories(place, attributes(posix, "rwx------"));
        String stamp = DateTimeFormatter.ofPattern("yyyyMMddHHmmss", Locale.ROOT)
                .withZone(ZoneOffset.UTC)
                .format(clock.instant());
        try {
            for (String algorithm : List.of("rsa", "ed25519")) {
                KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm.equals("rsa") ? "RSA" : "Ed25519");
                if (algorithm.equals("rsa")) {
                    generator.initialize(2048);
                }
                byte[] encoded = generator.generateKeyPair().getPrivate().getEncoded();
                String selector = (algorithm.equals("rsa") ? "r" : "e") + stamp;
                String text = "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded)
                        + "\n-----END PRIVATE KEY-----\n";
                String name = selector + "." + algorithm + "." + activeFrom.getEpochSecond() + suffix;
                Path temporary = Files.createTempFile(place, "key", ".tmp", attributes(posix, "rw-------"));
                Files.write(temporary, text.getBytes(StandardCharsets.US_ASCII));
                Files.move(temporary, place.resolve(name));
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("a key cannot be made: " + Failures.text(e), e);
        }
        reload();
        return byDomain.getOrDefault(DomainNames.canonical(domain), List.of()).stream()
                .filter(key -> key.selector().endsWith(stamp))
                .toList();
    }

    private static FileAttribute<?>[] attributes(boolean posix, String modes) {
        return posix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(modes))}
                : new FileAttribute<?>[0];
    }
}
