package dev.larder.onlinestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.lettuce.core.RedisURI;
import io.lettuce.core.SslVerifyMode;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class RedisUrisTest {

    @Test
    void onlyTheMasterIsSpokenToEncryptedAndAsSomebody() {
        RedisURI uri = RedisUris.behindSentinels(RedisSettings.parse(
                "redis_sentinel",
                "s1,s2:1,ssl=true,ssl_check_hostname=false,username=larder,password=horse,db=2",
                "main",
                OptionalInt.empty()));

        assertThat(uri.isSsl()).isTrue();
        assertThat(uri.getVerifyMode()).isEqualTo(SslVerifyMode.CA);
        assertThat(uri.getDatabase()).isEqualTo(2);
        assertThat(uri.getSentinelMasterId()).isEqualTo("main");
        assertThat(uri.getCredentialsProvider().resolveCredentials().block())
                .hasFieldOrPropertyWithValue("username", "larder");
        assertThat(uri.getSentinels())
                .extracting(RedisURI::getHost, RedisURI::getPort, RedisURI::isSsl)
                .containsExactly(tuple("s1", 26_379, false), tuple("s2", 1, false));
        assertThat(uri.getSentinels()).allSatisfy(sentinel -> assertThat(
                        sentinel.getCredentialsProvider().resolveCredentials().block())
                .hasFieldOrPropertyWithValue("password", null));
    }

    @Test
    void aNodeOfAClusterIsSpokenToEncrypted() {
        RedisSettings settings = RedisSettings.parse("redis_cluster", "a:1,ssl=true", "", OptionalInt.empty());

        RedisURI uri = RedisUris.dataNode(settings, settings.nodes().get(0));

        assertThat(uri.isSsl()).isTrue();
        assertThat(uri.getVerifyMode()).isEqualTo(SslVerifyMode.FULL);
    }
}
