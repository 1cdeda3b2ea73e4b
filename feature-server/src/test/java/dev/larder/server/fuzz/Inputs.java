package dev.larder.server.fuzz;

import java.util.Random;

/** How an input's number becomes an input. */
final class Inputs {
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    private Inputs() {}

    /** Its own for each number, so that one input can be repeated without those before it. */
    static Random random(long seed, long number) {
        return new Random(seed * SPREAD ^ (number + 1) * SPREAD * 31);
    }
}
