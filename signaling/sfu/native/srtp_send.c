#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "srtp.h"
#include "srtp_keys.h"
#include "wire.h"

#define CHUNK_STREAMS 32
#define TAGS_BYTES (TX_REPLAY_WINDOW * sizeof(uint32_t))
#define INDEX_END (1ull << 48)
#define RTCP_INDEX_END (1u << 31)
#define RTCP_CLEAR_BYTES 8 /* header and SSRC of the first packet stay readable (RFC 3711 3.4) */
#define ENCRYPTED_FLAG 0x80000000u

/* Streams come in chunks, so that their addresses never change. */
typedef struct chunk {
    struct chunk *next;
    size_t count;
    tx_srtp_stream streams[CHUNK_STREAMS];
} chunk;

struct tx_srtp_sender {
    tx_srtp_keys rtp;
    tx_srtp_keys rtcp;
    uint32_t rtcp_index;
    chunk *chunks;
    size_t stream_count;
    size_t chunk_count;
    size_t repeating_count; /* streams with tags */
};

tx_srtp_sender *tx_srtp_sender_new(tx_srtp_profile profile, const uint8_t *master, size_t length)
{
    tx_srtp_sender *sender = calloc(1, sizeof *sender);
    if (!sender)
        return NULL;
    if (!tx_srtp_keys_init(&sender->rtp, profile, master, length, TX_SRTP_USE_RTP, TX_GCM_SEAL)
        || !tx_srtp_keys_init(&sender->rtcp, profile, master, length, TX_SRTP_USE_RTCP, TX_GCM_SEAL)) {
        tx_srtp_sender_free(sender);
        return NULL;
    }
    return sender;
}

void tx_srtp_sender_free(tx_srtp_sender *sender)
{
    if (!sender)
        return;
    tx_srtp_keys_free(&sender->rtp);
    tx_srtp_keys_free(&sender->rtcp);
    while (sender->chunks) {
        chunk *next = sender->chunks->next;
        for (size_t i = 0; i < sender->chunks->count; i++)
            free(sender->chunks->streams[i].tags);
        free(sender->chunks);
        sender->chunks = next;
    }
    free(sender);
}

size_t tx_srtp_sender_bytes(const tx_srtp_sender *sender)
{
    return sizeof *sender + tx_srtp_keys_bytes(&sender->rtp) + tx_srtp_keys_bytes(&sender->rtcp)
        + sender->chunk_count * sizeof(chunk) + sender->repeating_count * TAGS_BYTES;
}

tx_srtp_stream *tx_srtp_sender_stream(tx_srtp_sender *sender, uint32_t ssrc)
{
    for (chunk *c = sender->chunks; c; c = c->next) {
        for (size_t i = 0; i < c->count; i++) {
            if (c->streams[i].ssrc == ssrc)
                return &c->streams[i];
        }
    }
    if (sender->stream_count == TX_SRTP_SEND_STREAMS_MAX)
        return NULL;
    if (!sender->chunks || sender->chunks->count == CHUNK_STREAMS) {
        chunk *fresh = calloc(1, sizeof *fresh);
        if (!fresh)
            return NULL;
        fresh->next = sender->chunks;
        sender->chunks = fresh;
        sender->chunk_count++;
    }
    tx_srtp_stream *stream = &sender->chunks->streams[sender->chunks->count++];
    stream->ssrc = ssrc;
    sender->stream_count++;
    return stream;
}

bool tx_srtp_stream_allow_repeat(tx_srtp_sender *sender, tx_srtp_stream *stream)
{
    if (stream->tags)
        return true;
    stream->tags = calloc(1, TAGS_BYTES);
    sender->repeating_count += stream->tags != NULL;
    return stream->tags != NULL;
}

void tx_srtp_sender_prefetch(const tx_srtp_sender *sender)
{
    if (sender->rtp.gcm)
        tx_gcm_prefetch(sender->rtp.gcm);
    else
        tx_cm_prefetch(sender->rtp.cm);
}

