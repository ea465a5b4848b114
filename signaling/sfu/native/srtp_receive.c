#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "srtp.h"
#include "srtp_keys.h"
#include "wire.h"

#define TABLE_MIN 16
#define TABLE_MAX (2 * TX_SRTP_RECEIVE_STREAMS_MAX)
#define INDEX_END (1ull << 48)
#define RTCP_CLEAR_BYTES 8
#define ENCRYPTED_FLAG 0x80000000u

/* One SSRC; `used` is the number of the authenticated packet that came last, 0 = free. */
typedef struct source {
    uint32_t ssrc;
    uint64_t used;
    tx_replay rtp;
    tx_replay rtcp;
} source;

/* Open addressing; at most half full. */
struct tx_srtp_receiver {
    tx_srtp_keys rtp;
    tx_srtp_keys rtcp;
    source *table;
    size_t capacity; /* a power of two, 0 before the first SSRC */
    size_t count;
    uint64_t authenticated;
};

tx_srtp_receiver *tx_srtp_receiver_new(tx_srtp_profile profile, const uint8_t *master, size_t length)
{
    tx_srtp_receiver *receiver = calloc(1, sizeof *receiver);
    if (!receiver)
        return NULL;
    if (!tx_srtp_keys_init(&receiver->rtp, profile, master, length, TX_SRTP_USE_RTP, TX_GCM_OPEN)
        || !tx_srtp_keys_init(&receiver->rtcp, profile, master, length, TX_SRTP_USE_RTCP, TX_GCM_OPEN)) {
        tx_srtp_receiver_free(receiver);
        return NULL;
    }
    return receiver;
}

void tx_srtp_receiver_free(tx_srtp_receiver *receiver)
{
    if (!receiver)
        return;
    tx_srtp_keys_free(&receiver->rtp);
    tx_srtp_keys_free(&receiver->rtcp);
    free(receiver->table);
    free(receiver);
}

size_t tx_srtp_receiver_bytes(const tx_srtp_receiver *receiver)
{
    return sizeof *receiver + tx_srtp_keys_bytes(&receiver->rtp) + tx_srtp_keys_bytes(&receiver->rtcp)
        + receiver->capacity * sizeof(source);
}

/* ---- table of SSRCs ---- */

static source *place_of(source *table, size_t capacity, uint32_t ssrc)
{
    size_t i = (ssrc * 0x9e3779b1u >> 16) & (capacity - 1);
    while (table[i].used && table[i].ssrc != ssrc)
        i = (i + 1) & (capacity - 1);
    return &table[i];
}

static source *find(const tx_srtp_receiver *receiver, uint32_t ssrc)
{
    if (receiver->capacity == 0)
        return NULL;
    source *s = place_of(receiver->table, receiver->capacity, ssrc);
    return s->used ? s : NULL;
}

/* Moves all sources but `without` to a new table; false when memory is out. */
static bool rebuild(tx_srtp_receiver *receiver, size_t capacity, const source *without)
{
    source *table = calloc(capacity, sizeof *table);
    if (!table)
        return false;
    receiver->count = 0;
    for (size_t i = 0; i < receiver->capacity; i++) {
        const source *s = &receiver->table[i];
        if (!s->used || s == without)
            continue;
        *place_of(table, capacity, s->ssrc) = *s;
        receiver->count++;
    }
    free(receiver->table);
    receiver->table = table;
    receiver->capacity = capacity;
    return true;
}

/* A place for a new SSRC, whose packet has proven itself.  NULL when memory is out. */
static source *add(tx_srtp_receiver *receiver, uint32_t ssrc)
{
    if (receiver->count == TX_SRTP_RECEIVE_STREAMS_MAX) {
        const source *silent = NULL;
        for (size_t i = 0; i < receiver->capacity; i++) {
            const source *s = &receiver->table[i];
            if (s->used && (!silent || s->used < silent->used))
                silent = s;
        }
        if (!rebuild(receiver, receiver->capacity, silent))
            return NULL;
    } else if (receiver->count * 2 >= receiver->capacity) {
        if (!rebuild(receiver, receiver->capacity ? receiver->capacity * 2 : TABLE_MIN, NULL))
            return NULL;
    }
    source *s = place_of(receiver->table, receiver->capacity, ssrc);
    memset(s, 0, sizeof *s);
    s->ssrc = ssrc;
    receiver->count++;
    return s;
}

_Static_assert(TABLE_MAX >= 2 * TX_SRTP_RECEIVE_STREAMS_MAX, "the table is at most half full");

/* ---- packets ---- */

/* Text of `length` bytes at data + header, tag behind it; decrypts to `out`. */
static bool open_rtp(const tx_srtp_receiver *receiver, const tx_rtp_view *view, uint64_t index, size_t length,
                     uint8_t *out)
{
    const uint8_t *in = view->data + view->header_length;
    if (receiver->rtp.gcm) {
        uint8_t nonce[TX_GCM_NONCE_BYTES];
        tx_srtp_nonce(&receiver->rtp, view->ssrc, index, nonce);
        return tx_gcm_open(receiver->rtp.gcm, nonce, view->data, view->header_length, in, length,
                           out + view->header_length);
    }
    const size_t signed_length = view->header_length + length;
    const uint32_t roc = (uint32_t)(index >> 16);
    if (!tx_cm_check(receiver->rtp.cm, view->data, signed_length, roc, view->data + signed_length))
        return false;
    uint8_t counter[TX_CM_COUNTER_BYTES];
    tx_srtp_counter(&receiver->rtp, view->ssrc, index, counter);
    return tx_cm_crypt(receiver->rtp.cm, counter, in, length, out + view->header_length);
}

