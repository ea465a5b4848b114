/* STUN as an ICE-lite agent needs it: read a binding request, prove it, answer it (RFC 8489, RFC 8445 section 7.3).
 *
 * A packet that is not authenticated costs one bounded walk over its attributes (at most TX_STUN_MAX_BYTES and
 * TX_STUN_MAX_ATTRIBUTES) and, when its ufrag is known, one HMAC over it; nothing is allocated.
 */
#ifndef TX_STUN_H
#define TX_STUN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "hmac.h"

#define TX_STUN_MAX_BYTES 576
#define TX_STUN_MAX_ATTRIBUTES 24
#define TX_STUN_RESPONSE_MAX_BYTES 128

#define TX_STUN_BINDING_REQUEST 0x0001
#define TX_STUN_BINDING_INDICATION 0x0011
#define TX_STUN_BINDING_SUCCESS 0x0101
#define TX_STUN_BINDING_ERROR 0x0111

/* A parsed message; pointers and offsets lie inside the packet, which must outlive the view. */
typedef struct tx_stun_view {
    const uint8_t *data;
    uint16_t length;
    uint16_t type;
    const uint8_t *transaction; /* 12 bytes */
    const uint8_t *username;    /* NULL when absent */
    uint16_t username_length;
    uint16_t integrity_offset;   /* of the attribute's header; 0 = absent */
    uint16_t fingerprint_offset; /* of the attribute's header; 0 = absent */
    uint16_t unknown_attribute;  /* first comprehension-required type we do not know; 0 = none (answer 420) */
    uint32_t priority;
    uint64_t tie_breaker;
    bool has_priority;
    bool use_candidate;
    bool controlling; /* ICE-CONTROLLING present */
    bool controlled;  /* ICE-CONTROLLED present: a conflict with a lite agent is answered by 487 */
} tx_stun_view;

/* False when the packet is not well-formed STUN; the view is then not to be used.  Checks no cryptography.
 * Attributes after MESSAGE-INTEGRITY other than FINGERPRINT are ignored (RFC 8489 14.5). */
bool tx_stun_parse(tx_stun_view *view, const uint8_t *data, size_t length);

/* The part of USERNAME before ':' is our ufrag (RFC 8445 7.2.2).  Returns its length, 0 when there is none. */
size_t tx_stun_local_ufrag(const tx_stun_view *view, const uint8_t **ufrag);

/* MESSAGE-INTEGRITY under our password; constant-time.  False when absent. */
bool tx_stun_check_integrity(const tx_stun_view *view, const tx_hmac_sha1 *password);

/* True when FINGERPRINT is absent or right; an ICE check must carry one (RFC 8445 7.1), so ask for it beforehand:
 * `view.fingerprint_offset != 0`. */
bool tx_stun_check_fingerprint(const tx_stun_view *view);

/* Binding success with XOR-MAPPED-ADDRESS (v4, v6; a v4-mapped v6 address is answered as v4), MESSAGE-INTEGRITY and
 * FINGERPRINT.  Returns the length, 0 when `capacity` or the address family does not do. */
size_t tx_stun_success(uint8_t *out, size_t capacity, const tx_stun_view *request, const struct sockaddr *mapped,
                       const tx_hmac_sha1 *password);

/* Binding error 400, 401, 420 or 487, signed when `password` is given.  Returns the length, 0 when it does not fit or
 * the code is another. */
size_t tx_stun_error(uint8_t *out, size_t capacity, const tx_stun_view *request, unsigned code,
                     const tx_hmac_sha1 *password);

/* A binding request of our own, for tests and load clients: USERNAME, PRIORITY, ICE-CONTROLLING or -CONTROLLED,
 * optional USE-CANDIDATE, signed. */
typedef struct tx_stun_request {
    const uint8_t *transaction; /* 12 bytes */
    const uint8_t *username;
    size_t username_length;
    uint32_t priority;
    uint64_t tie_breaker;
    bool controlled;
    bool use_candidate;
} tx_stun_request;

size_t tx_stun_build_request(uint8_t *out, size_t capacity, const tx_stun_request *request,
                             const tx_hmac_sha1 *password);

/* Address of a success response; false when there is none. */
bool tx_stun_mapped_address(const tx_stun_view *view, struct sockaddr_storage *address);

/* Code of an error response, 0 when there is none. */
unsigned tx_stun_error_code(const tx_stun_view *view);

#endif