/* Checks a job and claims its index.  On TX_SRTP_OK *index is set. */
static tx_srtp_status admit(const tx_srtp_sender *sender, tx_srtp_job *job, uint64_t *index)
{
    const size_t total = (size_t)job->header_length + job->prefix_length + job->payload_length + job->padding
        + tx_srtp_tag_bytes(&sender->rtp);
    if (job->header_length < TX_RTP_HEADER_BYTES || total > UINT16_MAX)
        return TX_SRTP_MALFORMED;
    if (tx_get32(job->packet + 8) != job->stream->ssrc)
        return TX_SRTP_MALFORMED;
    tx_replay *indices = &job->stream->indices;
    const int64_t extended = tx_replay_extend(indices, tx_get16(job->packet + 2));
    if (extended < 0)
        return TX_SRTP_REPLAYED;
    *index = (uint64_t)extended;
    if (*index >= INDEX_END)
        return TX_SRTP_EXHAUSTED;
    if (tx_replay_is_fresh(indices, *index)) {
        tx_replay_accept(indices, *index);
        job->repeat = false;
        return TX_SRTP_OK;
    }
    const bool repeatable = job->stream->tags && *index + TX_REPLAY_WINDOW > indices->highest;
    return job->repeat && repeatable ? TX_SRTP_OK : TX_SRTP_REPLAYED;
}

/* Notes the tag of a packet that is sent; a repeated one must have the tag that was noted.  Equal tags under one nonce
 * mean equal header and text, so nothing new is told. */
static bool settle_tag(const tx_srtp_job *job, const uint8_t *tag)
{
    if (!job->stream->tags)
        return true;
    uint32_t *noted = &job->stream->tags[tx_get16(job->packet + 2) % TX_REPLAY_WINDOW];
    const uint32_t beginning = tx_get32(tag);
    if (job->repeat)
        return *noted == beginning && beginning != 0;
    *noted = beginning;
    return true;
}

/* Where the plain text of the job begins and how long it is; gathers it behind the header when it has parts. */
static const uint8_t *gather(const tx_srtp_job *job, size_t *length)
{
    uint8_t *body = job->packet + job->header_length;
    *length = (size_t)job->prefix_length + job->payload_length + job->padding;
    if (*length == job->payload_length) /* asked so that no wide load waits for the narrow stores before it */
        return job->payload_length ? job->payload : body;
    uint8_t *place = body + job->prefix_length;
    if (job->payload_length && job->payload != place)
        memcpy(place, job->payload, job->payload_length);
    if (job->padding) {
        memset(place + job->payload_length, 0, (size_t)job->padding - 1);
        place[(size_t)job->payload_length + job->padding - 1] = job->padding; /* RFC 3550 5.1 */
    }
    return body;
}

/* Sets the outcome of a job whose text of `length` bytes was sealed; returns 1 when it may be sent, else 0. */
static size_t finish(tx_srtp_job *job, size_t length, bool sealed, size_t tag_bytes)
{
    const size_t end = job->header_length + length;
    job->status = sealed ? TX_SRTP_OK : TX_SRTP_MALFORMED;
    if (sealed && !settle_tag(job, job->packet + end)) {
        OPENSSL_cleanse(job->packet, end + tag_bytes);
        job->status = TX_SRTP_REPLAYED;
    }
    job->length = job->status == TX_SRTP_OK ? (uint16_t)(end + tag_bytes) : 0;
    return job->status == TX_SRTP_OK;
}

static size_t protect_gcm(tx_srtp_sender *sender, tx_srtp_job *jobs, size_t count)
{
    size_t accepted = 0;
    for (size_t i = 0; i < count; i++) {
        tx_srtp_job *job = &jobs[i];
        uint64_t index = 0;
        job->length = 0;
        job->status = admit(sender, job, &index);
        if (job->status != TX_SRTP_OK)
            continue;
        uint8_t nonce[TX_GCM_NONCE_BYTES];
        tx_srtp_nonce(&sender->rtp, job->stream->ssrc, index, nonce);
        size_t length;
        const uint8_t *in = gather(job, &length);
        uint8_t *out = job->packet + job->header_length;
        const bool sealed = tx_gcm_seal(sender->rtp.gcm, nonce, job->packet, job->header_length, in, length, out);
        accepted += finish(job, length, sealed, TX_GCM_TAG_BYTES);
    }
    return accepted;
}

