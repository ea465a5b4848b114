#include <arpa/inet.h>

#include "check.h"
#include "stun.h"
#include "wire.h"

/* RFC 5769 section 2: short-term credentials "evtj:h6vY" / "VOkJxbRl1RmTxUk/WvJxBt". */
static const char *const PASSWORD = "VOkJxbRl1RmTxUk/WvJxBt";
static const char *const SAMPLE_REQUEST = "00010058 2112a442 b7e7a701bc34d686fa87dfae"
                                          "80220010 5354554e207465737420636c69656e74"
                                          "00240004 6e0001ff"
                                          "80290008 932ff9b151263b36"
                                          "00060009 6576746a3a68367659202020"
                                          "00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
                                          "80280004 e57a3bcf";
static const char *const SAMPLE_IPV4_RESPONSE = "0101003c 2112a442 b7e7a701bc34d686fa87dfae"
                                                "8022000b 7465737420766563746f7220"
                                                "00200008 0001a147e112a643"
                                                "00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7"
                                                "80280004 c07d4c96";
static const char *const SAMPLE_IPV6_RESPONSE = "01010048 2112a442 b7e7a701bc34d686fa87dfae"
                                                "8022000b 7465737420766563746f7220"
                                                "00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
                                                "00080014 a382954e4be67bf11784c97c8292c275bfe3ed41"
                                                "80280004 c8fb0b4c";

static tx_hmac_sha1 password_key(const char *password)
{
    tx_hmac_sha1 key;
    tx_hmac_sha1_init(&key, (const uint8_t *)password, strlen(password));
    return key;
}

static void sample_request_is_read_and_proven(void)
{
    uint8_t data[256];
    const size_t length = from_hex(SAMPLE_REQUEST, data, sizeof data);
    const tx_hmac_sha1 key = password_key(PASSWORD);
    tx_stun_view view;
    CHECK(tx_stun_parse(&view, data, length));
    EQUAL(view.type, TX_STUN_BINDING_REQUEST);
    EQUAL(view.priority, 0x6e0001ff);
    CHECK(view.has_priority && view.controlled && !view.controlling && !view.use_candidate);
    EQUAL(view.tie_breaker, (int64_t)0x932ff9b151263b36);
    EQUAL(view.unknown_attribute, 0);
    const uint8_t *ufrag = NULL;
    EQUAL(tx_stun_local_ufrag(&view, &ufrag), 4);
    SAME_BYTES(ufrag, "evtj", 4);
    CHECK(tx_stun_check_integrity(&view, &key));
    CHECK(tx_stun_check_fingerprint(&view));
    const tx_hmac_sha1 wrong = password_key("another password here");
    CHECK(!tx_stun_check_integrity(&view, &wrong));
}

static void sample_responses_are_read(void)
{
    uint8_t data[256];
    tx_stun_view view;
    struct sockaddr_storage address;
    char text[INET6_ADDRSTRLEN];
    const tx_hmac_sha1 key = password_key(PASSWORD);

    CHECK(tx_stun_parse(&view, data, from_hex(SAMPLE_IPV4_RESPONSE, data, sizeof data)));
    CHECK(tx_stun_check_integrity(&view, &key) && tx_stun_check_fingerprint(&view));
    CHECK(tx_stun_mapped_address(&view, &address));
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address;
    EQUAL(ntohs(v4->sin_port), 32853);
    CHECK(strcmp(inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text), "192.0.2.1") == 0);

    CHECK(tx_stun_parse(&view, data, from_hex(SAMPLE_IPV6_RESPONSE, data, sizeof data)));
    CHECK(tx_stun_check_integrity(&view, &key) && tx_stun_check_fingerprint(&view));
    CHECK(tx_stun_mapped_address(&view, &address));
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address;
    EQUAL(ntohs(v6->sin6_port), 32853);
    CHECK(strcmp(inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text), "2001:db8:1234:5678:11:2233:4455:6677") == 0);
}

