package dev.larder.cdc.sample;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The bank's customers: all come on the first day; later some move, change work, grow older, leave and return. */
final class Customers {
    private static final List<String> LOCATIONS = List.of(
            "Zürich",
            "Zürich",
            "Zürich",
            "Genève",
            "Genève",
            "Basel",
            "Basel",
            "Bern",
            "Bern",
            "Lausanne",
            "Winterthur",
            "Luzern",
            "St. Gallen",
            "Lugano",
            "Biel/Bienne",
            "Thun",
            "Chur",
            "Fribourg",
            "Schaffhausen",
            "Sion");
    private static final List<String> OCCUPATIONS = List.of(
            "clerk",
            "clerk",
            "nurse",
            "teacher",
            "engineer",
            "engineer",
            "salesperson",
            "salesperson",
            "cook",
            "driver",
            "carpenter",
            "electrician",
            "doctor",
            "lawyer",
            "artist",
            "farmer",
            "self-employed",
            "unemployed");
    private static final List<String> GENDERS = List.of("f", "f", "f", "f", "f", "m", "m", "m", "m", "m", "x");
    private static final int LONGEST_MEMBERSHIP_DAYS = 200;
    private static final double UNKNOWN = 0.02;
    private static final double MOVES_TODAY = 0.008;
    private static final double CHANGES_WORK_TODAY = 0.005;
    private static final double BIRTHDAY_TODAY = 1 / 365.25;
    private static final double LEAVES_TODAY = 0.002;
    private static final double RETURNS_TODAY = 0.1;

    /** One row of {@code customers}; null where the bank does not know. */
    record Customer(
            long userId,
            @Nullable Integer age,
            @Nullable String gender,
            @Nullable String location,
            @Nullable String occupation,
            LocalDate dayStart) {

        Customer movedTo(String newLocation, LocalDate day) {
            return new Customer(userId, age, gender, newLocation, occupation, day);
        }

        Customer workingAs(String newOccupation, LocalDate day) {
            return new Customer(userId, age, gender, location, newOccupation, day);
        }

        Customer olderBy(int years, LocalDate day) {
            return new Customer(userId, age == null ? null : age + years, gender, location, occupation, day);
        }
    }

    /** Of one customer there are several updates, in their order, or one delete, or one insert. */
    record Changes(List<Customer> updated, List<Long> deleted, List<Customer> inserted) {
        Changes {
            updated = List.copyOf(updated);
            deleted = List.copyOf(deleted);
            inserted = List.copyOf(inserted);
        }
    }

    private final List<Customer> customers;
    private final boolean[] gone;

    private Customers(List<Customer> customers) {
        this.customers = customers;
        this.gone = new boolean[customers.size()];
    }

    static Customers join(int users, LocalDate firstDay, Dice dice) {
        List<Customer> customers = new ArrayList<>(users);
        for (int user = 1; user <= users; user++) {
            customers.add(newcomer(user, firstDay.minusDays(dice.below(LONGEST_MEMBERSHIP_DAYS)), dice));
        }
        return new Customers(customers);
    }

    List<Customer> all() {
        return List.copyOf(customers);
    }

    /** What happens on the next day. */
    Changes day(LocalDate day, Dice dice) {
        List<Customer> updated = new ArrayList<>();
        List<Long> deleted = new ArrayList<>();
        List<Customer> inserted = new ArrayList<>();
        for (int i = 0; i < customers.size(); i++) {
            Customer customer = customers.get(i);
            if (gone[i]) {
                if (dice.chance(RETURNS_TODAY)) {
                    gone[i] = false;
                    customers.set(i, newcomer(customer.userId(), day, dice));
                    inserted.add(customers.get(i));
                }
            } else if (dice.chance(LEAVES_TODAY)) {
                gone[i] = true;
                deleted.add(customer.userId());
            } else {
                int before = updated.size();
                update(customer, day, dice, updated);
                if (updated.size() > before) {
                    customers.set(i, updated.get(updated.size() - 1));
                }
            }
        }
        return new Changes(updated, deleted, inserted);
    }

    /** Two things that happen to one customer on one day are two updates. */
    private static void update(Customer customer, LocalDate day, Dice dice, List<Customer> updated) {
        Customer now = customer;
        if (dice.chance(MOVES_TODAY)) {
            now = now.movedTo(dice.oneOf(LOCATIONS), day);
            updated.add(now);
        }
        if (dice.chance(CHANGES_WORK_TODAY)) {
            now = now.workingAs(dice.oneOf(OCCUPATIONS), day);
            updated.add(now);
        }
        if (dice.chance(BIRTHDAY_TODAY)) {
            updated.add(now.olderBy(1, day));
        }
    }

    private static Customer newcomer(long user, LocalDate dayStart, Dice dice) {
        int age = (int) Math.min(98, Math.max(18, StrictMath.rint(46 + 17 * dice.gaussian())));
        String gender = dice.oneOf(GENDERS);
        String location = dice.oneOf(LOCATIONS);
        String occupation = dice.oneOf(OCCUPATIONS);
        boolean ageKnown = !dice.chance(UNKNOWN);
        boolean genderKnown = !dice.chance(UNKNOWN);
        boolean occupationKnown = !dice.chance(UNKNOWN);
        return new Customer(
                user,
                ageKnown ? age : null,
                genderKnown ? gender : null,
                location,
                occupationKnown ? (age > 66 ? "retired" : age < 21 ? "student" : occupation) : null,
                dayStart);
    }
}
