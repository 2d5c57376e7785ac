package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.PackageTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Checks the prose and the sizes of all main sources. Two lists under {@code src/test/resources/language} name the exceptions. They may only
 * shrink: an exception that is no longer needed fails the test until its line is deleted.
 *
 * <ul>
 *   <li>{@code unconverted-packages.txt}: packages whose prose is still to be rewritten, one per line; a trailing {@code ..} includes the packages below.
 *   <li>{@code oversized.txt}: files and methods above the limits, with their size on the day they were listed.
 * </ul>
 */
class LanguageTest {
    private static final int FILE_LINES = 400;
    private static final int METHOD_LINES = 40;
    private static final int PACKAGE_SENTENCES = 3;

    private static final Pattern OPENING = Pattern.compile(
            "^(What|Where|Which|Who|Whom|Whose|How|Whether|Why|When|Gives|Has|Knows|Says)\\b.*", Pattern.DOTALL);
    private static final Pattern TAG_OPENING =
            Pattern.compile("@(?:return|param\\s+\\S+|throws\\s+\\S+)\\s+(?:what|who|whom|whose|how|why)\\b");
    private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|(?<!:)//[^\\n]*");
    private static final Pattern ROW_CODE = Pattern.compile("\\b[MUFW][0-9]{1,2}\\b");
    private static final Pattern SENTENCE_END = Pattern.compile("[.?!](?=\\s+[A-Z{<]|\\s*$)");

    /** Complaints about the prose, by package. */
    private static final Map<String, List<String>> PROSE = new TreeMap<>();

    /** Sizes above the limits: lines by file name or by {@code Class.method}. */
    private static final Map<String, Integer> OVERSIZED = new TreeMap<>();

    private static final Set<String> PACKAGES = new TreeSet<>();

