#include "stun.h"

#include <openssl/crypto.h>
#include <string.h>

#include "wire.h"

#define MAGIC_COOKIE 0x2112a442u
#define HEADER_BYTES 20
#define INTEGRITY_BYTES 24  /* attribute header and HMAC */
#define FINGERPRINT_BYTES 8 /* attribute header and CRC */
#define FINGERPRINT_MASK 0x5354554eu

enum {
    MAPPED_ADDRESS = 0x0001,
    USERNAME = 0x0006,
    MESSAGE_INTEGRITY = 0x0008,
    ERROR_CODE = 0x0009,
    UNKNOWN_ATTRIBUTES = 0x000a,
    REALM = 0x0014,
    NONCE = 0x0015,
    MESSAGE_INTEGRITY_SHA256 = 0x001c,
    XOR_MAPPED_ADDRESS = 0x0020,
    PRIORITY = 0x0024,
    USE_CANDIDATE = 0x0025,
    FINGERPRINT = 0x8028,
    ICE_CONTROLLED = 0x8029,
    ICE_CONTROLLING = 0x802a,
};

enum { FAMILY_IPV4 = 1, FAMILY_IPV6 = 2 };

/* CRC-32 of ISO 3309 by half bytes: a table of 64 bytes stays in the cache, and checks are short. */
static uint32_t crc32_iso(const uint8_t *data, size_t length)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < length; i++) {
        crc ^= data[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

/* ---- reading ---- */

static bool is_known(uint16_t type)
{
    switch (type) {
    case MAPPED_ADDRESS:
    case USERNAME:
    case MESSAGE_INTEGRITY:
    case ERROR_CODE:
    case UNKNOWN_ATTRIBUTES:
    case REALM:
    case NONCE:
    case MESSAGE_INTEGRITY_SHA256:
    case XOR_MAPPED_ADDRESS:
    case PRIORITY:
    case USE_CANDIDATE: return true;
    default: return false;
    }
}

/* One attribute before MESSAGE-INTEGRITY; false when its length does not suit its type. */
static bool note_attribute(tx_stun_view *view, uint16_t type, const uint8_t *value, uint16_t length)
{
    switch (type) {
    case USERNAME:
        if (length > 513)
            return false; /* RFC 8489 14.3: fewer than 509 bytes of text, padded */
        if (!view->username) {
            view->username = value;
            view->username_length = length;
        }
        return true;
    case PRIORITY:
        if (length != 4)
            return false;
        view->priority = tx_get32(value);
        view->has_priority = true;
        return true;
    case USE_CANDIDATE:
        if (length != 0)
            return false;
        view->use_candidate = true;
        return true;
    case ICE_CONTROLLING:
    case ICE_CONTROLLED:
        if (length != 8)
            return false;
        view->tie_breaker = tx_get64(value);
        if (type == ICE_CONTROLLING)
            view->controlling = true;
        else
            view->controlled = true;
        return true;
    default:
        if (type < 0x8000 && !is_known(type) && !view->unknown_attribute)
            view->unknown_attribute = type;
        return true;
    }
}

bool tx_stun_parse(tx_stun_view *view, const uint8_t *data, size_t length)
{
    memset(view, 0, sizeof *view);
    if (length < HEADER_BYTES || length > TX_STUN_MAX_BYTES)
        return false;
    if (data[0] & 0xc0 || tx_get32(data + 4) != MAGIC_COOKIE)
        return false;
    const size_t body = tx_get16(data + 2);
    if (body % 4 != 0 || body != length - HEADER_BYTES)
        return false;
    view->data = data;
    view->length = (uint16_t)length;
    view->type = tx_get16(data);
    view->transaction = data + 8;
    size_t at = HEADER_BYTES;
    for (unsigned count = 0; at < length; count++) {
        if (count == TX_STUN_MAX_ATTRIBUTES || length - at < 4 || view->fingerprint_offset)
            return false;
        const uint16_t type = tx_get16(data + at);
        const uint16_t value_length = tx_get16(data + at + 2);
        const size_t padded = ((size_t)value_length + 3) & ~(size_t)3;
        if (padded > length - at - 4)
            return false;
        if (type == FINGERPRINT) { /* the last attribute (RFC 8489 14.7); the loop refuses anything after it */
            if (value_length != 4)
                return false;
            view->fingerprint_offset = (uint16_t)at;
        } else if (view->integrity_offset) {
            /* RFC 8489 14.5: not covered by the integrity check, so not read */
        } else if (type == MESSAGE_INTEGRITY) {
            if (value_length != TX_HMAC_SHA1_LENGTH)
                return false;
            view->integrity_offset = (uint16_t)at;
        } else if (!note_attribute(view, type, data + at + 4, value_length)) {
            return false;
        }
        at += 4 + padded;
    }
    return true;
}

size_t tx_stun_local_ufrag(const tx_stun_view *view, const uint8_t **ufrag)
{
    if (!view->username || !view->username_length)
        return 0;
    const uint8_t *colon = memchr(view->username, ':', view->username_length);
    if (!colon)
        return 0;
    *ufrag = view->username;
    return (size_t)(colon - view->username);
}

/* HMAC over the message up to `offset`, as if it ended with the integrity attribute there (RFC 8489 14.5). */
static void integrity(const uint8_t *data, size_t offset, const tx_hmac_sha1 *password, uint8_t *tag)
{
    uint8_t adjusted[2];
    tx_put16(adjusted, (uint16_t)(offset - HEADER_BYTES + INTEGRITY_BYTES));
    const tx_span pieces[3] = {{data, 2}, {adjusted, 2}, {data + 4, offset - 4}};
    tx_hmac_sha1_tag(password, pieces, 3, tag);
}

bool tx_stun_check_integrity(const tx_stun_view *view, const tx_hmac_sha1 *password)
{
    if (!view->integrity_offset)
        return false;
    uint8_t tag[TX_HMAC_SHA1_LENGTH];
    integrity(view->data, view->integrity_offset, password, tag);
    return CRYPTO_memcmp(tag, view->data + view->integrity_offset + 4, sizeof tag) == 0;
}

bool tx_stun_check_fingerprint(const tx_stun_view *view)
{
    if (!view->fingerprint_offset)
        return true;
    /* FINGERPRINT is last, so the length field is already the one that the CRC covers. */
    const uint32_t crc = crc32_iso(view->data, view->fingerprint_offset) ^ FINGERPRINT_MASK;
    return crc == tx_get32(view->data + view->fingerprint_offset + 4);
}

/* Value of the first attribute of this type, NULL when absent.  The view's bounds were proven by parse. */
static const uint8_t *find(const tx_stun_view *view, uint16_t wanted, uint16_t *length)
{
    size_t at = HEADER_BYTES;
    while (at + 4 <= view->length) {
        const uint16_t value_length = tx_get16(view->data + at + 2);
        if (tx_get16(view->data + at) == wanted) {
            *length = value_length;
            return view->data + at + 4;
        }
        at += 4 + (((size_t)value_length + 3) & ~(size_t)3);
    }
    return NULL;
}

bool tx_stun_mapped_address(const tx_stun_view *view, struct sockaddr_storage *address)
{
    uint16_t length = 0;
    const uint8_t *value = find(view, XOR_MAPPED_ADDRESS, &length);
    if (!value || length < 8)
        return false;
    const uint16_t port = (uint16_t)(tx_get16(value + 2) ^ (MAGIC_COOKIE >> 16));
    if (value[1] == FAMILY_IPV4 && length == 8) {
        memset(address, 0, sizeof *address);
        struct sockaddr_in *v4 = (struct sockaddr_in *)address;
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        v4->sin_addr.s_addr = htonl(tx_get32(value + 4) ^ MAGIC_COOKIE);
        return true;
    }
    if (value[1] == FAMILY_IPV6 && length == 20) {
        memset(address, 0, sizeof *address);
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        for (size_t i = 0; i < 16; i++)
            v6->sin6_addr.s6_addr[i] = value[4 + i] ^ view->data[4 + i];
        return true;
    }
    return false;
}

unsigned tx_stun_error_code(const tx_stun_view *view)
{
    uint16_t length = 0;
    const uint8_t *value = find(view, ERROR_CODE, &length);
    if (!value || length < 4)
        return 0;
    const unsigned hundreds = value[2] & 7;
    return hundreds >= 3 && hundreds <= 6 && value[3] < 100 ? hundreds * 100 + value[3] : 0;
}

/* ---- building ---- */

static void write_header(tx_writer *w, uint16_t type, const uint8_t *transaction)
{
    tx_write16(w, type);
    tx_write16(w, 0);
    tx_write32(w, MAGIC_COOKIE);
    tx_write_bytes(w, transaction, 12);
}

static void write_attribute(tx_writer *w, uint16_t type, const void *value, size_t length)
{
    tx_write16(w, type);
    tx_write16(w, (uint16_t)length);
    tx_write_bytes(w, value, length);
    tx_write_zeros(w, (4 - length % 4) % 4);
}

/* Appends MESSAGE-INTEGRITY (when keyed) and FINGERPRINT and sets the length.  Returns the message's length or 0. */
static size_t finish(tx_writer *w, const tx_hmac_sha1 *password)
{
    if (w->failed)
        return 0;
    if (password) {
        uint8_t tag[TX_HMAC_SHA1_LENGTH];
        integrity(w->start, tx_writer_length(w), password, tag);
        write_attribute(w, MESSAGE_INTEGRITY, tag, sizeof tag);
    }
    if (w->failed)
        return 0;
    const size_t offset = tx_writer_length(w);
    tx_put16(w->start + 2, (uint16_t)(offset + FINGERPRINT_BYTES - HEADER_BYTES));
    uint8_t crc[4];
    tx_put32(crc, crc32_iso(w->start, offset) ^ FINGERPRINT_MASK);
    write_attribute(w, FINGERPRINT, crc, sizeof crc);
    return w->failed ? 0 : tx_writer_length(w);
}

static bool write_xor_mapped(tx_writer *w, const struct sockaddr *mapped, const uint8_t *transaction)
{
    uint8_t value[20] = {0};
    uint8_t mask[16]; /* magic cookie, then transaction (RFC 8489 14.2) */
    tx_put32(mask, MAGIC_COOKIE);
    memcpy(mask + 4, transaction, 12);
    uint8_t ip[16];
    size_t ip_length;
    in_port_t port;
    if (mapped->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)mapped;
        memcpy(ip, &v4->sin_addr, ip_length = 4);
        port = v4->sin_port;
    } else if (mapped->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)mapped;
        port = v6->sin6_port;
        if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
            memcpy(ip, v6->sin6_addr.s6_addr + 12, ip_length = 4);
        } else {
            memcpy(ip, v6->sin6_addr.s6_addr, ip_length = 16);
        }
    } else {
        return false;
    }
    value[1] = ip_length == 4 ? FAMILY_IPV4 : FAMILY_IPV6;
    tx_put16(value + 2, (uint16_t)(ntohs(port) ^ (MAGIC_COOKIE >> 16)));
    for (size_t i = 0; i < ip_length; i++)
        value[4 + i] = ip[i] ^ mask[i];
    write_attribute(w, XOR_MAPPED_ADDRESS, value, 4 + ip_length);
    return true;
}

