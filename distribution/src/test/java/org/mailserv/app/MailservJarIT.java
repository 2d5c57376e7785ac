package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar as it is shipped: what is trimmed from it is missed only here. */
class MailservJarIT {
    private static final long SIZE_LIMIT = 20_000_000;
    private static final Path JAR = Path.of(System.getProperty("mailserv.jar"));

    @Test
    @DisplayName("the jar stays under 20 MB")
    void isSmall() throws IOException {
        assertThat(Files.size(JAR)).isLessThan(SIZE_LIMIT);
    }

    @Test
    @DisplayName("the manifest names entry and version, and carries no signature of a part")
    void hasManifest() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            Attributes manifest = jar.getManifest().getMainAttributes();
            assertThat(manifest.getValue("Main-Class")).isEqualTo("org.mailserv.app.Main");
            assertThat(manifest.getValue("Multi-Release")).isEqualTo("true");
            assertThat(manifest.getValue("Enable-Native-Access")).isEqualTo("ALL-UNNAMED");
            assertThat(manifest.getValue("Implementation-Version")).isNotBlank();
            assertThat(jar.stream().map(Object::toString))
                    .noneMatch(name -> name.matches("META-INF/.*\\.(SF|RSA|DSA)"));
        }
    }

    @Test
    @DisplayName("java -jar mailserv.jar version prints the version")
    void starts() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder(java.toString(), "-jar", JAR.toString(), "version")
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(output).isZero();
            assertThat(output).contains(System.getProperty("mailserv.version"));
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    @DisplayName(
            "what is left of the trimmed libraries works: certificates, older keys in PEM, Argon2, bcrypt, crypt, Ed25519, IDNA")
    void trimmedLibrariesWork(@TempDir Path folder) throws Exception {
        // Not the parent of this test's classes: those come from the whole jars.
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {JAR.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            call(loader, "tls.SelfSigned", "in", folder, "mail.example.org");
            Path certificate = folder.resolve("self-signed.crt");
            Path older = olderForm(folder.resolve("self-signed.key"));
            assertThat(call(loader, "tls.PemKeyManager", "read", certificate, older))
                    .isNotNull();
            for (String[] example : new String[][] {
                {"{BLF-CRYPT}" + OpenBSDBCrypt.generate("secret".toCharArray(), new byte[16], 4), "secret"},
                {
                    "{ARGON2ID}$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
                    "password"
                },
                {"{MD5-CRYPT}$1$saltstr$2v0xBJ/TLP2HGP.WwPB8M.", "secret"}
            }) {
                assertThat(call(loader, "account.PasswordScheme", "verify", example[0], example[1]))
                        .as(example[0])
                        .isEqualTo(true);
                assertThat(call(loader, "account.PasswordScheme", "verify", example[0], example[1] + "x"))
                        .as(example[0])
                        .isEqualTo(false);
            }
            internationalizedNames(loader);
            certificateRequests(loader);
            Class<?> key = loader.loadClass("org.mailserv.server.check.dkim.DkimKey");
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            Object made = key.getConstructors()[0].newInstance(
                    "example.org", "s", "ed25519", Instant.EPOCH, false, pair.getPrivate());
            byte[] open = pair.getPublic().getEncoded();
            assertThat((String) key.getMethod("dnsRecord").invoke(made))
                    .endsWith(Base64.getEncoder()
                            .encodeToString(Arrays.copyOfRange(open, open.length - 32, open.length)));
        }
    }

    /** Signs a request to a CA, and makes the request for a certificate, as ACME needs them. */
    private static void certificateRequests(ClassLoader loader) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        Class<?> signature = loader.loadClass("org.jose4j.jws.JsonWebSignature");
        Object made = signature.getConstructor().newInstance();
        signature.getMethod("setPayload", String.class).invoke(made, "{}");
        signature.getMethod("setAlgorithmHeaderValue", String.class).invoke(made, "ES256");
        signature.getMethod("setKey", Key.class).invoke(made, pair.getPrivate());
        assertThat((String) signature.getMethod("getCompactSerialization").invoke(made))
                .matches("[\\w-]+\\.[\\w-]+\\.[\\w-]+");
        Class<?> builder = loader.loadClass("org.shredzone.acme4j.util.CSRBuilder");
        Object request = builder.getConstructor().newInstance();
        builder.getMethod("addDomain", String.class).invoke(request, "mail.example.org");
        builder.getMethod("sign", KeyPair.class).invoke(request, pair);
        assertThat((byte[]) builder.getMethod("getEncoded").invoke(request)).isNotEmpty();
    }

    private static void internationalizedNames(ClassLoader loader) throws Exception {
        Method toAscii =
                loader.loadClass("org.mailserv.codec.address.DomainNames").getMethod("toAscii", String.class);
        Method toUnicode = toAscii.getDeclaringClass().getMethod("toUnicode", String.class);
        assertThat(toAscii.invoke(null, "STRAẞE．Bu\u0308cher.test")).isEqualTo("xn--strae-oqa.xn--bcher-kva.test");
        assertThat(toAscii.invoke(null, "क्\u200Dष.test")).isEqualTo("xn--11b2ezcw70k.test");
        assertThat(toUnicode.invoke(null, "xn--4dbc.test")).isEqualTo("אב.test");
        for (String none : new String[] {"xn--a.test", "a\u200Db.test", "1אב.test", "\u0378.test", "ü".repeat(70)}) {
            assertThat(toAscii.invoke(null, none)).as(none).isNull();
        }
    }

    private static Object call(ClassLoader loader, String type, String name, Object... arguments) throws Exception {
        for (Method method : loader.loadClass("org.mailserv.server." + type).getDeclaredMethods()) {
            if (method.getName().equals(name) && method.getParameterCount() == arguments.length) {
                method.setAccessible(true);
                return method.invoke(null, arguments);
            }
        }
        throw new NoSuchMethodException(type + "." + name);
    }

    /** As openssl ecparam writes it. RFC 5915. */
    private static Path olderForm(Path key) throws IOException {
        String text = Files.readString(key).replaceAll("-----[A-Z ]+-----|\\s", "");
        byte[] inner = PrivateKeyInfo.getInstance(Base64.getDecoder().decode(text))
                .parsePrivateKey()
                .toASN1Primitive()
                .getEncoded();
        Path older = key.resolveSibling("older.key");
        Files.writeString(
                older,
                "-----BEGIN EC PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(inner)
                        + "\n-----END EC PRIVATE KEY-----\n");
        return older;
    }
}
