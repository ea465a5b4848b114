/* A published track: where its packets come from, what is kept of them, and who receives them. */
#ifndef TX_TRACK_H
#define TX_TRACK_H

#include "cache.h"
#include "codec.h"
#include "encodings.h"
#include "floor.h"
#include "formats.h"
#include "layers.h"
#include "levels.h"
#include "mirror.h"
#include "recovery.h"
#include "seqmap.h"
#include "worker.h"

enum { TX_AUDIO = 1, TX_VIDEO = 2 };

#define TX_CACHE_VIDEO_BYTES (512u << 10)
#define TX_CACHE_AUDIO_BYTES (16u << 10)
#define TX_SOURCE_SILENT_US 1000000u /* another SSRC may take over a track that is silent for this long */
#define TX_TURN_MIN_US 200000u /* a publisher turns from codec to codec no more often: each turn costs every receiver */

typedef struct {
    uint8_t kind;  /* TX_AUDIO or TX_VIDEO */
    tx_formats formats; /* one at least; the first is what it begins with */
    uint8_t red_payload_type; /* 0 = none */
    uint8_t mid_length;
    bool nack;
    bool transport_cc;
    uint32_t clock_rate;
    uint32_t ssrc;
    uint32_t rtx_ssrc;
    uint64_t seat; /* whose it is: subscriptions of the same seat are not sent it; 0 = nobody's */
    uint8_t mid[TX_RTP_MID_MAX_BYTES];
    uint8_t rid_length; /* 0 = the only encoding of its source */
    uint8_t rid[TX_RTP_MID_MAX_BYTES];
    int64_t sibling; /* a track that carries the same source in another codec; 0 = none */
    uint8_t extensions[TX_EXT_COUNT];
} tx_track_settings;

/* RFC 3550 A.3, A.8. */
typedef struct {
    int64_t base; /* first extended sequence of the source; valid when received > 0 */
    uint64_t received;
    int64_t expected_before;
    uint64_t received_before;
    uint32_t lost_ppm; /* in the second before the last report */
    uint32_t jitter_q4;
    uint32_t transit;
} tx_reception;

/* The publisher's last sender report, on our clock. */
typedef struct {
    bool valid;
    uint32_t middle; /* of its NTP time, for LSR */
    uint64_t arrival_us;
    int64_t unix_us; /* its NTP time moved to our clock */
    uint32_t timestamp;
} tx_sender_clock;

struct tx_track {
    tx_object object;
    tx_transport *transport;
    tx_room *room; /* NULL once the room is closed */
    tx_link of_transport;
    tx_link of_room;
    tx_link restless; /* in worker->restless_tracks */

    uint8_t kind;
    uint8_t codec;        /* of the format at hand, likewise the next two */
    uint8_t payload_type;
    uint8_t rtx_payload_type;
    uint8_t red_payload_type;
    uint8_t mid_length;
    bool nack;
    bool transport_cc;
    bool blocked;
    bool apart; /* its microphone competes with others set apart only, and makes nobody a speaker */
    bool seam;    /* the next packet does not connect to the last one kept */
    bool started; /* a packet was seen */
    bool dirty;   /* in worker->dirty */
    bool voice;   /* it goes with its room, not by itself */
    uint32_t clock_rate;
    uint32_t ssrc; /* 0 = not learned yet */
    uint32_t rtx_ssrc;
    uint8_t mid[TX_RTP_MID_MAX_BYTES];
    uint8_t rid_length; /* 0 = the only encoding of its source */
    uint8_t rid[TX_RTP_MID_MAX_BYTES];
    uint8_t order;     /* among the encodings of its source, lowest first */
    bool alive;        /* frames come, or nobody can tell */
    tx_link of_source; /* ring of the encodings of one source */
    tx_link arrivals;  /* subscriptions that change to it at its next keyframe; counted in `waiting` */
    uint64_t frame_us; /* when its newest frame began */
    tx_formats formats;
    uint64_t turned_us; /* when it last went over to another of them */

