package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

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
    @DisplayName("the libraries that are trimmed still link")
    void linksTrimmedLibraries() throws Exception {
        // Not the parent of this test's classes: those come from the whole jars.
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {JAR.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            Object provider = loader.loadClass("org.bouncycastle.jce.provider.BouncyCastleProvider")
                    .getConstructor()
                    .newInstance();
            assertThat(((Provider) provider).getServices()).isNotEmpty();
            for (String name : new String[] {
                "org.bouncycastle.crypto.generators.Argon2BytesGenerator",
                "org.bouncycastle.crypto.generators.OpenBSDBCrypt",
                "org.bouncycastle.crypto.util.PublicKeyFactory",
                "org.bouncycastle.crypto.util.PrivateKeyFactory",
                "org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder",
                "org.bouncycastle.operator.jcajce.JcaContentSignerBuilder",
                "org.bouncycastle.openssl.PEMParser",
                "org.bouncycastle.openssl.jcajce.JcaPEMWriter",
                "org.apache.commons.codec.digest.Crypt"
            }) {
                assertThat(Class.forName(name, true, loader)).isNotNull();
            }
        }
    }
}