tx_srtp_status tx_srtp_unprotect(tx_srtp_receiver *receiver, const tx_rtp_view *view, uint8_t *out, size_t *length)
{
    const size_t tag_bytes = tx_srtp_tag_bytes(&receiver->rtp);
    if (view->length < view->header_length + tag_bytes)
        return TX_SRTP_MALFORMED;
    source *s = find(receiver, view->ssrc);
    uint64_t index = view->sequence;
    if (s) {
        const int64_t extended = tx_replay_extend(&s->rtp, view->sequence);
        if (extended < 0 || (uint64_t)extended >= INDEX_END)
            return TX_SRTP_REPLAYED;
        index = (uint64_t)extended;
        if (!tx_replay_is_fresh(&s->rtp, index))
            return TX_SRTP_REPLAYED;
    }
    const size_t text = view->length - view->header_length - tag_bytes;
    if (!open_rtp(receiver, view, index, text, out))
        return TX_SRTP_FORGED;
    if (!s)
        s = add(receiver, view->ssrc);
    if (!s)
        return TX_SRTP_EXHAUSTED;
    s->used = ++receiver->authenticated;
    tx_replay_accept(&s->rtp, index);
    if (out != view->data)
        memcpy(out, view->data, view->header_length);
    *length = view->header_length + text;
    return TX_SRTP_OK;
}

/* `length` counts everything; on success *plain_length is set. */
static bool open_rtcp(const tx_srtp_receiver *receiver, uint8_t *packet, size_t length, uint32_t word,
                      size_t *plain_length)
{
    const uint32_t ssrc = tx_get32(packet + 4);
    const uint32_t index = word & ~ENCRYPTED_FLAG;
    uint8_t *body = packet + RTCP_CLEAR_BYTES;
    if (receiver->rtcp.gcm) {
        uint8_t nonce[TX_GCM_NONCE_BYTES];
        uint8_t aad[RTCP_CLEAR_BYTES + 4];
        tx_srtp_nonce(&receiver->rtcp, ssrc, index, nonce);
        memcpy(aad, packet, RTCP_CLEAR_BYTES);
        tx_put32(aad + RTCP_CLEAR_BYTES, word);
        const size_t text = length - RTCP_CLEAR_BYTES - TX_GCM_TAG_BYTES - 4;
        *plain_length = RTCP_CLEAR_BYTES + text;
        return tx_gcm_open(receiver->rtcp.gcm, nonce, aad, sizeof aad, body, text, body);
    }
    const size_t message = length - 4 - TX_CM_TAG_BYTES;
    *plain_length = message;
    if (!tx_cm_check(receiver->rtcp.cm, packet, message, word, packet + message + 4))
        return false;
    uint8_t counter[TX_CM_COUNTER_BYTES];
    tx_srtp_counter(&receiver->rtcp, ssrc, index, counter);
    return tx_cm_crypt(receiver->rtcp.cm, counter, body, message - RTCP_CLEAR_BYTES, body);
}

tx_srtp_status tx_srtp_unprotect_rtcp(tx_srtp_receiver *receiver, uint8_t *packet, size_t *length)
{
    const size_t tag_bytes = tx_srtp_tag_bytes(&receiver->rtcp);
    if (*length < RTCP_CLEAR_BYTES + tag_bytes + 4 || *length > UINT16_MAX)
        return TX_SRTP_MALFORMED;
    /* GCM: text, tag, index word (RFC 7714 9.1); CM: text, index word, tag (RFC 3711 3.4). */
    const size_t word_offset = receiver->rtcp.gcm ? *length - 4 : *length - 4 - tag_bytes;
    const uint32_t word = tx_get32(packet + word_offset);
    /* Null encryption is not to be accepted in WebRTC (RFC 8827 6.5), so nor is clear SRTCP. */
    if (!(word & ENCRYPTED_FLAG))
        return TX_SRTP_MALFORMED;
    const uint32_t ssrc = tx_get32(packet + 4);
    const uint32_t index = word & ~ENCRYPTED_FLAG;
    source *s = find(receiver, ssrc);
    if (s && !tx_replay_is_fresh(&s->rtcp, index))
        return TX_SRTP_REPLAYED;
    size_t plain_length;
    if (!open_rtcp(receiver, packet, *length, word, &plain_length))
        return TX_SRTP_FORGED;
    if (!s)
        s = add(receiver, ssrc);
    if (!s)
        return TX_SRTP_EXHAUSTED;
    s->used = ++receiver->authenticated;
    tx_replay_accept(&s->rtcp, index);
    *length = plain_length;
    return TX_SRTP_OK;
}
