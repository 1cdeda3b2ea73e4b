package dev.larder.cdc.sample;

import java.time.DayOfWeek;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * How often each user pays, day by day. A few pay most; some pay now and then, some never; some begin later, pause or stop
 * for good; now and then somebody has a day of very many payments.
 */
final class Users {
    private static final double MEAN_PER_DAY = 4.5;
    private static final double RARE = 0.12;
    private static final double RARE_FACTOR = 0.08;
    private static final double NEVER = 0.03;
    private static final double BEGINS_LATER = 0.08;
    private static final int LATEST_BEGIN = 20;
    private static final double STOPS_TODAY = 0.004;
    private static final double PAUSES_TODAY = 0.01;
    private static final int SHORTEST_PAUSE = 3;
    private static final double MEAN_FURTHER_PAUSE = 6;
    private static final double BURST_TODAY = 0.01;
    private static final int SMALLEST_BURST = 6;
    private static final double MEAN_FURTHER_BURST = 8;
    private static final int TRIES = 50;
    private static final long SALT = 0x7573_6572L;

    private final Zipf popularity;
    private final List<Integer> userOfRank;
    /** Payments on an average day, by user; users count from 1. */
    private final double[] rate;
    /** The day (counted from 0) on which the user may pay again; far away for those who have stopped. */
    private final int[] awayUntil;

    Users(int users, long seed) {
        Dice dice = Dice.of(seed, SALT);
        popularity = new Zipf(users, 2.7);
        List<Integer> ranks = new ArrayList<>(users);
        for (int user = 1; user <= users; user++) {
            ranks.add(user);
        }
        Collections.shuffle(ranks, new Random(Dice.mix(seed, SALT)));
        userOfRank = List.copyOf(ranks);
        rate = new double[users + 1];
        awayUntil = new int[users + 1];
        for (int rank = 0; rank < users; rank++) {
            int user = userOfRank.get(rank);
            double kind = dice.uniform();
            double factor = kind < NEVER ? 0 : kind < NEVER + RARE ? RARE_FACTOR : 1;
            rate[user] = MEAN_PER_DAY * users * popularity.share(rank) * factor;
            awayUntil[user] = dice.chance(BEGINS_LATER) ? 1 + dice.below(LATEST_BEGIN) : 0;
        }
    }

    /**
     * @param regular spread over the day
     * @param burst within a short time
     */
    record Activity(int user, int regular, int burst) {}

    /** What the users do on the next day; call it for each day in order. */
    List<Activity> day(int day, DayOfWeek dayOfWeek, Dice dice) {
        List<Activity> activities = new ArrayList<>();
        for (int user = 1; user < rate.length; user++) {
            if (!active(user, day)) {
                continue;
            }
            if (dice.chance(STOPS_TODAY)) {
                awayUntil[user] = Integer.MAX_VALUE;
                continue;
            }
            if (dice.chance(PAUSES_TODAY)) {
                awayUntil[user] = day + SHORTEST_PAUSE + dice.waiting(MEAN_FURTHER_PAUSE);
                continue;
            }
            int regular = dice.poisson(rate[user] * weekly(dayOfWeek));
            int burst = dice.chance(BURST_TODAY * Math.min(1, rate[user]))
                    ? SMALLEST_BURST + dice.poisson(MEAN_FURTHER_BURST)
                    : 0;
            if (regular + burst > 0) {
                activities.add(new Activity(user, regular, burst));
            }
        }
        return activities;
    }

    /** Another user who pays these days; the same one if none is found. */
    int someoneElse(int user, int day, Dice dice) {
        for (int i = 0; i < TRIES; i++) {
            int other = userOfRank.get(popularity.pick(dice.uniform()));
            if (other != user && active(other, day)) {
                return other;
            }
        }
        return user;
    }

    private boolean active(int user, int day) {
        return rate[user] > 0 && awayUntil[user] <= day;
    }

    private static double weekly(DayOfWeek day) {
        return switch (day) {
            case MONDAY, TUESDAY, WEDNESDAY -> 0.95;
            case THURSDAY -> 1;
            case FRIDAY -> 1.25;
            case SATURDAY -> 1.3;
            case SUNDAY -> 0.6;
        };
    }
}
