package dev.larder.cdc.sample;

import dev.larder.cdc.sample.Day.Correction;
import dev.larder.cdc.sample.Day.Kind;
import dev.larder.cdc.sample.Day.Payment;
import dev.larder.cdc.sample.Users.Activity;
import dev.larder.cdc.sample.Vendors.Vendor;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The bank's days, one after the other. They follow from seed, users and first day alone, whoever asks and how often: a day
 * is continued from by replaying the days before it, which takes no database.
 */
final class Bank {
    private static final double MEAN_DAYS_UNTIL_CORRECTION = 3;
    private static final int FURTHEST_MOVE_DAYS = 3;
    private static final int MOST_MINUTES = 300;
    private static final long MICROS_PER_HOUR = TimeUnit.HOURS.toMicros(1);
    private static final long BURST_MICROS = TimeUnit.MINUTES.toMicros(75);
    /** Share of the day's payments by hour, in UTC. */
    private static final double[] HOURS = {
        4, 2, 1, 1, 2, 6, 18, 38, 45, 42, 48, 66, 78, 58, 46, 48, 62, 80, 76, 54, 38, 28, 18, 9
    };

    private static final double[] CUMULATIVE_HOURS = cumulative(HOURS);

    private final long seed;
    private final Users users;
    private final Vendors vendors;
    private final Customers customers;
    private final LocalDate firstDay;
    private final List<Integer> firstIdOfDay = new ArrayList<>();
    private int[] payer = new int[1 << 12];
    private final BitSet moved = new BitSet();
    private final BitSet cancelled = new BitSet();
    private int nextId = 1;

    Bank(int users, long seed, LocalDate firstDay) {
        this.seed = seed;
        this.users = new Users(users, seed);
        this.vendors = new Vendors(seed);
        this.customers = Customers.join(users, firstDay, Dice.of(seed, Long.MIN_VALUE));
        this.firstDay = firstDay;
    }

    Day nextDay() {
        int day = firstIdOfDay.size();
        LocalDate date = firstDay.plusDays(day);
        firstIdOfDay.add(nextId);
        List<Payment> payments = payments(day, date, Dice.of(seed, 3L * day));
        if (day == 0) {
            return new Day(date, payments, List.of(), new Customers.Changes(List.of(), List.of(), customers.all()));
        }
        return new Day(
                date,
                payments,
                corrections(day, payments.size(), Dice.of(seed, 3L * day + 1)),
                customers.day(date, Dice.of(seed, 3L * day + 2)));
    }

    private List<Payment> payments(int day, LocalDate date, Dice dice) {
        List<Payment> unordered = new ArrayList<>();
        for (Activity activity : users.day(day, date.getDayOfWeek(), dice)) {
            for (int i = 0; i < activity.regular(); i++) {
                unordered.add(payment(activity.user(), vendors.pick(activity.user(), dice), timeOfDay(dice), dice));
            }
            long start = Math.min(timeOfDay(dice), TimeUnit.DAYS.toMicros(1) - BURST_MICROS);
            Vendor vendor = vendors.pick(activity.user(), dice);
            for (int i = 0; i < activity.burst(); i++) {
                unordered.add(payment(activity.user(), vendor, start + (long) (dice.uniform() * BURST_MICROS), dice));
            }
        }
        unordered.sort(Comparator.comparingLong(Payment::micros));
        List<Payment> payments = new ArrayList<>(unordered.size());
        for (Payment payment : unordered) {
            payments.add(new Payment(
                    nextId, payment.user(), payment.cents(), payment.vendor(), payment.source(), payment.micros()));
            rememberPayer(nextId, payment.user());
            nextId++;
        }
        return payments;
    }

    private static Payment payment(int user, Vendor vendor, long micros, Dice dice) {
        return new Payment(0, user, vendor.cents(dice), vendor.name(), vendor.channel(dice), micros);
    }

    private List<Correction> corrections(int day, int payments, Dice dice) {
        List<Correction> corrections = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            int count = Math.max(1, dice.poisson(payments * share(kind)));
            for (int i = 0; i < count; i++) {
                correction(kind, day, dice).ifPresent(corrections::add);
            }
        }
        return corrections;
    }

    /** Empty if no fitting row turns up. */
    private Optional<Correction> correction(Kind kind, int day, Dice dice) {
        int paidOn = Math.max(0, day - dice.waiting(MEAN_DAYS_UNTIL_CORRECTION));
        int first = firstIdOfDay.get(paidOn);
        int end = paidOn == day ? nextId : firstIdOfDay.get(paidOn + 1);
        if (first == end) {
            return Optional.empty();
        }
        int id = first + dice.below(end - first);
        if (cancelled.get(id)) {
            return Optional.empty();
        }
        return switch (kind) {
            case AMOUNT -> Optional.of(new Correction(kind, id, percent(dice)));
            case MINUTES -> Optional.of(new Correction(kind, id, 1 + dice.below(MOST_MINUTES)));
            case DAYS -> move(id, paidOn, day, dice);
            case USER -> give(id, paidOn, dice);
            case CANCELLED -> {
                cancelled.set(id);
                yield Optional.of(new Correction(kind, id, 0));
            }
        };
    }

    /** Never into the future nor before the first day: so a row is moved once at most. */
    private Optional<Correction> move(int id, int paidOn, int today, Dice dice) {
        int earliest = Math.max(-FURTHEST_MOVE_DAYS, -paidOn);
        int latest = Math.min(FURTHEST_MOVE_DAYS, today - paidOn);
        int days = earliest + dice.below(latest - earliest + 1);
        if (days == 0 || moved.get(id)) {
            return Optional.empty();
        }
        moved.set(id);
        return Optional.of(new Correction(Kind.DAYS, id, days));
    }

    private Optional<Correction> give(int id, int paidOn, Dice dice) {
        int other = users.someoneElse(payer[id], paidOn, dice);
        if (other == payer[id]) {
            return Optional.empty();
        }
        payer[id] = other;
        return Optional.of(new Correction(Kind.USER, id, other));
    }

    private static double share(Kind kind) {
        return switch (kind) {
            case AMOUNT -> 0.01;
            case MINUTES -> 0.003;
            case DAYS -> 0.007;
            case USER -> 0.004;
            case CANCELLED -> 0.005;
        };
    }

    private static int percent(Dice dice) {
        return dice.chance(0.3) ? 40 + dice.below(60) : 101 + dice.below(30);
    }

    private static long timeOfDay(Dice dice) {
        double at = dice.uniform() * CUMULATIVE_HOURS[CUMULATIVE_HOURS.length - 1];
        int hour = 0;
        while (CUMULATIVE_HOURS[hour] <= at) {
            hour++;
        }
        return hour * MICROS_PER_HOUR + (long) (dice.uniform() * MICROS_PER_HOUR);
    }

    private static double[] cumulative(double[] weights) {
        double[] cumulative = weights.clone();
        for (int i = 1; i < cumulative.length; i++) {
            cumulative[i] += cumulative[i - 1];
        }
        return cumulative;
    }

    private void rememberPayer(int id, int user) {
        if (id == payer.length) {
            payer = Arrays.copyOf(payer, 2 * payer.length);
        }
        payer[id] = user;
    }
}