    tx_seq_unwrapper source;   /* the publisher's sequences */
    tx_seqmap compaction;      /* source -> gapless track sequence: padding and blocked packets leave no hole */
    int64_t line_first;        /* what was kept before this track sequence does not connect to what follows */
    uint32_t timestamp_offset; /* joins the timestamps of a later source to those before */
    uint32_t newest_timestamp; /* on the track's line */
    uint64_t arrival_us;       /* of the newest packet */
    tx_cache *cache;           /* by track sequence */
    tx_recovery recovery;
    tx_reception reception;
    tx_sender_clock clock;
    tx_level level;
    uint64_t seat; /* whose packets these are; of a voice it changes */
    tx_link taps;  /* tx_tap: its mirrors at other workers */
    tx_inlet *inlet; /* of a mirror: whence its packets come */
    tx_link of_inlet;
    tx_microphone microphone;
    tx_layer_counts layers;
    tx_dependency_structure structure; /* of its dependency descriptors; empty while it sends none */
    bool structure_came; /* who could not begin with it needs another keyframe */
    bool targets_moved;  /* others are active: who is left with nothing needs a keyframe */
    bool frames_seam;  /* the next frame number is joined to those before */
    uint16_t frame_offset; /* added to the frame numbers of a later source */
    uint16_t newest_frame; /* on the track's line */

    tx_pending *pending; /* of this batch */
    tx_pending **pending_end;
    unsigned pending_count;

    tx_subscription **live; /* receive now; room for every subscription of the track */
    unsigned live_count;
    unsigned subscription_count;
    unsigned capacity;
    unsigned watchers; /* subscriptions, not paused, that want it or are sent it; and mirrors that have such */
    unsigned waiting; /* video subscriptions that need a keyframe */
    tx_link subscriptions;

    uint64_t packets;
    uint64_t bytes;
    uint64_t keyframes;
    uint32_t keyframe_timestamp; /* of the newest, to count frames and not packets */
};

/* -ENOMEM, or -EINVAL: an SSRC that the transport has already, extension ids that clash, no clock rate, a
 * RID that the source has already. */
int tx_track_new(tx_worker *worker, tx_transport *transport, tx_room *room, const tx_track_settings *settings,
                 tx_track **made);
void tx_track_free(tx_worker *worker, tx_track *track);

/* What would make another one like it. */
void tx_track_settings_of(const tx_track *track, tx_track_settings *settings);

/* Its video subscriptions begin anew at a keyframe. */
void tx_track_restart_subscriptions(tx_worker *worker, tx_track *track);

/* The track that a packet belongs to by MID and RID (RFC 8852) or payload type, when its SSRC is new (RFC 8843 9.2);
 * learns the SSRC.  NULL when none claims it. */
tx_track *tx_track_claim(tx_worker *worker, tx_transport *transport, const tx_rtp_view *view,
                         const tx_extension_set *set);

/* The codec of a packet that came, perhaps before the last turn. */
static inline uint8_t tx_track_codec_of(const tx_track *track, const tx_rtp_view *view)
{
    if (view->payload_type == track->payload_type)
        return track->codec;
    const tx_format *format = tx_formats_of_payload(&track->formats, view->payload_type);
    return format ? format->codec : TX_CODEC_OTHER;
}

/* A packet of another format has come: its subscriptions begin anew at the first keyframe from there on; those that
 * cannot take that codec rest.  False when it is none of its formats, or one too soon. */
bool tx_track_turn(tx_worker *worker, tx_track *track, uint8_t payload_type, int64_t source);

/* The same at a mirror, which is told of the break in its numbers apart. */
bool tx_track_use_format(tx_worker *worker, tx_track *track, uint8_t payload_type);

/* Extended source sequence of a packet just come; notes gaps and what fills them. */
int64_t tx_track_extend(tx_worker *worker, tx_track *track, uint16_t sequence);

/* RFC 3550 A.8 and A.3, for a packet that came on the media SSRC. */
void tx_track_received(tx_track *track, int64_t sequence, uint32_t timestamp, uint64_t now_us);

/* Host mute: packets are dropped before they are kept or forwarded. */
void tx_track_set_blocked(tx_worker *worker, tx_track *track, bool blocked);

/* Back stage, or on it again: the floor it had is free. */
void tx_track_set_apart(tx_track *track, bool apart);

/* One watcher more, or less; tells who publishes it of the first and the last. */
void tx_track_count_watcher(tx_worker *worker, tx_track *track, bool more);

/* Somebody else's packets from now on. */
void tx_track_set_seat(tx_worker *worker, tx_track *track, uint64_t seat);

/* Its encoding has spatial layers that the dependency descriptor tells apart. */
static inline bool tx_track_is_scalable(const tx_track *track)
{
    const tx_dependency_structure *structure = &track->structure;
    return structure->template_count && structure->templates[structure->template_count - 1].spatial;
}

/* Makes room for so many subscriptions to be live at once.  False when memory is short. */
bool tx_track_reserve(tx_track *track, unsigned subscriptions);

/* Asks for a visit at the next tick. */
void tx_track_unrest(tx_worker *worker, tx_track *track);

size_t tx_track_bytes(const tx_track *track);

#endif
