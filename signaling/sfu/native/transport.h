/* One peer connection: its credentials, addresses, keys, and the SSRCs in both directions. */
#ifndef TX_TRANSPORT_H
#define TX_TRANSPORT_H

#include "congestion.h"
#include "hmac.h"
#include "pacer.h"
#include "remb.h"
#include "sender_offset.h"
#include "twcc.h"
#include "worker.h"

#define TX_VALIDATED_MAX 8u          /* addresses and connections that one peer may send from */
#define TX_CONSENT_US 30000000u      /* RFC 7675 5.1 */
#define TX_CONSENT_OTHER_US 1500000u /* a silent path gives way to another without USE-CANDIDATE after this */
#define TX_MOVE_SILENT_US 300000u   /* silence before a move to another path, in which packets were lost */
#define TX_ADDRESS_OWNED_US 3000000u /* an address heard of lately is not taken over by another transport */
#define TX_CHECKS_PER_SECOND 500u    /* binding requests of one peer that are answered */
#define TX_CHECKS_BURST 1000u
#define TX_RECEIVE_PER_SECOND 10000u /* RTP packets from one peer: 100 Mbit/s of video */
#define TX_RECEIVE_BURST 10000u
#define TX_DTLS_PER_SECOND 2000u /* datagrams from one peer to Python */
#define TX_DTLS_BURST 512u
#define TX_RETRANSMIT_PER_SECOND 1000u /* packets to one peer, so that NACKs cannot multiply traffic */
#define TX_RETRANSMIT_BURST 500u
#define TX_REPLAY_KB_PER_SECOND 500u /* kilobytes to one peer, for keyframes out of the cache */
#define TX_REPLAY_BURST_KB 1500u
#define TX_REPAIR_PERCENT 30u       /* of the estimate, for what was lost of pictures, where a limit was felt; */
#define TX_REPAIR_QUEUED_PERCENT 10u /* while a queue stands */
#define TX_REPAIR_BURST_BYTES_MIN 5000u
#define TX_REPLAY_QUEUE_MS 200u /* a keyframe out of the cache may take this long on the line */
#define TX_CNAME_BYTES 16u

typedef enum {
    TX_TRANSPORT_NEW = 0,
    TX_TRANSPORT_CONNECTED,    /* a nominated check was answered */
    TX_TRANSPORT_DISCONNECTED, /* consent expired: nothing is sent until the next authenticated check */
} tx_transport_state;

typedef struct {
    uint64_t key; /* in worker->ufrags; 0 = none */
    tx_hmac_sha1 password;
} tx_credentials;

typedef struct {
    uint64_t key; /* in worker->addresses; 0 = free */
    uint64_t heard_us;
    tx_path path;
} tx_validated;

struct tx_transport {
    tx_object object;
    /* what every packet touches */
    tx_srtp_sender *sender;
    tx_srtp_receiver *receiver;
    tx_path path; /* where we send; remote.length 0 = not known yet */
    tx_transport_state state;
    uint16_t sent_transport_sequence;
    uint8_t overhead; /* bytes that SRTP adds to an RTP packet */
    bool paced;       /* pictures leave through the pacer */
    tx_congestion *congestion; /* made with the first subscription that carries transport-wide numbers */
    uint64_t packets_sent;
    uint64_t bytes_sent;
    tx_bucket receive;
    uint64_t packets_received;
    uint64_t bytes_received;
    uint64_t authenticated_us; /* last authenticated packet of any kind */
    tx_twcc_recorder *twcc;    /* made with the first track that asks for it */

    tx_table inbound;  /* SSRC -> tx_track (media or RTX) */
    tx_table outbound; /* SSRC -> tx_subscription (media or RTX) */
    tx_extension_map extensions;
    uint32_t local_ssrc; /* sender of our feedback */
    uint8_t selected;    /* index into validated */
    tx_validated validated[TX_VALIDATED_MAX];
    tx_credentials credentials;
    tx_credentials renewed; /* after an ICE restart, until a check proves them */

    tx_link of_slot;
    tx_link restless; /* in worker->restless_transports while feedback or a report is due */
    tx_link tracks;
    tx_link subscriptions;
    uint64_t twcc_sent_us;
    bool report_soon; /* a subscription has not had its first SR */
    bool nominated;   /* USE-CANDIDATE was ever seen */
    tx_sender_offset sender_offset; /* one for all its tracks, so that they stay in step */
    tx_bucket checks;
    tx_bucket dtls;
    tx_bucket retransmit;
    tx_bucket replay;
    tx_bucket repair; /* bytes */

    uint64_t srtp_failures;
    uint64_t rtt_us;
    uint32_t remote_loss_ppm;
    tx_remb remb;
    tx_pacer pacer;
    bool sparing;           /* a long queue stands: its pictures go at their lowest rate */
    uint32_t announced_bps; /* the estimate as Python knows it */
    bool announced_limited;
    uint64_t announced_us;
    uint8_t cname[TX_CNAME_BYTES];
};

/* NULL when memory is short. */
tx_transport *tx_transport_new(tx_worker *worker, const uint8_t *ufrag, size_t ufrag_length, const uint8_t *password,
                               size_t password_length);

/* One that nobody can reach: it carries tracks that come from inside.  NULL when memory is short. */
tx_transport *tx_transport_new_inner(tx_worker *worker);

/* Frees it with its tracks and subscriptions. */
void tx_transport_free(tx_worker *worker, tx_transport *transport);

/* False when memory is short. */
bool tx_transport_renew(tx_worker *worker, tx_transport *transport, const uint8_t *ufrag, size_t ufrag_length,
                        const uint8_t *password, size_t password_length);

/* A check under `key` succeeded: renewed credentials take the place of the old ones. */
void tx_transport_proved(tx_worker *worker, tx_transport *transport, uint64_t key);

/* An authenticated check came this way.  False when the address belongs to another live transport. */
bool tx_transport_validate(tx_worker *worker, tx_transport *transport, const tx_path *path, bool nominated);

/* The transport that proved to be at the other end; NULL for a stranger. */
tx_transport *tx_transport_at(tx_worker *worker, const tx_path *path);

/* A TCP connection has ended: another way that is proven takes its place, if there is one. */
void tx_transport_lost(tx_worker *worker, const tx_path *path);

/* Frees the TCP connections that have ended, and tells who used them. */
void tx_transport_bury(tx_worker *worker);

/* 0 or -errno: -EINVAL for an unknown profile or a wrong length, -EEXIST when keys are already set. */
int tx_transport_set_srtp(tx_worker *worker, tx_transport *transport, unsigned profile, const uint8_t *receive,
                          size_t receive_length, const uint8_t *send, size_t send_length);

/* May packets be sent to it? */
static inline bool tx_transport_ready(const tx_transport *transport)
{
    return transport->sender && transport->path.remote.length && transport->state != TX_TRANSPORT_DISCONNECTED;
}

/* Consent: called once a second. */
void tx_transport_check_consent(tx_worker *worker, tx_transport *transport);

/* Asks for a visit at the next tick. */
void tx_transport_unrest(tx_worker *worker, tx_transport *transport);

/* Encrypts and queues the compound RTCP in `w`, which was written over space from tx_udp_reserve. */
void tx_transport_send_rtcp(tx_worker *worker, tx_transport *transport, tx_writer *w);

size_t tx_transport_bytes(const tx_transport *transport);

uint64_t tx_ufrag_key(const tx_worker *worker, const uint8_t *ufrag, size_t length);

static inline uint64_t tx_ssrc_key(uint32_t ssrc) { return (uint64_t)1 << 32 | ssrc; }

#endif
