package dev.larder.server.fuzz;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Requests made of valid ones by changing their bodies, heads and framing; the same number gives the same request. */
final class HttpInputs {
    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    /** That the server takes. */
    private static final int LONGEST_HEAD = 16 << 10;

    private static final List<String> METHODS = List.of(
            "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PRI", "post", "X".repeat(300), "");
    private static final List<String> TARGETS = List.of(
            "/",
            "//",
            "/health/",
            "/Health",
            "/health;a=b",
            "/health%00",
            "/%68ealth",
            "/./health",
            "/a/../health",
            "/%2e%2e/health",
            "*",
            "health",
            "http://other.example/health",
            "http://[::1/health",
            "/docs/../../x",
            "/docs/%2e%2e%2f%2e%2e%2fweb.xml",
            "/docs/swagger-ui.css",
            "/docs/",
            "/docs/a/b",
            "/metrics?name[]=x",
            "/openapi.json?",
            "/materialize?async=maybe",
            "/materialize?async=%zz",
            "/api/v1/features?x=1",
            "/api/v1/features/",
            "/api/v1/features//",
            "/api/v1/features/%",
            "/api/v1/features/%zz/1",
            "/api/v1/features/%ff/%fe",
            "/api/v1/features/\u00e9/1",
            "/api/v1/features/" + "a/".repeat(2000),
            "/api/v1/features/" + "x".repeat(20_000),
            "/\0",
            "/a b",
            "/?\u00ff",
            "/#x");
    private static final List<String> QUERIES = List.of(
            "?feature=",
            "?feature",
            "?feature=%ff",
            "?feature=%",
            "?feature=a&feature=a",
            "?&&&===",
            "?Feature=score",
            "?feature=score",
            "?feature=score&feature=score",
            "?feature=%ed%a0%80",
            "?x=" + "y".repeat(9000),
            "?\0");
    private static final List<String> HEADERS = List.of(
            "Content-Type: text/plain",
            "Content-Type:",
            "Content-Type: application/json; charset=utf-16",
            "Content-Type: application/json; charset=nope",
            "Content-Type: \u00ff/\u00fe; =;;",
            "Content-Type: multipart/form-data; boundary=",
            "Content-Type: application/x-www-form-urlencoded",
            "Content-Encoding: gzip",
            "Content-Encoding: nope",
            "Accept: text/html",
            "Accept: ;q=x,,,*/*;q=9",
            "Accept: application/openmetrics-text",
            "Accept-Encoding: br, gzip;q=0, *;q=-1",
            "Expect: 100-continue",
            "Expect: 200-maybe",
            "Connection: upgrade",
            "Upgrade: h2c",
            "Upgrade: websocket",
            "Connection: close",
            "Connection: content-length, host",
            "Host: other",
            "Host: a b",
            "Host: \u00e9",
            "Cookie: =;=;\"",
            "X: " + "y".repeat(20_000),
            "Range: bytes=-1--5",
            "If-None-Match: *",
            "If-Modified-Since: never",
            "Forwarded: for=;proto=",
            "X-Forwarded-Host: ::::",
            "Authorization: Basic !!!",
            "Content-Language: \t",
            "Date: 0");
    private static final List<String> BROKEN_HEADERS = List.of(
            "Content-Length: -1",
            "Content-Length: 99999999999999999999",
            "Content-Length: 4294967296",
            "Content-Length: 1x",
            "Content-Length: 1, 2",
            "Content-Length: 5000000",
            "Transfer-Encoding: chunked",
            "Transfer-Encoding: gzip",
            "Transfer-Encoding: chunked, chunked",
            "Transfer-Encoding: identity",
            "no colon",
            ": nameless",
            " folded: yes",
            "Na me: x",
            "N\0ull: x",
            "X: a\rb",
            "X: a\0b",
            "Host: a\r\nHost: b",
            "\u00e9: x");
    private static final List<String> VERSIONS =
            List.of("HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9.9", "http/1.1", "HTTP/1.1 ", "");