size_t tx_stun_success(uint8_t *out, size_t capacity, const tx_stun_view *request, const struct sockaddr *mapped,
                       const tx_hmac_sha1 *password)
{
    tx_writer w = tx_writer_over(out, capacity);
    write_header(&w, TX_STUN_BINDING_SUCCESS, request->transaction);
    if (!write_xor_mapped(&w, mapped, request->transaction))
        return 0;
    return finish(&w, password);
}

size_t tx_stun_error(uint8_t *out, size_t capacity, const tx_stun_view *request, unsigned code,
                     const tx_hmac_sha1 *password)
{
    const char *reason;
    switch (code) {
    case 400: reason = "Bad Request"; break;
    case 401: reason = "Unauthenticated"; break;
    case 420: reason = "Unknown Attribute"; break;
    case 487: reason = "Role Conflict"; break;
    default: return 0;
    }
    uint8_t value[32] = {0};
    const size_t reason_length = strlen(reason);
    value[2] = (uint8_t)(code / 100);
    value[3] = (uint8_t)(code % 100);
    memcpy(value + 4, reason, reason_length);
    tx_writer w = tx_writer_over(out, capacity);
    write_header(&w, TX_STUN_BINDING_ERROR, request->transaction);
    write_attribute(&w, ERROR_CODE, value, 4 + reason_length);
    if (code == 420) {
        uint8_t unknown[2];
        tx_put16(unknown, request->unknown_attribute);
        write_attribute(&w, UNKNOWN_ATTRIBUTES, unknown, sizeof unknown);
    }
    return finish(&w, password);
}

size_t tx_stun_build_request(uint8_t *out, size_t capacity, const tx_stun_request *request,
                             const tx_hmac_sha1 *password)
{
    uint8_t number[8];
    tx_writer w = tx_writer_over(out, capacity);
    write_header(&w, TX_STUN_BINDING_REQUEST, request->transaction);
    write_attribute(&w, USERNAME, request->username, request->username_length);
    tx_put32(number, request->priority);
    write_attribute(&w, PRIORITY, number, 4);
    tx_put64(number, request->tie_breaker);
    write_attribute(&w, request->controlled ? ICE_CONTROLLED : ICE_CONTROLLING, number, 8);
    if (request->use_candidate)
        write_attribute(&w, USE_CANDIDATE, NULL, 0);
    return finish(&w, password);
}
