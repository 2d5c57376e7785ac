package org.mailserv.app;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The direction between the modules, and the order inside them. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            // Test fixtures of other modules come as jars, which the option above does not know.
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("org.mailserv");

    @Test
    void everyModuleIsLookedAt() {
        for (String module : new String[] {"codec", "server", "relay", "pop3", "acme", "app"}) {
            assertThat(CLASSES.stream().map(type -> type.getPackageName() + "."))
                    .as("classes of org.mailserv.%s", module)
                    .anyMatch(name -> name.startsWith("org.mailserv." + module + "."));
        }
    }

    @Test
    void modulesDependInOneDirection() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("codec")
                .definedBy("org.mailserv.codec..")
                .layer("server")
                .definedBy("org.mailserv.server..")
                .layer("relay")
                .definedBy("org.mailserv.relay..")
                .layer("pop3")
                .definedBy("org.mailserv.pop3..")
                .layer("acme")
                .definedBy("org.mailserv.acme..")
                .layer("app")
                .definedBy("org.mailserv.app..")
                .whereLayer("codec")
                .mayNotAccessAnyLayer()
                .whereLayer("server")
                .mayOnlyAccessLayers("codec")
                .whereLayer("relay")
                .mayOnlyAccessLayers("server", "codec")
                .whereLayer("pop3")
                .mayOnlyAccessLayers("server", "codec")
                .whereLayer("acme")
                .mayOnlyAccessLayers("server", "codec")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("org.mailserv.(**)")
                .should()
                .beFreeOfCycles()
                // The entry point knows the commands, and everything may know the version beside it.
                .ignoreDependency(simpleName("Main"), alwaysTrue())
                .check(CLASSES);
    }

    @Test
    void theProgramHasLayers() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("cli")
                .definedBy("org.mailserv.app.cli..")
                .layer("sendmail")
                .definedBy("org.mailserv.app.sendmail..")
                .layer("transfer")
                .definedBy("org.mailserv.app.transfer..")
                .layer("server")
                .definedBy("org.mailserv.app.server..")
                .layer("http")
                .definedBy("org.mailserv.app.http..")
                .layer("probe")
                .definedBy("org.mailserv.app.probe..")
                .layer("control")
                .definedBy("org.mailserv.app.control..")
                .layer("api")
                .definedBy("org.mailserv.app.api..")
                .layer("log")
                .definedBy("org.mailserv.app.log..")
                .layer("metrics")
                .definedBy("org.mailserv.app.metrics..")
                .layer("config")
                .definedBy("org.mailserv.app.config..")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("sendmail")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("transfer")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("probe")
                .mayOnlyAccessLayers("config")
                .whereLayer("server")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("http")
                .mayOnlyBeAccessedByLayers("server")
                .whereLayer("api")
                .mayOnlyAccessLayers("config")
                .whereLayer("control")
                .mayOnlyAccessLayers("api", "config", "log")
                .whereLayer("config")
                .mayNotAccessAnyLayer()
                .ignoreDependency(simpleName("Main"), alwaysTrue())
                .check(CLASSES);
    }

    @Test
    void codecKnowsNoDiskLogOrConfiguration() {
        noClasses()
                .that()
                .resideInAPackage("org.mailserv.codec..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.slf4j..", "ch.qos.logback..", "com.typesafe.config..", "java.nio.file..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("java\\.io\\.(File.*|RandomAccessFile)")
                .because("the codec turns octets into values and back, nothing else")
                .check(CLASSES);
    }

    @Test
    void theStoreIsKnownByItsSeam() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "org.mailserv.server.store.file..",
                        "org.mailserv.server.spool.file..",
                        "org.mailserv.server.mailbox.maildir..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.mailserv.server.spool.file.FileSpool")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.mailserv.server.mailbox.maildir.MaildirStore")
                .because("mail may be kept elsewhere than in the files of this machine: MailStore says what all stores"
                        + " do")
                .check(CLASSES);
    }

    @Test
    void theSeamKnowsNoStore() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "org.mailserv.server.store",
                        "org.mailserv.server.spool",
                        "org.mailserv.server.mailbox",
                        "org.mailserv.server.delivery")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.mailserv.server.store.file..",
                        "org.mailserv.server.spool.file..",
                        "org.mailserv.server.mailbox.maildir..",
                        "org.mailserv.server.cluster..")
                .because("the seam is above what implements it")
                .check(CLASSES);
    }

    @Test
    void theClusterKnowsNoEngine() {
        noClasses()
                .that()
                .resideInAPackage("org.mailserv.server.cluster..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.mailserv.server.store.cql..", "com.datastax..", "java.util.concurrent.locks..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .because("the simulation replaces the engine, the threads and the clocks")
                .check(CLASSES);
    }
}
