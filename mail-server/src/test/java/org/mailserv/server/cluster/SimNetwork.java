package org.mailserv.server.cluster;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.memory.Network;
import org.mailserv.server.cluster.table.Conditional;
import org.mailserv.server.cluster.table.TablesException;

/**
 * The way from a node to the tables. It delays requests and answers, loses both, delivers writes twice and long after the node has given up,
 * and pauses or kills the node at any call.
 */
final class SimNetwork implements Network {
    private static final long TIMEOUT = 2_000_000;

    /** How bad a seed is. */
    record Weather(double fail, double lose, double late, double twice, double pause, double kill) {}

    private final SimWorld world;
    private final SimMachine machine;
    private final Weather weather;
    private final SimOutage outage;
    private final int node;

    /** Requests that are left out, to show that the simulation misses them. */
    private final Mutation mutation;

    /** Parts of the protocol that can be left out. */
    enum Mutation {
        NONE,
        /** Takers do not fence. */
        FENCE,
        /** Nobody looks at the fence. */
        LOOK,
        /** States are ordered by their arrival. */
        EPOCH,
        /** Locks of maildrops are not renewed, and nobody notices. */
        RENEWAL
    }

    SimNetwork(SimWorld world, SimMachine machine, Weather weather, SimOutage outage, int node, Mutation mutation) {
        this.world = world;
        this.machine = machine;
        this.weather = weather;
        this.outage = outage;
        this.node = node;
        this.mutation = mutation;
    }

    @Override
    public <T> CompletionStage<T> call(Kind kind, String name, Supplier<T> request) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        if (machine.isDead()) {
            return answer;
        }
        T mutated = mutated(name);
        if (mutated != null || mutation == Mutation.FENCE && name.equals("fence")) {
            world.in(world.micros(3_000, 100_000), () -> answer.complete(mutated));
            return answer;
        }
        boolean faults = !world.healed;
        if (faults && world.chance(weather.kill)) {
            // The request may have left just before.
            if (world.chance(0.5)) {
                world.in(world.micros(2_000, 1_000_000), () -> request.get());
            }
            machine.kill();
            world.trace("node" + node, "killed at " + name);
            return answer;
        }
        if (faults && world.chance(weather.pause)) {
            long length =
                    world.chance(0.5) ? 1_000_000L * (1 + world.random.nextInt(70)) : world.micros(500_000, 5_000_000);
            world.trace("node" + node, "paused at " + name + " for " + length / 1e6);
            machine.pause(length, world.chance(0.3));
        }
        // A paused process sends nothing, unless the request was already in the kernel.
        long start = machine.isPaused() && world.chance(0.5) ? machine.pausedUntil() - world.now() : 0;
        long there = start + world.micros(3_000, faults ? 2_500_000 : 20_000);
        long back = world.micros(3_000, faults ? 2_500_000 : 20_000);
        boolean unreachable = faults && outage.isCut(node, world.now());
        if (unreachable && world.chance(0.5) || faults && world.chance(weather.fail)) {
            world.in(there, () -> answer.complete(failed(kind, answer)));
            return answer;
        } else if (unreachable || faults && world.chance(weather.lose)) {
            there = Long.MAX_VALUE;
        } else if (faults && world.chance(weather.lose)) {
            back = Long.MAX_VALUE;
        }
        if (there == Long.MAX_VALUE && world.trace && !name.matches("beat|members|runs|shards?|readHints")) {
            world.trace("node" + node, name + " lost");
        }
        if (there == Long.MAX_VALUE && !unreachable && kind != Kind.READ && world.chance(weather.late)) {
            // Later a hint of the engine, or the next reader of a Paxos round, makes it happen.
            long most = kind == Kind.CONDITIONAL ? 20_000_000L : 120_000_000L;
            world.in((long) (world.random.nextDouble() * most), request::get);
        }
        long timeout = start + TIMEOUT;
        if (there != Long.MAX_VALUE) {
            long answered = back;
            boolean inTime = back != Long.MAX_VALUE && there + back <= timeout;
            world.in(there, () -> {
                T result = request.get();
                if (world.trace && !name.matches("beat|members|runs|shards?|readHints|putHint|isFenced|moved")) {
                    world.trace("node" + node, name + " -> " + result + (inTime ? "" : ", the answer is lost"));
                }
                if (kind == Kind.WRITE && !world.healed && world.chance(weather.twice)) {
                    world.in(world.micros(5_000_000, 100_000_000), request::get);
                }
                if (inTime) {
                    world.in(answered, () -> answer.complete(result));
                }
            });
        }
        world.in(timeout, () -> answer.complete(unknown(kind, answer)));
        return answer;
    }

    @SuppressWarnings("unchecked")
    private <T> @Nullable T mutated(String name) {
        if (mutation == Mutation.LOOK && name.equals("isFenced")) {
            return (T) Boolean.FALSE;
        } else if (mutation == Mutation.RENEWAL && name.equals("renew")) {
            return (T) Conditional.applied();
        }
        return null;
    }

    @SuppressWarnings("unchecked")
    private static <T> T failed(Kind kind, CompletableFuture<T> answer) {
        if (kind == Kind.CONDITIONAL) {
            return (T) Conditional.failed();
        }
        answer.completeExceptionally(new TablesException(TablesException.Reason.FAILED, "no quorum"));
        return null;
    }

    @SuppressWarnings("unchecked")
    private static <T> T unknown(Kind kind, CompletableFuture<T> answer) {
        if (kind == Kind.CONDITIONAL) {
            return (T) Conditional.unknown();
        }
        answer.completeExceptionally(new TablesException(TablesException.Reason.UNKNOWN, "no answer"));
        return null;
    }
}
