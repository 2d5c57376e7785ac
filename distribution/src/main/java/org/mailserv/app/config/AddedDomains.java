package org.mailserv.app.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.address.PathParser;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.disk.EditedFile;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.text.Failures;

/**
 * The file {@code local-domains} in the data folder: local domains beside those of the configuration, one per line. Programs add and remove
 * them without touching the configuration, which takes precedence.
 */
public final class AddedDomains {
    private static final int BEHIND_ALL_LINES = 10_000_000;

    private final Path path;
    private final EditedFile file;

    public AddedDomains(Path dataDir) {
        this.path = file(dataDir);
        this.file = new EditedFile(path, new RealDisk());
    }

    /** Returns the file in a data folder. */
    public static Path file(Path dataDir) {
        return dataDir.toAbsolutePath().resolve("local-domains");
    }

    /**
     * Returns the domains in canonical form, in the order of the file. Blocks.
     *
     * @throws IOException if the file cannot be read, or a line is not a domain; the message names file and line
     */
    public List<String> read() throws IOException {
        List<String> domains = new ArrayList<>();
        int number = 0;
        for (String line : file.lines()) {
            number++;
            String text = line.strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                String ascii = canonical(text);
                if (ascii == null) {
                    throw new IOException(path + ": " + number + ": " + text + " is no domain name");
                }
                domains.add(ascii);
            }
        }
        return domains;
    }

    /** Returns the canonical form of a domain, or null if the text cannot be the domain of a mail address. */
    public static @Nullable String canonical(String text) {
        String ascii = DomainNames.toAscii(text);
        Address address = ascii == null ? null : PathParser.parseAddress("postmaster@" + ascii);
        return ascii != null
                        && address != null
                        && !address.isLiteral()
                        && DomainNames.same(address.domain(), ascii)
                        && ascii.matches("[A-Za-z0-9.-]+")
                ? DomainNames.canonical(ascii)
                : null;
    }

    /**
     * Adds a domain. Durable on return. Blocks.
     *
     * @param domain in canonical form
     * @return false if the file has it already
     */
    public boolean add(String domain) throws IOException {
        return file.edit(lines -> lines.stream().noneMatch(line -> isLineOf(line, domain)) && lines.add(domain));
    }

    /**
     * Removes a domain. Durable on return. Blocks.
     *
     * @return false if the file does not have it
     */
    public boolean remove(String domain) throws IOException {
        return file.edit(lines -> lines.removeIf(line -> isLineOf(line, domain)));
    }

    private static boolean isLineOf(String line, String domain) {
        String text = line.strip();
        return !text.startsWith("#") && !text.isEmpty() && DomainNames.same(text, domain);
    }

    /** Returns settings in which the domains of the file are local too. Without access to the data folder there are none. */
    static Config withThem(Config settings) throws ConfigurationException {
        Path dataDir;
        try {
            dataDir = Path.of(settings.getString("data-dir"));
        } catch (ConfigException | InvalidPathException e) {
            // Reported with its line when the settings are read.
            return settings;
        }
        AddedDomains added = new AddedDomains(dataDir);
        if (!Files.exists(added.path)) {
            return settings;
        }
        Config all = settings;
        int line = BEHIND_ALL_LINES;
        try {
            for (String domain : added.read()) {
                boolean known = all.hasPath("domains")
                        && all.getObject("domains").keySet().stream().anyMatch(name -> DomainNames.same(name, domain));
                if (!known) {
                    // Behind every line of the configuration: the first domain is the primary one.
                    ConfigOrigin behind =
                            ConfigOriginFactory.newFile(added.path.toString()).withLineNumber(line++);
                    all = all.withValue(
                            ConfigUtil.joinPath("domains", domain),
                            ConfigValueFactory.fromMap(Map.of()).withOrigin(behind));
                }
            }
            return all;
        } catch (IOException e) {
            throw new ConfigurationException(List.of(Failures.text(e)));
        }
    }
}
