package dev.larder.materializer.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.materializer.testing.Banking;
import dev.larder.model.Aggregation.Function;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AggregateTest {
    private static @Nullable Object over(Function function, ValueType type, Object... values) {
        Aggregate aggregate = new Aggregate(Banking.aggregation("a", function, "column", Duration.ofDays(1), type));
        Aggregate.Fold fold = aggregate.fold();
        Arrays.stream(values).map(aggregate::operand).forEach(operand -> {
            assertThat(operand).isNotNull();
            if (operand != null) {
                fold.add(operand);
            }
        });
        return aggregate.result(fold);
    }

    private static BigDecimal decimal(String text) {
        return new BigDecimal(text);
    }

    @Test
    void decimalsAreRoundedOnceToTheDeclaredType() {
        // 16777217 lies in the middle of two floats: through a double the last digit is lost, which says upwards.
        assertThat(over(Function.SUM, ValueType.FLOAT, decimal("16777217"), decimal("0.0000000000000001")))
                .isEqualTo(16777218f);
        assertThat((float) decimal("16777217.0000000000000001").doubleValue()).isEqualTo(16777216f);
        assertThat(over(Function.SUM, ValueType.DECIMAL, decimal("0.10"), decimal("0.20")))
                .isEqualTo("0.30");
    }

    @Test
    void averagesAreDividedExactly() {
        assertThat(over(Function.AVG, ValueType.DOUBLE, decimal("0.01"), decimal("0.02"), decimal("0.02")))
                .isEqualTo(0.05 / 3);
        assertThat(over(Function.AVG, ValueType.FLOAT, 1L, 2L)).isEqualTo(1.5f);
        assertThat(over(Function.AVG, ValueType.DOUBLE, Long.MAX_VALUE, Long.MAX_VALUE))
                .isEqualTo((double) Long.MAX_VALUE);
    }

    @Test
    void sumsOfFloatingPointNumbersDoNotDependOnTheirOrder() {
        List<Double> numbers = List.of(1e17, 1.0, -1e17, 0.1);

        assertThat(over(Function.SUM, ValueType.DOUBLE, numbers.toArray())).isEqualTo(1.1);
        assertThat(over(Function.SUM, ValueType.DOUBLE, 0.1, -1e17, 1.0, 1e17)).isEqualTo(1.1);
        assertThat(over(Function.SUM, ValueType.FLOAT, 0.1f, 0.2f)).isEqualTo(0.3f);
    }

    @Test
    void whatIsNotFiniteStaysSo() {
        assertThat(over(Function.SUM, ValueType.DOUBLE, 1.0, Double.NaN)).isEqualTo(Double.NaN);
        assertThat(over(Function.AVG, ValueType.FLOAT, 1.0, Double.POSITIVE_INFINITY))
                .isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(over(Function.SUM, ValueType.DOUBLE, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY))
                .isEqualTo(Double.NaN);
        assertThat(over(Function.MAX, ValueType.DOUBLE, 1.0, Double.NaN)).isEqualTo(Double.NaN);
        assertThat(over(Function.MIN, ValueType.DOUBLE, 1.0, Double.NaN)).isEqualTo(1.0);
    }

    @Test
    void bothZerosAreOneValue() {
        assertThat(over(Function.COUNT_DISTINCT, ValueType.INT64, 0.0, -0.0, 1.0))
                .isEqualTo(2L);
        assertThat(over(Function.MIN, ValueType.DOUBLE, -0.0)).isEqualTo(0.0);
    }

    @Test
    void textsCompareByCodePoint() {
        String beyondBasicPlane = new String(Character.toChars(0x1F600));
        assertThat(over(Function.MAX, ValueType.STRING, "\uFF5E", beyondBasicPlane))
                .isEqualTo(beyondBasicPlane);
    }

    @Test
    void aSumThatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> over(Function.SUM, ValueType.INT64, Long.MAX_VALUE, 1L))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VALUE_TYPE_MISMATCH))
                .hasMessage(
                        "9223372036854775808 does not fit into type Int64. Declare a wider type, for example Float64.");
    }
}
