package dev.larder.server;

import com.codahale.metrics.Timer;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import dev.larder.server.online.OnlineFeatures;
import dev.larder.server.online.OnlineRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** {@code POST /get-online-features}. */
final class GetOnlineFeatures implements Endpoint {
    private final OnlineFeatures features;
    private final int maxBodyBytes;
    private final Timer timer;

    GetOnlineFeatures(OnlineFeatures features, int maxBodyBytes, Timer timer) {
        this.features = features;
        this.maxBodyBytes = maxBodyBytes;
        this.timer = timer;
    }

    @Override
    public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Timer.Context timed = timer.time();
        try (ByteArrayBuilder answer = new ByteArrayBuilder()) {
            OnlineRequest asked = OnlineRequest.of(JsonBodies.parse(Bodies.read(request, maxBodyBytes)));
            try (JsonGenerator json = JsonBodies.generator(answer)) {
                features.answer(asked, json);
            }
            Bodies.send(response, 200, answer.toByteArray());
        } finally {
            timed.stop();
        }
    }
}
