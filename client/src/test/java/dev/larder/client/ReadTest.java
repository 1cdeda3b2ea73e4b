package dev.larder.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.client.FeatureClientException.Reason;
import dev.larder.model.FeatureValue;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Feast's golden rows, read through Larder's server. */
final class ReadTest {
    private static TestServer server;
    private static FeatureClient client;

    @BeforeAll
    static void start(@TempDir Path folder) {
        server = TestServer.start(TestServer.goldenRepo(folder));
        client = server.client().build();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    @Test
    void valuesHaveTheirTypes() {
        FeatureRow row = client.getBlocking(FeatureRequest.features(
                                "driver_basic:f_int64",
                                "driver_basic:f_int32",
                                "driver_basic:f_float",
                                "driver_basic:f_double",
                                "driver_basic:f_string",
                                "driver_basic:f_bool",
                                "driver_basic:f_bytes",
                                "driver_basic:f_ts",
                                "driver_basic:l_int64",
                                "driver_basic:l_float",
                                "driver_basic:l_bytes",
                                "driver_basic:l_ts",
                                "driver_rich:r_uuid")
                        .entity("driver_id", 1001)
                        .build())
                .row(0);
        assertThat(row.getLong("driver_basic:f_int64")).isEqualTo(1L << 53);
        assertThat(row.getInt("driver_basic:f_int32")).isEqualTo(7);
        assertThat(row.getLong("driver_basic:f_int32")).isEqualTo(7);
        assertThat(row.getFloat("driver_basic:f_float")).isEqualTo(0.1f);
        assertThat(row.getDouble("driver_basic:f_float")).isEqualTo(0.1f);
        assertThat(row.getDouble("driver_basic:f_double")).isEqualTo(0.1);
        assertThat(row.getString("driver_basic:f_string")).isEqualTo("naïve-日本");
        assertThat(row.getBoolean("driver_basic:f_bool")).isTrue();
        assertThat(row.getBytes("driver_basic:f_bytes")).containsExactly(0, 1, 255);
        assertThat(row.getInstant("driver_basic:f_ts")).isEqualTo("2024-03-02T12:00:00Z");
        assertThat(row.getList("driver_basic:l_int64", Long.class)).containsExactly(1L, -1L, 1L << 40);
        assertThat(row.getList("driver_basic:l_float", Float.class)).containsExactly(0.1f, 1.5f);
        assertThat(row.getList("driver_basic:l_bytes", byte[].class))
                .containsExactly(new byte[] {'a'}, new byte[] {(byte) 0xff});
        assertThat(row.getList("driver_basic:l_ts", Instant.class)).containsExactly(Instant.ofEpochSecond(1709380800));
        assertThat(row.getUuid("driver_rich:r_uuid"))
                .isEqualTo(UUID.fromString("f47ac10b-58cc-4372-a567-0e02b2c3d479"));
        assertThat(row.getValue("driver_basic:f_int32")).isEqualTo(new FeatureValue.Int32(7));
        assertThat(row.eventTimestamp("driver_basic:f_int64")).isEqualTo("2024-03-01T12:00:00Z");
    }

    @Test
    void statusesSayWhyAValueIsMissingOrOld() {
        FeatureTable table = client.getBlocking(
                FeatureRequest.features("driver_basic:f_ts", "driver_basic:f_int64", "driver_stale:score")
                        .entities("driver_id", List.of(1001L, 1003L, 9999L))
                        .build());
        FeatureRow present = table.row(0);
        assertThat(present.status("driver_basic:f_ts")).isEqualTo(FeatureStatus.PRESENT);
        assertThat(present.status("driver_stale:score")).isEqualTo(FeatureStatus.OUTSIDE_MAX_AGE);
        assertThat(present.getDouble("driver_stale:score"))
                .as("the value is given all the same")
                .isEqualTo(0.25);
        FeatureRow nulls = table.row(1);
        assertThat(nulls.status("driver_basic:f_ts")).isEqualTo(FeatureStatus.NULL_VALUE);
        assertThat(nulls.getInstant("driver_basic:f_ts")).isNull();
        assertThat(nulls.eventTimestamp("driver_basic:f_ts")).isEqualTo("2024-03-02T12:00:00Z");
        FeatureRow missing = table.row(2);
        assertThat(missing.status("driver_basic:f_ts")).isEqualTo(FeatureStatus.NOT_FOUND);
        assertThat(missing.eventTimestamp("driver_basic:f_ts")).isNull();
        assertThat(missing.getLong("driver_basic:f_int64")).isNull();
        assertThat(missing.getLong("driver_basic:f_int64", -1)).isEqualTo(-1);
        assertThat(missing.getValue("driver_basic:f_int64")).isEqualTo(FeatureValue.none());
        assertThat(missing.getList("driver_basic:f_int64", Long.class)).isNull();
        assertThat(missing.asMap())
                .hasSize(3)
                .containsEntry("driver_stale__score", null)
                .containsOnlyKeys("driver_basic__f_ts", "driver_basic__f_int64", "driver_stale__score");
    }

    @Test
    void namesAreThoseOfTheRequestWhateverTheServersForm() {
        FeatureRequest.Builder two = FeatureRequest.features("driver_stale:score", "driver_pushed:score")
                .entity("driver_id", 1001);
        FeatureTable full = client.getBlocking(two.build());
        assertThat(full.featureNames()).containsExactly("driver_stale__score", "driver_pushed__score");
        assertThat(full.row(0).getDouble("driver_stale__score")).isEqualTo(0.25);
        assertFails(
                Reason.NOT_FOUND,
                "More than one feature is named score in the answer; name it with its view, <feature_view>:score (there are: driver_stale__score, driver_pushed__score)",
                () -> full.row(0).status("score"));
        assertFails(
                Reason.NOT_FOUND,
                "No feature driver_stale:rating in the answer (there are: driver_stale__score, driver_pushed__score)",
                () -> full.row(0).status("driver_stale:rating"));
        assertFails(
                Reason.INVALID_REQUEST,
                "Duplicate features named score found: driver_stale:score, driver_pushed:score. Set \"full_feature_names\": true, or give one of the views an alias in a feature service.",
                () -> client.getBlocking(two.fullFeatureNames(false).build()));

        FeatureTable brief = client.getBlocking(FeatureRequest.features("driver_stale:score", "driver_basic:f_int64")
                .entity("driver_id", 1001)
                .fullFeatureNames(false)
                .build());
        assertThat(brief.featureNames()).containsExactly("score", "f_int64");
        assertThat(brief.row(0).getDouble("score")).isEqualTo(0.25);
        assertThat(brief.row(0).getDouble("driver_stale:score")).isEqualTo(0.25);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFeatureServiceGivesAllOfItsFeatures(boolean servingService) {
        try (FeatureClient asking = servingService
                ? server.client().servingService().build()
                : server.client().build()) {
            FeatureTable table = asking.getBlocking(FeatureRequest.featureService("basic_service")
                    .entity("driver_id", 1001)
                    .build());
            assertThat(table.featureNames())
                    .containsExactly("driver_basic__f_int64", "driver_basic__f_string", "driver_pushed__score");
            assertThat(table.row(0).getLong("driver_basic:f_int64")).isEqualTo(1L << 53);
            assertThat(table.row(0).getString("driver_basic__f_string")).isEqualTo("naïve-日本");

            FeatureTable brief = asking.getBlocking(FeatureRequest.featureService("basic_service")
                    .entity("driver_id", 1001)
                    .fullFeatureNames(false)
                    .build());
            assertThat(brief.featureNames()).containsExactly("f_int64", "f_string", "score");
            assertThat(brief.row(0).getLong("f_int64")).isEqualTo(1L << 53);

            FeatureTable aliases = asking.getBlocking(FeatureRequest.featureService("alias_service")
                    .entity(Map.of("driver_id", 1002, "origin_id", 1001))
                    .build());
            assertThat(aliases.featureNames()).containsExactly("aliased__f_int64", "driver_stale__score");
            assertThat(aliases.row(0).getLong("aliased:f_int64")).isEqualTo(-5);
            assertThat(aliases.row(0).getDouble("driver_stale:score")).isEqualTo(0.25);
        }
    }

    @Test
    void rowsComeInTheOrderOfTheEntitiesAndKnowThem() {
        FeatureTable table = client.getBlocking(FeatureRequest.features("pair_stats:trips")
                .entity(Map.of("driver_id", 9L, "customer_id", "c9"))
                .entity(Map.of("customer_id", "c1", "driver_id", 1001L))
                .build());
        assertThat(table.size()).isEqualTo(2);
        assertThat(table.rows()).extracting(row -> row.getLong("trips", 0)).containsExactly(0L, 3L);
        assertThat(table.row(1).entity()).isEqualTo(Map.of("customer_id", "c1", "driver_id", 1001L));
        assertThatThrownBy(() -> table.row(2)).isInstanceOf(IndexOutOfBoundsException.class);

        FeatureTable global = client.getBlocking(
                FeatureRequest.features("global_stats:score").entity("any", "x").build());
        assertThat(global.row(0).getDouble("score")).isEqualTo(0.25);
    }

    @Test
    void keysOfManyTypesFindTheirEntity() {
        for (Object key : List.of(
                1001, 1001L, (short) 1001, 1001.0, 1001f, "1001", new BigDecimal(1001), new FeatureValue.Int32(1001))) {
            FeatureTable table = client.getBlocking(FeatureRequest.features("driver_stale:score")
                    .entity("driver_id", key)
                    .build());
            assertThat(table.row(0).getDouble("score"))
                    .as("%s %s", key.getClass(), key)
                    .isEqualTo(0.25);
        }
    }

    @Test
    void aValueOfAnotherTypeIsNamedWithTheWayToAskForIt() {
        FeatureRow row = client.getBlocking(FeatureRequest.features(
                                "driver_basic:f_int64", "driver_basic:l_int64", "driver_rich:r_set_int64")
                        .entity("driver_id", 1001)
                        .build())
                .row(0);
        assertFails(
                Reason.WRONG_TYPE,
                "Feature driver_basic:f_int64 is Int64; it was asked for as a String. Ask with getLong.",
                () -> row.getString("driver_basic:f_int64"));
        assertFails(
                Reason.WRONG_TYPE,
                "Feature f_int64 is Int64; it was asked for as an int. Ask with getLong.",
                () -> row.getInt("f_int64", 0));
        assertFails(
                Reason.WRONG_TYPE,
                "Feature l_int64 is Array(Int64), whose members are Long; it was asked for as a List of String.",
                () -> row.getList("l_int64", String.class));
        assertFails(
                Reason.WRONG_TYPE,
                "Feature r_set_int64 is Set(Int64); it was asked for as a List of Long. Ask with getSet.",
                () -> row.getList("r_set_int64", Long.class));
        assertFails(
                Reason.WRONG_TYPE,
                "Feature f_int64 is Int64; it was asked for as a Map of Strings. Ask with getLong.",
                () -> row.getMap("f_int64"));
    }

    @Test
    void mistakesOfTheCallerKeepTheServersWords() {
        assertFails(
                Reason.NOT_FOUND,
                "Feature nope not found in feature view driver_stale (known: score)",
                () -> client.getBlocking(FeatureRequest.features("driver_stale:nope")
                        .entity("driver_id", 1)
                        .build()));
        assertFails(
                Reason.NOT_FOUND,
                "Feature service nope does not exist in project golden (known: alias_service, basic_service, odfv_service)",
                () -> client.getBlocking(FeatureRequest.featureService("nope")
                        .entity("driver_id", 1)
                        .build()));
        assertFails(
                Reason.INVALID_REQUEST,
                "Missing join key values for keys: customer_id of feature view pair_stats (given: driver_id)",
                () -> client.getBlocking(FeatureRequest.features("pair_stats:trips")
                        .entity("driver_id", 1)
                        .build()));
        assertFails(
                Reason.UNSUPPORTED,
                "On-demand feature view basic_pandas is Python code, which this server does not run. Ask for the features that it is computed from, and compute it in the caller.",
                () -> client.getBlocking(FeatureRequest.features("basic_pandas:int64_plus_one")
                        .entity("driver_id", 1)
                        .build()));
        assertThatThrownBy(() -> client.get(FeatureRequest.features("driver_stale:nope")
                                .entity("driver_id", 1)
                                .build())
                        .join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(FeatureClientException.class, e -> assertThat(e.reason())
                        .isEqualTo(Reason.NOT_FOUND));
    }

    @Test
    void requestsThatCannotBeAreRefusedBeforeTheyAreSent() {
        assertFails(
                Reason.INVALID_REQUEST,
                "Invalid feature reference 'score' (expected: <feature_view>:<feature>)",
                () -> FeatureRequest.features("score"));
        assertFails(
                Reason.INVALID_REQUEST,
                "Entity 1 has the columns [customer_id], entity 0 has [driver_id] (expected: the same in all)",
                () -> FeatureRequest.features("driver_stale:score")
                        .entity("driver_id", 1)
                        .entity("customer_id", "c1")
                        .build());
        assertFails(
                Reason.INVALID_REQUEST,
                "Entity 0, column driver_id: UTC cannot be sent: it is a java.time.ZoneRegion (accepted: null, a number, String, Boolean, byte[], Instant, ZonedDateTime, OffsetDateTime, UUID, a List, array, Set or Map of these, or a FeatureValue)",
                () -> FeatureRequest.features("driver_stale:score")
                        .entity("driver_id", java.time.ZoneId.of("UTC"))
                        .build());
        assertFails(
                Reason.INVALID_REQUEST,
                "The row has no columns but [event_timestamp] (expected: join keys and features)",
                () -> client.pushBlocking("driver_push", OnlineRow.at(Instant.EPOCH)));
    }

    static void assertFails(Reason reason, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(FeatureClientException.class, e -> assertThat(e.reason())
                        .isEqualTo(reason))
                .hasMessage(message);
    }
}
