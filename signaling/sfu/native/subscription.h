/* One source as one peer receives it: own SSRC, gapless sequences, own payload types and extension ids, from one of the
 * source's encodings at a time. */
#ifndef TX_SUBSCRIPTION_H
#define TX_SUBSCRIPTION_H

#include "formats.h"
#include "layers.h"
#include "playout.h"
#include "remb.h"
#include "rtp.h"
#include "seqmap.h"
#include "shape.h"
#include "srtp.h"
#include "stretch.h"
#include "worker.h"

#define TX_REPLAY_AGE_MAX_US 2000000u /* an older keyframe is not replayed: a new one is asked for */
#define TX_REPLAY_MAX_BYTES (256u << 10)
#define TX_REPLAY_MAX_PACKETS 512
#define TX_PRESSED_US 1000000u /* since the line was last found narrower */
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
    tx_formats formats; /* one at least; an only one may leave out the codec: that of the track is meant */
    uint8_t red_payload_type;
    uint8_t mid_length;
    bool allow_two_byte;
    bool active;
    uint64_t seat; /* who receives it; not sent what comes from there; 0 = nobody's */
    bool constant_timestamps; /* RTP timestamps stay as they were published */
    uint8_t mid[TX_RTP_MID_MAX_BYTES];
    uint8_t extensions[TX_EXT_COUNT];
} tx_subscription_settings;

/* Of the newest picture sent: VP8's and VP9's, and the dependency descriptor's. */
typedef struct {
    uint16_t picture_id;
    uint16_t frame;
    uint8_t tl0picidx;
} tx_picture_numbers;

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
    bool reported; /* an SR was sent */
    bool shaped;   /* packets have to be looked at one by one: layers are left out or fields renumbered */
    uint64_t packets;
    uint64_t bytes;     /* of payload, as sender reports count it */
    uint32_t timestamp; /* of the newest packet sent */
    uint64_t sent_us;
    tx_rtp_layout layout;
    uint8_t mid[TX_RTP_MID_MAX_BYTES];
    tx_stretch stretch; /* the one being sent */
    tx_seqmap sequences; /* places on the line of its stretches -> sent; its past is seldom looked at */
    tx_layering layers;
    tx_picture_numbers pictures; /* when it last stopped being live */

    tx_track *track;  /* the encoding that it is in the lists of */
    tx_formats formats;
    bool deaf;        /* it cannot decode what the track is now */
    tx_track *wanted; /* the one chosen by the application; another is sent while this one is silent */
    tx_track *target; /* the encoding whose next keyframe it changes to; NULL = none */
    tx_link of_target; /* in target->arrivals */
    tx_track *watches[2]; /* the two above as counted in their `watchers` */
    bool constant_timestamps;
    unsigned live_index; /* in track->live */
    bool counted;        /* in track->waiting */
    bool active;         /* as the application wants it */
    uint64_t seat;
    tx_link of_transport;
    tx_link of_track;
    uint32_t rtx_ssrc;
    tx_srtp_stream *rtx_stream;
    int64_t rtx_next;
    tx_stretch past[TX_STRETCHES_PAST]; /* by stretch.number, for retransmission */

    tx_playout playout;
    tx_remb_place remb;
    uint64_t bytes_weighed; /* when the last second of them was over, */
    uint32_t second_bps;    /* and what was sent in it; neither counted where transport-wide feedback comes */
    uint64_t packets_reported; /* when the last SR was sent */
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

/* One of its formats is of the codec in which that track is. */
bool tx_subscription_takes(const tx_subscription *subscription, const tx_track *track);

/* Its track went over to another codec. */
void tx_subscription_turn(tx_worker *worker, tx_subscription *subscription);

/* The source changed: a live one starts anew at the next keyframe. */
void tx_subscription_restart(tx_worker *worker, tx_subscription *subscription);

/* From the track sequence `first` of `track`, a keyframe, on: under `stretch` when that is a new one. */
void tx_subscription_go_live(tx_worker *worker, tx_subscription *subscription, tx_track *track,
                             const tx_stretch *stretch, int64_t first);

/* Counts it as a watcher of what it wants and is sent, after either has changed; announces encodings that have gained
 * their first watcher or lost their last. */
void tx_subscription_watch(tx_worker *worker, tx_subscription *subscription);

/* While it is not live: into the lists of another encoding of the same source. */
void tx_subscription_attach(tx_worker *worker, tx_subscription *subscription, tx_track *track);

/* The encoding to change to at its next keyframe; NULL: stay. */
void tx_subscription_aim(tx_worker *worker, tx_subscription *subscription, tx_track *target);

/* The highest spatial and temporal layer to be sent, or TX_LAYERS_ALL. */
void tx_subscription_limit(tx_worker *worker, tx_subscription *subscription, unsigned spatial, unsigned temporal);

/* A layer is asked for that only a keyframe lets it change to. */
bool tx_subscription_needs_keyframe(const tx_subscription *subscription);

/* Of a picture only the lowest temporal layer, for as long as there is a queue to be emptied. */
void tx_subscription_spare(tx_subscription *subscription, bool sparing);

/* A shaped one: what becomes of a packet of its encoding.  False when it is not sent. */
bool tx_subscription_shape(tx_subscription *subscription, int64_t place, const tx_rtp_view *packet,
                           const uint8_t *payload, const tx_codec_view *view, int64_t *sent, tx_shape *shape);

tx_picture_numbers tx_subscription_pictures(const tx_subscription *subscription);

/* The stretch that a place on the line lies in; NULL when it is forgotten. */
const tx_stretch *tx_subscription_stretch(const tx_subscription *subscription, int64_t place);

#endif
