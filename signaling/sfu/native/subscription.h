/* One track as one peer receives it: own SSRC, gapless sequences, own payload types and extension ids. */
#ifndef TX_SUBSCRIPTION_H
#define TX_SUBSCRIPTION_H

#include "rtp.h"
#include "seqmap.h"
#include "srtp.h"
#include "worker.h"

#define TX_REPLAY_AGE_MAX_US 2000000u /* an older keyframe is not replayed: a new one is asked for */
#define TX_REPLAY_MAX_BYTES (256u << 10)
#define TX_REPLAY_MAX_PACKETS 512
#define TX_REPLAY_SQUEEZE 32u /* replayed time runs this much faster, so that playing catches up at once */
#define TX_RESENT_SLOTS 64u
#define TX_RESENT_MIN_US 10000u /* one packet is not sent again more often than this, or half a round trip */

typedef enum {
    TX_SUBSCRIPTION_PAUSED = 0, /* by the application */
    TX_SUBSCRIPTION_WAITING,    /* for the transport, or (video) for a keyframe */
    TX_SUBSCRIPTION_LIVE,
} tx_subscription_state;

typedef struct {
    uint32_t ssrc;
    uint32_t rtx_ssrc; /* 0 = none, likewise below */
    uint8_t payload_type;
    uint8_t rtx_payload_type;
    uint8_t red_payload_type;
    uint8_t mid_length;
    bool allow_two_byte;
    bool active;
    uint64_t seat; /* who receives it; not sent what comes from there; 0 = nobody's */
    uint8_t mid[TX_RTP_MID_MAX_BYTES];
    uint8_t extensions[TX_EXT_COUNT];
} tx_subscription_settings;

struct tx_subscription {
    tx_object object;
    /* what every packet touches */
    tx_transport *transport;
    tx_srtp_stream *stream;
    uint32_t ssrc;
    uint8_t payload_type;
    uint8_t red_payload_type;
    uint8_t rtx_payload_type;
    uint8_t state; /* tx_subscription_state */
    bool fresh;    /* live, but its first packet is still to come */
    uint64_t packets;
    uint64_t bytes;     /* of payload, as sender reports count it */
    uint32_t timestamp; /* of the newest packet sent */
    uint64_t sent_us;
    tx_rtp_layout layout;
    uint8_t mid[TX_RTP_MID_MAX_BYTES];
    tx_seqmap sequences; /* track -> sent */

    tx_track *track;
    unsigned live_index; /* in track->live */
    bool counted;        /* in track->waiting */
    bool active;         /* as the application wants it */
    uint64_t seat;
    tx_link of_transport;
    tx_link of_track;
    uint32_t rtx_ssrc;
    tx_srtp_stream *rtx_stream;
    int64_t rtx_next;
    /* Replayed packets, up to this track sequence, got squeezed timestamps before this one. */
    int64_t replay_last;
    uint32_t replay_timestamp;

    uint64_t packets_reported; /* when the last SR was sent */
    bool reported;
    uint64_t retransmitted;
    uint64_t nacks_received;
    uint64_t plis_received;
    int32_t remote_lost;
    uint32_t remote_jitter;
    struct {
        uint16_t sequence;
        uint16_t milliseconds; /* of the steady clock, modulo 2^16 */
        bool used;
    } resent[TX_RESENT_SLOTS];
};

/* -ENOMEM, or -EINVAL: an SSRC in use on that transport, payload types or extension ids out of range. */
int tx_subscription_new(tx_worker *worker, tx_transport *transport, tx_track *track,
                        const tx_subscription_settings *settings, tx_subscription **made);
void tx_subscription_free(tx_worker *worker, tx_subscription *subscription);

/* Takes its streams from the transport's sender, continuing the sequences of an SSRC used before. */
bool tx_subscription_bind(tx_subscription *subscription, tx_srtp_sender *sender);

void tx_subscription_set_active(tx_worker *worker, tx_subscription *subscription, bool active);

/* The track carries another seat's packets now: nobody is sent their own. */
void tx_subscription_follow(tx_worker *worker, tx_subscription *subscription);

/* The transport may have become ready: starts what waits for it. */
void tx_subscription_try(tx_worker *worker, tx_subscription *subscription);

/* The transport cannot be sent to any more: back to waiting. */
void tx_subscription_suspend(tx_subscription *subscription);

/* The source changed: a live one starts anew at the next keyframe. */
void tx_subscription_restart(tx_worker *worker, tx_subscription *subscription);

/* A keyframe was replayed: live packets from now on. */
void tx_subscription_go_live(tx_subscription *subscription);

/* The track's timestamp as this subscription is sent it. */
static inline uint32_t tx_subscription_timestamp(const tx_subscription *subscription, int64_t sequence,
                                                 uint32_t timestamp)
{
    if (__builtin_expect(sequence > subscription->replay_last, 1))
        return timestamp;
    int32_t before = (int32_t)(subscription->replay_timestamp - timestamp);
    return before <= 0 ? timestamp : subscription->replay_timestamp - (uint32_t)before / TX_REPLAY_SQUEEZE;
}

#endif