static size_t protect_cm(tx_srtp_sender *sender, tx_srtp_job *jobs, size_t count)
{
    tx_cm_packet packets[TX_CM_BURST_MAX];
    tx_srtp_job *admitted[TX_CM_BURST_MAX];
    size_t ready = 0;
    size_t accepted = 0;
    for (size_t i = 0; i < count; i++) {
        tx_srtp_job *job = &jobs[i];
        uint64_t index = 0;
        job->length = 0;
        job->status = admit(sender, job, &index);
        if (job->status == TX_SRTP_OK) {
            tx_cm_packet *p = &packets[ready];
            tx_srtp_counter(&sender->rtp, job->stream->ssrc, index, p->counter);
            p->packet = job->packet;
            p->header_length = job->header_length;
            p->in = gather(job, &p->length);
            p->trailer = (uint32_t)(index >> 16);
            admitted[ready++] = job;
        }
        if (ready == TX_CM_BURST_MAX || (i + 1 == count && ready)) {
            const bool sealed = tx_cm_seal(sender->rtp.cm, packets, ready);
            for (size_t k = 0; k < ready; k++)
                accepted += finish(admitted[k], packets[k].length, sealed, TX_CM_TAG_BYTES);
            ready = 0;
        }
    }
    return accepted;
}

size_t tx_srtp_protect(tx_srtp_sender *sender, tx_srtp_job *jobs, size_t count)
{
    return sender->rtp.gcm ? protect_gcm(sender, jobs, count) : protect_cm(sender, jobs, count);
}

tx_srtp_status tx_srtp_protect_rtcp(tx_srtp_sender *sender, uint8_t *packet, size_t *length)
{
    if (*length < RTCP_CLEAR_BYTES || *length > UINT16_MAX - TX_SRTP_OVERHEAD_MAX_BYTES)
        return TX_SRTP_MALFORMED;
    if (sender->rtcp_index == RTCP_INDEX_END)
        return TX_SRTP_EXHAUSTED;
    const uint32_t index = sender->rtcp_index++;
    const uint32_t ssrc = tx_get32(packet + 4);
    const uint32_t word = ENCRYPTED_FLAG | index;
    uint8_t *body = packet + RTCP_CLEAR_BYTES;
    const size_t body_length = *length - RTCP_CLEAR_BYTES;
    if (sender->rtcp.gcm) {
        uint8_t nonce[TX_GCM_NONCE_BYTES];
        uint8_t aad[RTCP_CLEAR_BYTES + 4]; /* RFC 7714 9.2 */
        tx_srtp_nonce(&sender->rtcp, ssrc, index, nonce);
        memcpy(aad, packet, RTCP_CLEAR_BYTES);
        tx_put32(aad + RTCP_CLEAR_BYTES, word);
        if (!tx_gcm_seal(sender->rtcp.gcm, nonce, aad, sizeof aad, body, body_length, body))
            return TX_SRTP_MALFORMED;
        tx_put32(packet + *length + TX_GCM_TAG_BYTES, word);
        *length += TX_GCM_TAG_BYTES + 4;
        return TX_SRTP_OK;
    }
    uint8_t counter[TX_CM_COUNTER_BYTES];
    tx_srtp_counter(&sender->rtcp, ssrc, index, counter);
    if (!tx_cm_crypt(sender->rtcp.cm, counter, body, body_length, body))
        return TX_SRTP_MALFORMED;
    tx_put32(packet + *length, word);
    tx_cm_tag(sender->rtcp.cm, packet, *length, word, packet + *length + 4);
    *length += 4 + TX_CM_TAG_BYTES;
    return TX_SRTP_OK;
}
