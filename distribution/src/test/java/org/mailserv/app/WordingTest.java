package org.mailserv.app;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.originOwner;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The places where failures and values of Java become text for people. */
class WordingTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("org.mailserv");

    /** What people read of a failure is made in one place, where Java's class names are left out. */
    @Test
    void failuresAreWordedInOnePlace() {
        noClasses()
                .that()
                .resideOutsideOfPackages("org.mailserv.codec..", "org.mailserv.server.text..")
                // They look for the reason in the texts of the system and of the driver.
                .and()
                .haveNameNotMatching(".*\\.(ChallengeListener|CqlEngineProvider|EngineFailures)")
                // It compares the texts of the system.
                .and()
                .doNotHaveSimpleName("DiskFault")
                // It answers with the texts of its own checks of parameters.
                .and()
                .doNotHaveSimpleName("AdminHandler")
                // It prints what picocli says of the command line.
                .and()
                .doNotHaveSimpleName("OneLineErrors")
                .should()
                .callMethodWhere(target(owner(assignableTo(Throwable.class)))
                        .and(target(not(owner(resideInAPackage("org.mailserv..")))))
                        .and(target(nameMatching("getMessage|getLocalizedMessage|toString")))
                        .and(not(originOwner(assignableTo(Throwable.class)))))
                .because("Failures.text has the words for a failure; its own text may name classes of Java")
                .check(CLASSES);
    }

    /** Java's own notation, PT1M or /192.0.2.1:25, is for programs. */
    @Test
    void valuesAreWordedInOnePlace() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.mailserv.server.text..")
                .should()
                .callMethodWhere(target(owner(assignableTo(Duration.class)
                                .or(assignableTo(SocketAddress.class))
                                .or(assignableTo(InetAddress.class))))
                        .and(target(nameMatching("toString"))))
                .because("Durations.text and Addresses.text write them for people")
                .check(CLASSES);
    }
}
