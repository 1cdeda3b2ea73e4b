package dev.larder.offlinestore.training;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import java.util.Objects;
import java.util.Set;

/** How a column of an entity file is read as a join key of a declared type. */
enum KeyType {
    INT32 {
        @Override
        String expression(EntityFrame.Column column) {
            return integer(column, "INTEGER");
        }
    },
    INT64 {
        @Override
        String expression(EntityFrame.Column column) {
            return integer(column, "BIGINT");
        }
    },
    FLOAT {
        @Override
        String expression(EntityFrame.Column column) {
            return "TRY_CAST(%s AS FLOAT)".formatted(column.internal());
        }
    },
    DOUBLE {
        @Override
        String expression(EntityFrame.Column column) {
            return "TRY_CAST(%s AS DOUBLE)".formatted(column.internal());
        }
    },
    BOOL {
        @Override
        boolean accepts(EntityFrame.Column column) {
            return isText(column) || column.type().equals("BOOLEAN");
        }

        @Override
        String expression(EntityFrame.Column column) {
            return "TRY_CAST(%s AS BOOLEAN)".formatted(column.internal());
        }
    },
    TEXT {
        @Override
        boolean accepts(EntityFrame.Column column) {
            return isText(column)
                    || INTEGERS.contains(column.type())
                    || column.type().equals("UUID");
        }

        @Override
        String expression(EntityFrame.Column column) {
            return "CAST(%s AS VARCHAR)".formatted(column.internal());
        }
    },
    TIME {
        @Override
        boolean accepts(EntityFrame.Column column) {
            return TimeType.expression(column) != null;
        }

        @Override
        String expression(EntityFrame.Column column) {
            return Objects.requireNonNull(TimeType.expression(column));
        }
    },
    BYTES {
        @Override
        boolean accepts(EntityFrame.Column column) {
            return column.type().equals("BLOB");
        }

        @Override
        String expression(EntityFrame.Column column) {
            return column.internal();
        }
    };

    private static final Set<String> INTEGERS = Set.of(
            "TINYINT",
            "SMALLINT",
            "INTEGER",
            "BIGINT",
            "HUGEINT",
            "UTINYINT",
            "USMALLINT",
            "UINTEGER",
            "UBIGINT",
            "UHUGEINT");

    /** @throws LarderException {@code ARGUMENT_INVALID} if a join key cannot have that type */
    static KeyType of(ValueType type, String column) {
        return switch (type) {
            case INT32 -> INT32;
            case INT64 -> INT64;
            case FLOAT -> FLOAT;
            case DOUBLE -> DOUBLE;
            case BOOL -> BOOL;
            case STRING, UUID, DECIMAL -> TEXT;
            case UNIX_TIMESTAMP -> TIME;
            case BYTES -> BYTES;
            default ->
                throw new LarderException(
                        ErrorCode.ARGUMENT_INVALID,
                        "Join key %s has type %s, by which rows cannot be joined (expected: a number, Bool, String, Uuid, Decimal, UnixTimestamp or Bytes)"
                                .formatted(column, type.displayName()));
        };
    }

    /** SQL of the key; null where the value is not of the type. */
    abstract String expression(EntityFrame.Column column);

    /** Whether a column of that type can hold such keys at all. */
    boolean accepts(EntityFrame.Column column) {
        return isText(column) || isFloating(column) || INTEGERS.contains(column.type()) || isDecimal(column);
    }

    /** SQL of "there is a value"; NaN is how some writers spell a missing number. */
    String present(EntityFrame.Column column) {
        return isFloating(column)
                ? "(%1$s IS NOT NULL AND NOT isnan(%1$s))".formatted(column.internal())
                : column.internal() + " IS NOT NULL";
    }

    /** Whole numbers only, also where a writer has made them floating-point; a plain cast would round. */
    private static String integer(EntityFrame.Column column, String type) {
        String name = column.internal();
        if (isText(column)) {
            return "CASE WHEN regexp_full_match(trim(%1$s), '[+-]?[0-9]+([.]0*)?') THEN TRY_CAST(regexp_replace(trim(%1$s), '[.]0*$', '') AS %2$s) END"
                    .formatted(name, type);
        }
        return "CASE WHEN %1$s = floor(%1$s) THEN TRY_CAST(%1$s AS %2$s) END".formatted(name, type);
    }

    private static boolean isText(EntityFrame.Column column) {
        return column.type().equals("VARCHAR");
    }

    private static boolean isFloating(EntityFrame.Column column) {
        return column.type().equals("FLOAT") || column.type().equals("DOUBLE");
    }

    private static boolean isDecimal(EntityFrame.Column column) {
        return column.type().startsWith("DECIMAL(");
    }
}
