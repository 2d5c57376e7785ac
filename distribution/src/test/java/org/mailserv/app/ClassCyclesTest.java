package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Cycles of classes inside packages. ArchitectureTest holds that packages have none. */
class ClassCyclesTest {
    /** The classes of the same package that a class refers to, by name. Nested classes count as their outermost one. */
    private static Map<String, Set<String>> references() {
        Map<String, Set<String>> references = new TreeMap<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("-tests.jar"))
                .importPackages("org.mailserv")) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (target.getPackageName().equals(type.getPackageName())) {
                    references
                            .computeIfAbsent(outermost(type), name -> new TreeSet<>())
                            .add(outermost(target));
                }
            }
        }
        return references;
    }

    private static String outermost(JavaClass type) {
        return type.getName().replaceFirst("\\$.*", "");
    }

    private static Set<String> reachable(String from, Map<String, Set<String>> references) {
        Set<String> seen = new HashSet<>();
        Deque<String> next = new ArrayDeque<>(references.getOrDefault(from, Set.of()));
        while (!next.isEmpty()) {
            String name = next.poll();
            if (seen.add(name)) {
                next.addAll(references.getOrDefault(name, Set.of()));
            }
        }
        return seen;
    }

    /** Returns the groups of classes that refer to each other, as lines of simple names behind their package. */
    static Set<String> cycles() {
        Map<String, Set<String>> references = references();
        Map<String, Set<String>> reachable = references.keySet().stream()
                .collect(Collectors.toMap(name -> name, name -> reachable(name, references)));
        Set<String> cycles = new TreeSet<>();
        for (String name : references.keySet()) {
            Set<String> group = reachable.get(name).stream()
                    .filter(other -> reachable.getOrDefault(other, Set.of()).contains(name))
                    .map(other -> other.substring(other.lastIndexOf('.') + 1))
                    .collect(Collectors.toCollection(TreeSet::new));
            if (group.size() > 1) {
                cycles.add(name.substring(0, name.lastIndexOf('.')) + ": " + String.join(" ", group));
            }
        }
        return cycles;
    }

    @Test
    @DisplayName("classes of a package refer to each other in no cycle, except those listed with their reason")
    void onlyListedCycles() throws IOException {
        List<Set<String>> listed;
        try (InputStream in = ClassCyclesTest.class.getResourceAsStream("/language/class-cycles.txt")) {
            listed = Arrays.stream(new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n"))
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> Set.of(line.split("[: ]+")))
                    .toList();
        }
        assertThat(cycles().stream()
                        .filter(cycle ->
                                listed.stream().noneMatch(group -> group.containsAll(Set.of(cycle.split("[: ]+")))))
                        .toList())
                .as("break these cycles")
                .isEmpty();
    }
}