    private final long seed;
    private final List<HttpRequest> valid;

    /** @param valid at least one with a body */
    HttpInputs(long seed, List<HttpRequest> valid) {
        this.seed = seed;
        this.valid = List.copyOf(valid);
    }

    HttpInput get(long number) {
        Random random = Inputs.random(seed, number);
        HttpRequest base = valid.get(random.nextInt(valid.size()));
        Message message = new Message(base.method(), base.target(), base.body().getBytes(StandardCharsets.UTF_8));
        int kind = random.nextInt(100);
        if (kind < 50) {
            message.body = changedTree(random, base.body());
        } else if (kind < 66) {
            message.body = changedBytes(random, message.body);
        } else if (kind < 72) {
            message.body = encoded(random, message);
        } else if (kind < 84) {
            changeTarget(random, message);
        } else if (kind < 92) {
            changeHead(random, message);
        } else {
            breakFraming(random, message);
        }
        return message.input(random);
    }

    // ---- bodies ----------------------------------------------------------------------------------------------------

    private static byte[] changedTree(Random random, String body) {
        try {
            ObjectNode holder = NODES.objectNode();
            holder.set("body", body.isEmpty() ? NODES.objectNode() : JSON.readTree(body));
            for (int changes = random.nextInt(3); changes >= 0; changes--) {
                changeNode(random, holder);
            }
            return JSON.writeValueAsBytes(holder.get("body"));
        } catch (JsonProcessingException e) {
            // It was no JSON to begin with.
            return changedBytes(random, body.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void changeNode(Random random, ObjectNode holder) {
        List<Consumer<@Nullable JsonNode>> places = new ArrayList<>();
        List<JsonNode> found = new ArrayList<>();
        collect(holder, places, found);
        int chosen = random.nextInt(places.size());
        JsonNode node = found.get(chosen);
        switch (random.nextInt(8)) {
            case 0 -> places.get(chosen).accept(chosen == 0 ? NODES.nullNode() : null);
            case 1 -> {
                if (node instanceof ObjectNode object) {
                    object.set(random.nextBoolean() ? "extra" : "driver_id", odd(random));
                } else if (node instanceof ArrayNode array) {
                    array.add(odd(random));
                }
            }
            case 2 -> {
                if (node instanceof ArrayNode array) {
                    for (int i = random.nextInt(200); i > 0; i--) {
                        array.add(array.isEmpty() ? odd(random) : array.get(0));
                    }
                }
            }
            case 3 -> places.get(chosen).accept(NODES.arrayNode().add(node));
            default -> places.get(chosen).accept(odd(random));
        }
    }

    private static void collect(JsonNode node, List<Consumer<@Nullable JsonNode>> places, List<JsonNode> found) {
        if (node instanceof ObjectNode object) {
            for (var field : object.properties()) {
                String name = field.getKey();
                places.add(other -> {
                    if (other == null) {
                        object.remove(name);
                    } else {
                        object.set(name, other);
                    }
                });
                found.add(field.getValue());
                collect(field.getValue(), places, found);
            }
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                int index = i;
                places.add(other -> array.set(index, other == null ? NODES.nullNode() : other));
                found.add(array.get(i));
                collect(array.get(i), places, found);
            }
        }
    }

    private static JsonNode odd(Random random) {
        return switch (random.nextInt(10)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(random.nextBoolean());
            case 2 -> NODES.objectNode();
            case 3 -> NODES.arrayNode();
            case 4 -> nested(random);
            case 5, 6 -> NODES.rawValueNode(new RawValue(Odd.number(random)));
            case 7 -> NODES.numberNode(Odd.integer(random));
            default -> NODES.rawValueNode(new RawValue(quoted(Odd.text(random))));
        };
    }

    private static JsonNode nested(Random random) {
        int depth = new int[] {3, 60, 900, 1100, 20_000}[random.nextInt(5)];
        boolean array = random.nextBoolean();
        return NODES.rawValueNode(
                new RawValue((array ? "[" : "{\"a\":").repeat(depth) + "1" + (array ? "]" : "}").repeat(depth)));
    }

    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                json.append("\\u%04x".formatted((int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }

    private static byte[] changedBytes(Random random, byte[] body) {
        byte[] changed = body.length == 0 ? new byte[] {'{'} : body.clone();
        for (int changes = random.nextInt(3); changes >= 0; changes--) {
            int at = random.nextInt(changed.length);
            changed = switch (random.nextInt(6)) {
                case 0 -> Arrays.copyOf(changed, Math.max(1, at));
                case 1 -> {
                    changed[at] = (byte) random.nextInt(256);
                    yield changed;
                }
                case 2 -> inserted(changed, at, new byte[] {(byte) random.nextInt(256), (byte) random.nextInt(256)});
                case 3 -> inserted(changed, at, Arrays.copyOfRange(changed, at, Math.min(changed.length, at + 40)));
                case 4 -> inserted(changed, at, ("\"\\ud800" + Odd.number(random)).getBytes(StandardCharsets.US_ASCII));
                // A key that is there already, with another value.
                default ->
                    inserted(
                            changed,
                            1,
                            ("\""
                                            + List.of("entities", "features", "df", "feature_service")
                                                    .get(random.nextInt(4))
                                            + "\":" + Odd.number(random) + ",")
                                    .getBytes(StandardCharsets.US_ASCII));
            };
        }
        return changed;
    }

    private static byte[] inserted(byte[] body, int at, byte[] more) {
        ByteArrayOutputStream longer = new ByteArrayOutputStream();
        longer.write(body, 0, at);
        longer.writeBytes(more);
        longer.write(body, at, body.length - at);
        return longer.toByteArray();
    }

    private static byte[] encoded(Random random, Message message) {
        String text = new String(message.body, StandardCharsets.UTF_8);
        return switch (random.nextInt(7)) {
            case 0 -> text.getBytes(StandardCharsets.UTF_16);
            case 1 -> text.getBytes(StandardCharsets.UTF_16LE);
            case 2 -> ("\ufeff" + text).getBytes(StandardCharsets.UTF_8);
            case 3 -> {
                message.headers.add("Content-Encoding: gzip");
                yield zipped(message.body);
            }
            case 4 -> zipped(message.body);
            case 5 -> {
                byte[] noise = new byte[random.nextInt(3000)];
                random.nextBytes(noise);
                yield noise;
            }
            default -> text.getBytes(Charset.forName("UTF-32"));
        };
    }

    private static byte[] zipped(byte[] body) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(packed)) {
            zip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    // ---- heads -----------------------------------------------------------------------------------------------------

    private static void changeTarget(Random random, Message message) {
        switch (random.nextInt(4)) {
            case 0 -> message.target += QUERIES.get(random.nextInt(QUERIES.size()));
            case 1 -> {
                message.target = TARGETS.get(random.nextInt(TARGETS.size()));
                if (message.body.length == 0 || random.nextBoolean()) {
                    message.method = "GET";
                    message.body = new byte[0];
                }
                message.odd();
            }
            case 2 -> {
                byte[] changed = message.target.getBytes(StandardCharsets.ISO_8859_1);
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
                message.target = new String(changed, StandardCharsets.ISO_8859_1);
                message.odd();
            }
            default -> {
                String view = List.of(
                                "driver_basic", "driver_stale", "pair_stats", "global_stats", "nope", "basic_pandas")
                        .get(random.nextInt(6));
                StringBuilder path = new StringBuilder("/api/v1/features/").append(view);
                for (int keys = random.nextInt(4); keys > 0; keys--) {
                    path.append('/').append(random.nextBoolean() ? "1001" : percent(Odd.text(random)));
                }
                message.method = "GET";
                message.body = new byte[0];
                message.target = path + (random.nextInt(3) == 0 ? QUERIES.get(random.nextInt(QUERIES.size())) : "");
                message.odd();
            }
        }
    }

    private static String percent(String text) {
        StringBuilder path = new StringBuilder();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            path.append("%%%02X".formatted(each & 0xFF));
        }
        return path.toString();
    }

    private static void changeHead(Random random, Message message) {
        if (random.nextInt(5) == 0) {
            message.method = METHODS.get(random.nextInt(METHODS.size()));
            message.odd();
        }
        for (int more = random.nextInt(3); more >= 0; more--) {
            message.headers.add(HEADERS.get(random.nextInt(HEADERS.size())));
        }
        message.last = true;
    }

    private static void breakFraming(Random random, Message message) {
        message.odd();
        switch (random.nextInt(7)) {
            case 0 -> {
                message.version = VERSIONS.get(random.nextInt(VERSIONS.size()));
            }
            case 1, 2 -> message.headers.add(BROKEN_HEADERS.get(random.nextInt(BROKEN_HEADERS.size())));
            case 3 -> message.announced = message.body.length + 1 + random.nextInt(100_000);
            case 4 -> {
                message.announced = -1;
                message.headers.add("Transfer-Encoding: chunked");
                message.body = chunked(random, message.body);
            }
            case 5 -> message.noise = changedBytes(random, message.head(random).getBytes(StandardCharsets.ISO_8859_1));
            default -> {
                byte[] noise = new byte[1 + random.nextInt(500)];
                random.nextBytes(noise);
                message.noise = noise;
            }
        }
    }

    private static byte[] chunked(Random random, byte[] body) {
        String size =
                switch (random.nextInt(6)) {
                    case 0 -> "fffffffff";
                    case 1 -> "-1";
                    case 2 -> "xyz";
                    case 3 -> Integer.toHexString(body.length) + ";" + "e".repeat(5000);
                    default -> Integer.toHexString(body.length);
                };
        ByteArrayOutputStream framed = new ByteArrayOutputStream();
        framed.writeBytes((size + "\r\n").getBytes(StandardCharsets.US_ASCII));
        framed.writeBytes(body);
        framed.writeBytes((random.nextInt(4) == 0 ? "\r\n" : "\r\n0\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return framed.toByteArray();
    }

    /** A request that is being put together. */
    private static final class Message {
        private String method;
        private String target;
        private String version = "HTTP/1.1";
        private byte[] body;
        private final List<String> headers = new ArrayList<>();
        private int announced;
        private boolean last;
        private boolean broken;
        private byte @Nullable [] noise;

        Message(String method, String target, byte[] body) {
            this.method = method;
            this.target = target;
            this.body = body;
        }

        void odd() {
            last = true;
            broken = true;
        }

        String head(Random random) {
            StringBuilder head = new StringBuilder(method + " " + target + " " + version + "\r\nHost: x\r\n");
            if (body.length > 0 && random.nextInt(8) > 0) {
                head.append("Content-Type: application/json\r\n");
            }
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            if (announced >= 0) {
                head.append("Content-Length: ")
                        .append(Math.max(announced, body.length))
                        .append("\r\n");
            }
            return head.append("\r\n").toString();
        }

        HttpInput input(Random random) {
            byte[] onlyNoise = noise;
            if (onlyNoise != null) {
                return new HttpInput(onlyNoise, last, method.equals("HEAD"), broken);
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.writeBytes(head(random).getBytes(StandardCharsets.ISO_8859_1));
            // What is refused before it was read whole may lose the answer on its way: TCP drops it.
            boolean tooLong = bytes.size() > LONGEST_HEAD;
            bytes.writeBytes(body);
            return new HttpInput(bytes.toByteArray(), last, method.equals("HEAD"), broken || tooLong);
        }
    }
}