    @BeforeAll
    static void readSources() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            Iterable<? extends JavaFileObject> sources = files.getJavaFileObjectsFromPaths(sources());
            JavacTask task = (JavacTask) compiler.getTask(null, files, null, List.of("-proc:none"), null, sources);
            DocTrees trees = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                new SourceReader(trees, unit).read();
            }
        }
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String module : List.of(
                "mail-codec",
                "mail-server",
                "mail-relay",
                "mail-pop3",
                "mail-acme",
                "mail-cassandra",
                "distribution")) {
            Path root = Path.of("..", module, "src", "main", "java");
            try (Stream<Path> walk = Files.walk(root)) {
                walk.filter(path -> path.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        return sources;
    }

    @Test
    @DisplayName("Every module's sources were read")
    void everyModuleIsRead() {
        for (String module : List.of("codec", "server", "relay", "pop3", "acme", "app")) {
            assertThat(PACKAGES)
                    .as("packages of %s", module)
                    .anyMatch(name -> name.startsWith("org.mailserv." + module));
        }
    }

    @Test
    @DisplayName(
            "Javadoc opens with a verb or a noun phrase, cites no row codes, and each package is described in three sentences")
    void proseFollowsTheRules() throws IOException {
        List<String> unconverted = lines("unconverted-packages.txt");
        List<String> complaints = PROSE.entrySet().stream()
                .filter(entry -> unconverted.stream().noneMatch(listed -> covers(listed, entry.getKey())))
                .flatMap(entry -> entry.getValue().stream())
                .toList();
        assertThat(complaints).as("rewrite these comments").isEmpty();
    }

    @Test
    @DisplayName("The list of unconverted packages names only packages that still need work")
    void unconvertedPackagesNeedWork() throws IOException {
        assertThat(lines("unconverted-packages.txt"))
                .as("delete the packages from language/unconverted-packages.txt that are done or gone")
                .allSatisfy(listed -> assertThat(PROSE.keySet()).anyMatch(name -> covers(listed, name)));
    }

    /** Returns whether a line of the list covers a package. As in ArchUnit, a trailing {@code ..} includes the packages below. */
    private static boolean covers(String listed, String name) {
        if (!listed.endsWith("..")) {
            return name.equals(listed);
        }
        String top = listed.substring(0, listed.length() - 2);
        return name.equals(top) || name.startsWith(top + ".");
    }

    @Test
    @DisplayName("No file exceeds 400 lines and no method 40, except those listed, which may not grow")
    void sizesStayWithinLimits() throws IOException {
        Map<String, Integer> listed = oversizedList();
        List<String> complaints = OVERSIZED.entrySet().stream()
                .filter(entry -> entry.getValue() > listed.getOrDefault(entry.getKey(), 0))
                .map(entry -> entry.getKey() + " has " + entry.getValue() + " lines"
                        + (listed.containsKey(entry.getKey())
                                ? ", more than the " + listed.get(entry.getKey()) + " listed"
                                : ""))
                .toList();
        assertThat(complaints)
                .as("split these (limits: %d lines per file, %d per method)", FILE_LINES, METHOD_LINES)
                .isEmpty();
    }

    @Test
    @DisplayName("The list of oversized files and methods names only those that still exceed the limits")
    void oversizedListIsCurrent() throws IOException {
        assertThat(oversizedList().keySet())
                .as("delete the lines from language/oversized.txt that are no longer needed")
                .isSubsetOf(OVERSIZED.keySet());
    }

    private static Map<String, Integer> oversizedList() throws IOException {
        return lines("oversized.txt").stream()
                .map(line -> line.split("\\s+", 2))
                .collect(Collectors.toMap(field -> field[0], field -> Integer.valueOf(field[1])));
    }

    private static List<String> lines(String name) throws IOException {
        try (InputStream in = LanguageTest.class.getResourceAsStream("/language/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        }
    }

    /** Collects the complaints about one source file. */
    private static final class SourceReader extends TreePathScanner<Void, Void> {
        private final DocTrees trees;
        private final CompilationUnitTree unit;
        private final String packageName;
        private final String fileName;

        SourceReader(DocTrees trees, CompilationUnitTree unit) {
            this.trees = trees;
            this.unit = unit;
            packageName = String.valueOf(unit.getPackageName());
            fileName = Path.of(unit.getSourceFile().getName()).getFileName().toString();
        }

        void read() throws IOException {
            PACKAGES.add(packageName);
            String text = unit.getSourceFile().getCharContent(true).toString();
            measure(fileName, text.lines().count(), FILE_LINES);
            Matcher comment = COMMENT.matcher(text);
            while (comment.find()) {
                Matcher code = ROW_CODE.matcher(comment.group());
                if (code.find()) {
                    complain(comment.start() + code.start(), "cites row " + code.group());
                }
            }
            scan(unit, null);
        }

        @Override
        public Void visitPackage(PackageTree node, Void unused) {
            if (fileName.equals("package-info.java")) {
                String description = checkDoc(node);
                Matcher end = SENTENCE_END.matcher(description);
                if (end.results().count() < PACKAGE_SENTENCES) {
                    complain(position(node), "package description needs " + PACKAGE_SENTENCES + " sentences");
                }
            }
            return super.visitPackage(node, unused);
        }

        @Override
        public Void visitClass(ClassTree node, Void unused) {
            checkDoc(node);
            return super.visitClass(node, unused);
        }

        @Override
        public Void visitVariable(VariableTree node, Void unused) {
            checkDoc(node);
            return super.visitVariable(node, unused);
        }

        @Override
        public Void visitMethod(MethodTree node, Void unused) {
            checkDoc(node);
            if (node.getBody() != null && position(node) >= 0) {
                long end = trees.getSourcePositions().getEndPosition(unit, node);
                long lines =
                        unit.getLineMap().getLineNumber(end) - unit.getLineMap().getLineNumber(position(node)) + 1;
                measure(enclosingClass() + "." + node.getName(), lines, METHOD_LINES);
            }
            return super.visitMethod(node, unused);
        }

        private String enclosingClass() {
            for (TreePath path = getCurrentPath(); path != null; path = path.getParentPath()) {
                if (path.getLeaf() instanceof ClassTree type
                        && !type.getSimpleName().isEmpty()) {
                    return type.getSimpleName().toString();
                }
            }
            return fileName;
        }

        /** Checks the Javadoc of a declaration and returns its text, which is empty if there is none. */
        private String checkDoc(Tree node) {
            String doc = trees.getDocComment(getCurrentPath());
            if (doc == null) {
                return "";
            }
            String text = doc.strip();
            Matcher opening = OPENING.matcher(text);
            if (opening.matches()) {
                complain(position(node), "opens with \"" + opening.group(1) + "\"");
            }
            Matcher tag = TAG_OPENING.matcher(text);
            if (tag.find()) {
                complain(position(node), "describes a tag as \"" + tag.group() + "\"");
            }
            return text;
        }

        private long position(Tree node) {
            return trees.getSourcePositions().getStartPosition(unit, node);
        }

        private void measure(String name, long lines, int limit) {
            if (lines > limit) {
                OVERSIZED.merge(name, (int) lines, Math::max);
            }
        }

        private void complain(long position, String complaint) {
            long line = position < 0 ? 1 : unit.getLineMap().getLineNumber(position);
            PROSE.computeIfAbsent(packageName, name -> new ArrayList<>())
                    .add(packageName + "/" + fileName + ":" + line + " " + complaint);
        }
    }
}
