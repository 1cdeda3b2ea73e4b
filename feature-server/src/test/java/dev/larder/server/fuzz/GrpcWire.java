package dev.larder.server.fuzz;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A connection of HTTP/2 that sends calls as they are, and what comes back. For use by one thread. */
// What cannot be written is seen as an answer that does not come.
@SuppressWarnings("FutureReturnValueIgnored")
final class GrpcWire implements AutoCloseable {
    private final EventLoopGroup threads = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final URI server;
    private final long patienceSeconds;
    private @Nullable Channel connection;

    /** @param server of which host and port count */
    GrpcWire(URI server, long patienceSeconds) {
        this.server = server;
        this.patienceSeconds = patienceSeconds;
    }

    /**
     * How a call ended.
     *
     * @param http status of HTTP, 0: none
     * @param grpc number of the status, -1: none
     * @param reset whether the server gave up
     */
    record Answer(int http, int grpc, String message, boolean reset) {}

    /** @throws TimeoutException if the call does not end in time */
    Answer send(GrpcInput input) throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<Answer> end = new CompletableFuture<>();
        Http2StreamChannel stream = new Http2StreamChannelBootstrap(connected())
                .handler(new Collector(end))
                .open()
                .get(patienceSeconds, TimeUnit.SECONDS);
        Http2Headers headers = new DefaultHttp2Headers(false)
                .method(input.method())
                .scheme("http")
                .path(input.path())
                .authority("127.0.0.1");
        List<String> more = input.headers();
        for (int i = 0; i < more.size(); i += 2) {
            headers.add(more.get(i), more.get(i + 1));
        }
        List<byte[]> pieces = input.pieces();
        boolean empty = pieces.isEmpty();
        stream.write(new DefaultHttp2HeadersFrame(headers, empty && !input.reset()));
        for (int i = 0; i < pieces.size(); i++) {
            boolean last = i == pieces.size() - 1 && !input.reset();
            stream.write(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(pieces.get(i)), last));
        }
        stream.flush();
        if (input.reset()) {
            stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
            end.complete(new Answer(0, -1, "", true));
        }
        try {
            return end.get(patienceSeconds, TimeUnit.SECONDS);
        } finally {
            stream.close();
            if (input.broken()) {
                // The server may be about to close the connection.
                stream.parent().close();
                connection = null;
            }
        }
    }

    private Channel connected() throws InterruptedException {
        Channel open = connection;
        if (open == null || !open.isActive()) {
            open = new Bootstrap()
                    .group(threads)
                    .channel(NioSocketChannel.class)
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline()
                                    .addLast(
                                            Http2FrameCodecBuilder.forClient()
                                                    .validateHeaders(false)
                                                    .build(),
                                            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                        }
                    })
                    .connect(server.getHost(), server.getPort())
                    .sync()
                    .channel();
            connection = open;
        }
        return open;
    }

    @Override
    public void close() {
        threads.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private static final class Collector extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Answer> end;
        private int http;
        private int grpc = -1;
        private String message = "";

        Collector(CompletableFuture<Answer> end) {
            this.end = end;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object frame) {
            if (frame instanceof Http2HeadersFrame headers) {
                http = number(headers.headers().status(), http);
                grpc = number(headers.headers().get("grpc-status"), grpc);
                CharSequence text = headers.headers().get("grpc-message");
                message = text == null ? message : text.toString();
                if (headers.isEndStream()) {
                    end.complete(new Answer(http, grpc, message, false));
                }
            }
            if (frame instanceof Http2DataFrame data && data.isEndStream()) {
                end.complete(new Answer(http, grpc, message, false));
            }
            ReferenceCountUtil.release(frame);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof Http2ResetFrame) {
                end.complete(new Answer(http, grpc, message, true));
            }
            ReferenceCountUtil.release(event);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            end.complete(new Answer(http, grpc, message, grpc < 0));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            end.complete(new Answer(http, grpc, message, true));
        }

        private static int number(@Nullable CharSequence text, int otherwise) {
            return text == null ? otherwise : Integer.parseInt(text.toString());
        }
    }
}
