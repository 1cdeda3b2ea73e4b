package dev.larder.cdc.sample;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Where money is spent: thousands of vendors, a few of them known to everyone, each with prices and channels of its own. */
final class Vendors {
    private static final List<Trade> TRADES = List.of(
            new Trade("Bakery", 780, Channels.SHOP),
            new Trade("Groceries", 3_450, Channels.SHOP),
            new Trade("Café", 640, Channels.SHOP),
            new Trade("Restaurant", 4_200, Channels.SHOP),
            new Trade("Pharmacy", 2_100, Channels.SHOP),
            new Trade("Fuel", 6_300, Channels.SHOP),
            new Trade("Books", 2_400, Channels.MIXED),
            new Trade("Shoes", 8_900, Channels.MIXED),
            new Trade("Electronics", 14_500, Channels.MIXED),
            new Trade("Furniture", 32_000, Channels.MIXED),
            new Trade("Telecom", 3_900, Channels.ONLINE),
            new Trade("Streaming", 1_290, Channels.ONLINE),
            new Trade("Travel", 41_000, Channels.ONLINE),
            new Trade("Games", 1_900, Channels.ONLINE),
            new Trade("Insurance", 11_800, Channels.OFFICE),
            new Trade("Rent & Sons", 96_000, Channels.OFFICE));

    private static final List<String> NAMES = List.of(
            "Alder", "Amsel", "Baker", "Birch", "Brook", "Cedar", "Conti", "Dvořák", "Elm", "Fabbri", "Fischer", "Fox",
            "García", "Grove", "Hansen", "Hill", "Ivy", "Jansen", "Juniper", "Keller", "Kim", "Lake", "Larsen", "Linde",
            "Lopes", "Maple", "Marti", "Meyer", "Moss", "Nagy", "Novák", "O'Neill", "Oak", "Olsen", "Øster", "Pérez",
            "Pine", "Quint", "Rossi", "Roth", "Sage", "Silva", "Stone", "Tanaka", "Thorn", "Ueda", "Vega", "Wójcik",
            "Young", "Zoë");

    private static final List<String> SUFFIXES = List.of("", " 24", " Express", " Nord", " Süd");

    private static final Zipf POPULARITY = new Zipf(TRADES.size() * NAMES.size() * SUFFIXES.size(), 3);

    private static final double TO_A_FAVOURITE = 0.65;
    private static final int FAVOURITES = 6;
    private static final long SALT = 0x7665_6e64_6f72L;

    /** @param medianCents half of its sales are above */
    record Vendor(String name, double medianCents, double spread, List<String> channels) {

        long cents(Dice dice) {
            return Math.max(1, StrictMath.round(medianCents * StrictMath.exp(spread * dice.gaussian())));
        }

        String channel(Dice dice) {
            return dice.oneOf(channels);
        }
    }

    private record Trade(String name, int medianCents, List<String> channels) {}

    /** A channel is as likely as it is often named. */
    private static final class Channels {
        static final List<String> SHOP =
                List.of("card", "card", "card", "card", "card", "card", "mobile", "mobile", "online");
        static final List<String> MIXED = List.of("card", "card", "card", "online", "online", "mobile");
        static final List<String> ONLINE = List.of("online", "online", "online", "mobile", "card");
        static final List<String> OFFICE = List.of("transfer", "transfer", "transfer", "branch", "online");
    }

    private final long seed;
    private final List<Vendor> byRank;

    Vendors(long seed) {
        this.seed = Dice.mix(seed, SALT);
        Dice dice = Dice.of(this.seed, 0);
        List<Vendor> vendors = new ArrayList<>();
        for (String suffix : SUFFIXES) {
            for (String name : NAMES) {
                for (Trade trade : TRADES) {
                    vendors.add(new Vendor(
                            name + " " + trade.name() + suffix,
                            trade.medianCents() * StrictMath.exp(0.3 * dice.gaussian()),
                            0.3 + 0.5 * dice.uniform(),
                            trade.channels()));
                }
            }
        }
        Collections.shuffle(vendors, new Random(this.seed));
        byRank = List.copyOf(vendors);
    }

    /** Where the user goes next: mostly to one of the few where they always go. */
    Vendor pick(int user, Dice dice) {
        double where = dice.chance(TO_A_FAVOURITE)
                ? Dice.hash(seed, (long) user * FAVOURITES + dice.below(FAVOURITES))
                : dice.uniform();
        return byRank.get(POPULARITY.pick(where));
    }
}
