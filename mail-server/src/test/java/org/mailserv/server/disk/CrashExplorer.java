package org.mailserv.server.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.mailserv.server.disk.RecordingDisk.Survival;

/**
 * Stops a recorded scenario behind each of its operations, starts again from what a crash there may leave, and asks whether that is right.
 * States that are equal are started from once.
 *
 * @param <F> what a restart finds
 */
public final class CrashExplorer<F> {
    /** Random choices of what was not synced, behind each operation; {@code -Dcrash.subsets} for more. */
    public static final int SUBSETS = Integer.getInteger("crash.subsets", 20);

    private static final List<Survival> AGAIN = List.of(Survival.NOTHING, Survival.EVERYTHING, Survival.TORN);

    private final Path folder;
    private final Restart<F> restart;
    private final long seed = Long.getLong("crash.seed", new Random().nextInt(1_000_000));
    private final Random random = new Random(seed);
    private final Map<String, Outcome<F>> known = new HashMap<>();
    private int states;
    private int between;

    /** Starts from a folder, looks, and ends. */
    public interface Restart<F> {
        F run(Path root, Disk disk) throws Exception;
    }

    /** What is wrong with what was found behind so many operations of the scenario: nothing, or a line each. */
    public interface Verdict<F> {
        List<String> broken(int operations, F found);
    }

    private record Outcome<F>(F found, Exception failure) {}

    /** @param folder may be used for restarts */
    public CrashExplorer(Path folder, Restart<F> restart) {
        this.folder = folder;
        this.restart = restart;
    }

    /**
     * Tries all states from an operation on.
     *
     * @param subsets random choices behind each operation
     * @param againEvery of so many different states, one restart is itself stopped behind each of its operations; 0 for none
     * @return what was wrong, and where
     */
    public List<String> explore(RecordingDisk disk, int from, int subsets, int againEvery, Verdict<F> verdict)
            throws Exception {
        List<String> broken = new ArrayList<>();
        int looked = 0;
        for (int operations = from; operations <= disk.count(); operations++) {
            for (int choice = 0; choice < Survival.values().length + subsets; choice++) {
                boolean fixed = choice < Survival.values().length;
                DiskImage image =
                        fixed ? disk.image(operations, Survival.values()[choice]) : disk.image(operations, random);
                String where = operations + " with " + (fixed ? Survival.values()[choice] : "a part");
                boolean isNew = !known.containsKey(image.fingerprint());
                RecordingDisk second = judge(image, operations, where, verdict, broken);
                if (second != null && isNew && againEvery > 0 && looked++ % againEvery == 0) {
                    again(second, operations, where, verdict, broken);
                }
            }
        }
        System.out.println("crash states tried: " + states + ", different: " + known.size() + ", of them in a restart: "
                + between + ", seed: " + seed);
        return broken;
    }

    /** Looks for one state that is wrong, from the end on, where what was never synced is still missing. */
    public List<String> findBroken(RecordingDisk disk, int from, Verdict<F> verdict) throws Exception {
        List<String> broken = new ArrayList<>();
        for (int operations = disk.count(); operations >= from && broken.isEmpty(); operations--) {
            for (Survival survival : Survival.values()) {
                judge(disk.image(operations, survival), operations, operations + " with " + survival, verdict, broken);
            }
        }
        return broken;
    }

    private void again(RecordingDisk second, int operations, String where, Verdict<F> verdict, List<String> broken)
            throws Exception {
        for (int i = second.baseline(); i <= second.count(); i++) {
            for (int choice = 0; choice < AGAIN.size() + 1; choice++) {
                DiskImage image = choice < AGAIN.size() ? second.image(i, AGAIN.get(choice)) : second.image(i, random);
                between++;
                judge(image, operations, where + ", then at " + i + " of the restart", verdict, broken);
            }
        }
    }

    /** Gives the record of the restart where there was one. */
    private RecordingDisk judge(DiskImage image, int operations, String where, Verdict<F> verdict, List<String> broken)
            throws IOException {
        states++;
        String fingerprint = image.fingerprint();
        Outcome<F> outcome = known.get(fingerprint);
        RecordingDisk disk = null;
        if (outcome == null) {
            Path target = folder.resolve("state");
            image.writeTo(target);
            disk = RecordingDisk.over(target);
            try {
                outcome = new Outcome<>(restart.run(target, disk), null);
            } catch (Exception e) {
                outcome = new Outcome<>(null, e);
            }
            known.put(fingerprint, outcome);
            deleteTree(target);
        }
        if (outcome.failure != null) {
            broken.add("no start at " + where + ": " + outcome.failure);
        } else {
            verdict.broken(operations, outcome.found).forEach(what -> broken.add(what + " at " + where));
        }
        return disk;
    }

    private static void deleteTree(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
