package dev.larder.server.endurance;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Timestamp;
import dev.larder.feast.proto.serving.GetOnlineFeaturesResponse;
import dev.larder.feast.proto.serving.GetOnlineFeaturesResponse.FeatureVector;
import dev.larder.feast.proto.types.Value;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An answer to a request for online features, whatever it came over. */
interface Answer {
    /** How many rows the vector of a name has; -1 if there is none. */
    int rows(String name);

    @Nullable
    Object value(String name, int row);

    String status(String name, int row);

    Instant eventTime(String name, int row);

    /** How the answer names a feature. */
    String name(Table table, Table.Column column);

    /** In JSON with full feature names. */
    final class Json implements Answer {
        private final Map<String, JsonNode> vectors = new HashMap<>();
        private final Map<String, Instant> times = new HashMap<>();

        Json(JsonNode answer) {
            JsonNode names = answer.at("/metadata/feature_names");
            for (int i = 0; i < names.size(); i++) {
                vectors.put(names.path(i).asText(), answer.path("results").path(i));
            }
        }

        @Override
        public int rows(String name) {
            JsonNode vector = vectors.get(name);
            return vector == null ? -1 : vector.path("values").size();
        }

        @Override
        public @Nullable Object value(String name, int row) {
            JsonNode value = at(name, "values", row);
            if (value.isNull()) {
                return null;
            } else if (value.isTextual()) {
                return value.textValue();
            } else if (value.isBoolean()) {
                return value.booleanValue();
            }
            return value.numberValue();
        }

        @Override
        public String status(String name, int row) {
            return at(name, "statuses", row).asText();
        }

        @Override
        public Instant eventTime(String name, int row) {
            return times.computeIfAbsent(at(name, "event_timestamps", row).asText(), Instant::parse);
        }

        @Override
        public String name(Table table, Table.Column column) {
            return table.view() + "__" + column.feature();
        }

        private JsonNode at(String name, String list, int row) {
            JsonNode vector = vectors.get(name);
            if (vector == null) {
                throw new IllegalArgumentException("no " + name + " in the answer");
            }
            return vector.path(list).path(row);
        }
    }

    /** Over gRPC. */
    final class Proto implements Answer {
        private final Map<String, FeatureVector> vectors = new HashMap<>();
        private final String between;

        /** @param between what stands between the names of view and feature */
        Proto(GetOnlineFeaturesResponse answer, String between) {
            this.between = between;
            List<String> names = answer.getMetadata().getFeatureNames().getValList();
            for (int i = 0; i < names.size(); i++) {
                vectors.put(names.get(i), answer.getResults(i));
            }
        }

        @Override
        public int rows(String name) {
            FeatureVector vector = vectors.get(name);
            return vector == null ? -1 : vector.getValuesCount();
        }

        @Override
        public @Nullable Object value(String name, int row) {
            Value value = vector(name).getValues(row);
            return switch (value.getValCase()) {
                case VAL_NOT_SET -> null;
                case INT64_VAL -> value.getInt64Val();
                case DOUBLE_VAL -> value.getDoubleVal();
                case STRING_VAL -> value.getStringVal();
                case BOOL_VAL -> value.getBoolVal();
                case INT32_VAL -> value.getInt32Val();
                case FLOAT_VAL -> value.getFloatVal();
                default -> throw new IllegalArgumentException(name + " is a " + value.getValCase());
            };
        }

        @Override
        public String status(String name, int row) {
            return vector(name).getStatuses(row).name();
        }

        @Override
        public Instant eventTime(String name, int row) {
            Timestamp time = vector(name).getEventTimestamps(row);
            return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
        }

        @Override
        public String name(Table table, Table.Column column) {
            return table.view() + between + column.feature();
        }

        private FeatureVector vector(String name) {
            FeatureVector vector = vectors.get(name);
            if (vector == null) {
                throw new IllegalArgumentException("no " + name + " in the answer");
            }
            return vector;
        }
    }
}
