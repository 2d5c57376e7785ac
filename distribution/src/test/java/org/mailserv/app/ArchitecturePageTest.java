package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Compares docs/architecture.md with the code. */
class ArchitecturePageTest {
    private static final String ROOT = "org.mailserv.";
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| (?:`mail-\\w+`|`distribution`)? ?\\| `([a-z0-9.]+)` \\| (.*) \\|$");
    private static final Pattern TYPE = Pattern.compile("`([A-Z][A-Za-z0-9]+)`");
    private static final Pattern BLOCK = Pattern.compile("(?s)```\n(.*?)```");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("org.mailserv");

    private static String page;

    @BeforeAll
    static void readPage() throws IOException {
        page = Files.readString(Path.of("../docs/architecture.md"));
    }

    private static List<MatchResult> rows() {
        return ROW.matcher(page).results().toList();
    }

    private static String packageOf(JavaClass type) {
        return type.getPackageName()
                .substring(Math.min(ROOT.length(), type.getPackageName().length()));
    }

    @Test
    @DisplayName("the table has a row for each package, and no other")
    void everyPackageHasARow() {
        Set<String> packages = CLASSES.stream()
                .map(ArchitecturePageTest::packageOf)
                // The engine is a jar of its own, which the program finds at run time.
                .filter(name -> !name.isEmpty() && !name.equals("server.store.cql"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(rows().stream().map(row -> row.group(1)).filter(name -> !name.equals("server.store.cql")))
                .containsExactlyInAnyOrderElementsOf(packages);
    }

    @Test
    @DisplayName("the classes that the table names exist")
    void namedClassesExist() {
        Set<String> names = CLASSES.stream().map(JavaClass::getSimpleName).collect(Collectors.toSet());
        List<String> named = rows().stream()
                .filter(row -> !row.group(1).equals("server.store.cql"))
                .flatMap(row -> TYPE.matcher(row.group(2)).results().map(type -> type.group(1)))
                .toList();
        assertThat(named).hasSizeGreaterThan(50).allMatch(names::contains, "is a class");
    }

    /** Returns the packages of a picture with their rows, numbered from the bottom. */
    private static Map<String, Integer> layers(int block, String prefix) {
        List<String> lines = BLOCK.matcher(page)
                .results()
                .toList()
                .get(block)
                .group(1)
                .lines()
                .toList();
        Map<String, Integer> layers = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String[] words = lines.get(i).split(" +");
            for (int word = 1; word < words.length; word++) {
                layers.put(prefix + words[word], lines.size() - i);
            }
        }
        return layers;
    }

    private static void check(Map<String, Integer> layers, String top) {
        Set<String> packages = CLASSES.stream()
                .map(ArchitecturePageTest::packageOf)
                .filter(name -> name.startsWith(top + ".") && !name.equals("server.store.cql"))
                .collect(Collectors.toSet());
        assertThat(layers.keySet()).containsExactlyInAnyOrderElementsOf(packages);
        List<String> upwards = new ArrayList<>();
        for (JavaClass type : CLASSES) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                Integer from = layers.get(packageOf(type));
                Integer to = layers.get(packageOf(dependency.getTargetClass().getBaseComponentType()));
                if (from != null && to != null && to > from) {
                    upwards.add(dependency.getDescription());
                }
            }
        }
        assertThat(upwards)
                .as("dependencies on a higher row of docs/architecture.md")
                .isEmpty();
    }

    @Test
    @DisplayName("the picture of mail-server has all packages, and they use only their own row and those below")
    void serverLayers() {
        check(layers(1, "server."), "server");
    }

    @Test
    @DisplayName("the picture of the program has all packages, and they use only their own row and those below")
    void programLayers() {
        check(layers(2, "app."), "app");
    }
}