static void every_flipped_bit_is_noticed(void)
{
    uint8_t data[256];
    const size_t length = from_hex(SAMPLE_REQUEST, data, sizeof data);
    const tx_hmac_sha1 key = password_key(PASSWORD);
    for (size_t bit = 0; bit < length * 8; bit++) {
        data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        tx_stun_view view;
        const bool accepted = tx_stun_parse(&view, data, length) && view.fingerprint_offset
            && tx_stun_check_integrity(&view, &key) && tx_stun_check_fingerprint(&view);
        CHECK(!accepted);
        data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void every_truncation_is_refused(void)
{
    uint8_t data[256];
    const size_t length = from_hex(SAMPLE_REQUEST, data, sizeof data);
    for (size_t n = 0; n < length; n++) {
        uint8_t *exact = malloc(n ? n : 1); /* so that a sanitizer sees a read beyond */
        CHECK(exact);
        memcpy(exact, data, n);
        tx_stun_view view;
        CHECK(!tx_stun_parse(&view, exact, n));
        free(exact);
    }
}

static tx_stun_view build_and_parse(uint8_t *buffer, size_t capacity, bool use_candidate, const tx_hmac_sha1 *key)
{
    const tx_stun_request request = {
        .transaction = (const uint8_t *)"0123456789ab",
        .username = (const uint8_t *)"ours:theirs",
        .username_length = 11,
        .priority = 7,
        .tie_breaker = 99,
        .use_candidate = use_candidate,
    };
    const size_t length = tx_stun_build_request(buffer, capacity, &request, key);
    CHECK(length > 0);
    tx_stun_view view;
    CHECK(tx_stun_parse(&view, buffer, length));
    return view;
}

static void own_request_is_understood(void)
{
    uint8_t buffer[256];
    const tx_hmac_sha1 key = password_key(PASSWORD);
    const tx_stun_view view = build_and_parse(buffer, sizeof buffer, true, &key);
    CHECK(view.use_candidate && view.controlling && !view.controlled);
    CHECK(tx_stun_check_integrity(&view, &key) && tx_stun_check_fingerprint(&view));
}

static void success_tells_the_address(void)
{
    uint8_t request[256], response[TX_STUN_RESPONSE_MAX_BYTES];
    const tx_hmac_sha1 key = password_key(PASSWORD);
    const tx_stun_view asked = build_and_parse(request, sizeof request, false, &key);
    struct sockaddr_in6 peer = {.sin6_family = AF_INET6, .sin6_port = htons(4242)};
    struct sockaddr_storage found;
    tx_stun_view view;

    CHECK(inet_pton(AF_INET6, "2001:db8::7", &peer.sin6_addr) == 1);
    size_t length = tx_stun_success(response, sizeof response, &asked, (const struct sockaddr *)&peer, &key);
    CHECK(length > 0 && tx_stun_parse(&view, response, length));
    EQUAL(view.type, TX_STUN_BINDING_SUCCESS);
    SAME_BYTES(view.transaction, "0123456789ab", 12);
    CHECK(tx_stun_check_integrity(&view, &key) && tx_stun_check_fingerprint(&view));
    CHECK(tx_stun_mapped_address(&view, &found));
    SAME_BYTES(&((struct sockaddr_in6 *)&found)->sin6_addr, &peer.sin6_addr, 16);
    EQUAL(ntohs(((struct sockaddr_in6 *)&found)->sin6_port), 4242);

    /* A dual-stack socket sees v4 peers as mapped v6 addresses: they asked over v4, so they are told v4. */
    CHECK(inet_pton(AF_INET6, "::ffff:10.1.2.3", &peer.sin6_addr) == 1);
    length = tx_stun_success(response, sizeof response, &asked, (const struct sockaddr *)&peer, &key);
    CHECK(length > 0 && tx_stun_parse(&view, response, length) && tx_stun_mapped_address(&view, &found));
    EQUAL(found.ss_family, AF_INET);
    EQUAL(ntohl(((struct sockaddr_in *)&found)->sin_addr.s_addr), 0x0a010203);

    const struct sockaddr local = {.sa_family = AF_UNIX};
    EQUAL(tx_stun_success(response, sizeof response, &asked, &local, &key), 0);
}

static void errors_carry_their_code(void)
{
    uint8_t request[256], response[TX_STUN_RESPONSE_MAX_BYTES];
    const tx_hmac_sha1 key = password_key(PASSWORD);
    tx_stun_view asked = build_and_parse(request, sizeof request, false, &key);
    asked.unknown_attribute = 0x7abc;
    const unsigned codes[4] = {400, 401, 420, 487};
    for (size_t i = 0; i < 4; i++) {
        for (int is_signed = 0; is_signed < 2; is_signed++) {
            tx_stun_view view;
            const size_t length = tx_stun_error(response, sizeof response, &asked, codes[i], is_signed ? &key : NULL);
            CHECK(length > 0 && tx_stun_parse(&view, response, length));
            EQUAL(view.type, TX_STUN_BINDING_ERROR);
            EQUAL(tx_stun_error_code(&view), codes[i]);
            CHECK(tx_stun_check_fingerprint(&view));
            EQUAL(tx_stun_check_integrity(&view, &key), is_signed);
        }
    }
    EQUAL(tx_stun_error(response, sizeof response, &asked, 500, NULL), 0);
}

static void nothing_is_written_beyond_the_capacity(void)
{
    uint8_t request[256];
    const tx_hmac_sha1 key = password_key(PASSWORD);
    const tx_stun_view asked = build_and_parse(request, sizeof request, false, &key);
    const struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = 1};
    uint8_t whole[TX_STUN_RESPONSE_MAX_BYTES];
    const size_t needed = tx_stun_success(whole, sizeof whole, &asked, (const struct sockaddr *)&peer, &key);
    for (size_t n = 0; n < needed; n++) {
        uint8_t *exact = malloc(n ? n : 1);
        CHECK(exact);
        EQUAL(tx_stun_success(exact, n, &asked, (const struct sockaddr *)&peer, &key), 0);
        free(exact);
    }
}

/* Header with a body given in hexadecimal; the length field is set right. */
static bool parses(const char *body, tx_stun_view *view, uint8_t *data)
{
    size_t length = from_hex("00010000 2112a442 000102030405060708090a0b", data, 20);
    length += from_hex(body, data + 20, 512);
    tx_put16(data + 2, (uint16_t)(length - 20));
    return tx_stun_parse(view, data, length);
}

static void malformed_attributes_are_refused(void)
{
    uint8_t data[600];
    tx_stun_view view;
    CHECK(parses("", &view, data));
    CHECK(!parses("0025", &view, data));              /* half an attribute header */
    CHECK(!parses("00240004", &view, data));          /* value missing */
    CHECK(!parses("00240002 00000000", &view, data)); /* PRIORITY of two bytes */
    CHECK(!parses("00250004 00000000", &view, data)); /* USE-CANDIDATE with a value */
    CHECK(!parses("802a0004 00000000", &view, data)); /* tie breaker of four bytes */
    CHECK(!parses("0006ffff 00000000", &view, data)); /* longer than the packet */
    CHECK(!parses("00080010 00000000 00000000 00000000 00000000", &view, data));
    CHECK(!parses("80280004 00000000 00250000", &view, data)); /* something after FINGERPRINT */
    CHECK(!parses("8028 0002 00000000", &view, data));
    CHECK(parses("7abc0000 00250000", &view, data));
    EQUAL(view.unknown_attribute, 0x7abc);
    CHECK(parses("ffff0000", &view, data)); /* unknown, but optional */
    EQUAL(view.unknown_attribute, 0);
}

static void what_follows_the_integrity_attribute_is_not_believed(void)
{
    uint8_t data[600];
    tx_stun_view view;
    CHECK(parses("00080014 0000000000000000000000000000000000000000 00250000", &view, data));
    CHECK(!view.use_candidate);
    CHECK(view.integrity_offset == 20);
}

static void attributes_and_size_are_bounded(void)
{
    uint8_t data[600];
    tx_stun_view view;
    char body[TX_STUN_MAX_ATTRIBUTES * 8 + 9] = "";
    for (int i = 0; i < TX_STUN_MAX_ATTRIBUTES; i++)
        strcat(body, "80010000");
    CHECK(parses(body, &view, data));
    strcat(body, "80010000");
    CHECK(!parses(body, &view, data));
    uint8_t large[TX_STUN_MAX_BYTES + 4] = {0};
    tx_put32(large + 4, 0x2112a442);
    tx_put16(large + 2, sizeof large - 20);
    CHECK(!tx_stun_parse(&view, large, sizeof large));
}

int main(void)
{
    RUN(sample_request_is_read_and_proven);
    RUN(sample_responses_are_read);
    RUN(every_flipped_bit_is_noticed);
    RUN(every_truncation_is_refused);
    RUN(own_request_is_understood);
    RUN(success_tells_the_address);
    RUN(errors_carry_their_code);
    RUN(nothing_is_written_beyond_the_capacity);
    RUN(malformed_attributes_are_refused);
    RUN(what_follows_the_integrity_attribute_is_not_believed);
    RUN(attributes_and_size_are_bounded);
    return 0;
}
