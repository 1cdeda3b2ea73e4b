package dev.larder.cdc.sample;

import java.util.List;
import java.util.Random;

/**
 * Random draws that are the same on every JDK and machine: only {@link Random}, whose algorithms its specification fixes,
 * and {@link StrictMath}.
 */
final class Dice {
    private static final double NORMAL_FROM = 30;

    private final Random random;

    private Dice(Random random) {
        this.random = random;
    }

    /** Equal arguments, equal draws; draws of different salts have nothing to do with each other. */
    static Dice of(long seed, long salt) {
        return new Dice(new Random(mix(seed, salt)));
    }

    /** A number in [0, 1) that belongs to the two arguments. */
    static double hash(long seed, long salt) {
        return (mix(seed, salt) >>> 11) * 0x1.0p-53;
    }

    /** The finalizer of SplitMix64. */
    static long mix(long seed, long salt) {
        long mixed = seed + (salt + 1) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    double uniform() {
        return random.nextDouble();
    }

    /** 0 to {@code bound - 1}. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    double gaussian() {
        return random.nextGaussian();
    }

    /** How often something happens that happens {@code mean} times on average. */
    int poisson(double mean) {
        if (mean > NORMAL_FROM) {
            return (int) Math.max(0, StrictMath.rint(mean + Math.sqrt(mean) * gaussian()));
        }
        double limit = StrictMath.exp(-mean);
        int count = -1;
        double product = 1;
        do {
            product *= uniform();
            count++;
        } while (product > limit);
        return count;
    }

    /** How long one waits, in whole units, for something that comes after {@code mean} of them on average. */
    int waiting(double mean) {
        return (int) (-StrictMath.log(1 - uniform()) * mean);
    }

    <T> T oneOf(List<T> values) {
        return values.get(below(values.size()));
    }
}
