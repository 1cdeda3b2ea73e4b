package dev.larder.cdc.sample;

import java.util.Arrays;

/** A few get most: rank r (from 0) has weight 1 / (r + 1 + offset). */
final class Zipf {
    private final double[] cumulative;

    Zipf(int size, double offset) {
        cumulative = new double[size];
        double sum = 0;
        for (int rank = 0; rank < size; rank++) {
            sum += 1 / (rank + 1 + offset);
            cumulative[rank] = sum;
        }
        for (int rank = 0; rank < size; rank++) {
            cumulative[rank] /= sum;
        }
    }

    double share(int rank) {
        return rank == 0 ? cumulative[0] : cumulative[rank] - cumulative[rank - 1];
    }

    /** The rank at which the given number in [0, 1) arrives. */
    int pick(double uniform) {
        int found = Arrays.binarySearch(cumulative, uniform);
        return Math.min(found >= 0 ? found + 1 : -found - 1, cumulative.length - 1);
    }
}
