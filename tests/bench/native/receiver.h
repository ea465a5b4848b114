/* One subscriber of the load client: a socket that Python has taken through ICE and DTLS, read as a browser reads it, one
 * datagram at a time.  It counts gaps in the sequence numbers of every stream and opens every 64th packet.
 */
#ifndef BENCH_RECEIVER_H
#define BENCH_RECEIVER_H

#include "srtp.h"

#define DELAY_STEPS 64 /* of checked packets' delays: four to each doubling, from 16 us on */
#define STREAMS_MAX 256 /* a power of two, kept at most half full */

struct stream {
    uint32_t ssrc; /* 0 = free */
    uint16_t newest;
    uint32_t roc;
    uint64_t packets;
};

struct counts {
    uint64_t received, gaps, repeats, checked, bad, streams;
    uint64_t delays[DELAY_STEPS];
};

struct receiver {
    int fd;
    bool video;
    int payload_type; /* of media; other packets are retransmissions and probes */
    bool also_video;
    int also_payload_type; /* of other media; 0 = none */
    struct srtp srtp;
    struct stream stream[STREAMS_MAX];
};

/* Reads everything that waits and adds to `counts`. */
void receiver_drain(struct receiver *receiver, struct counts *counts);

#endif
