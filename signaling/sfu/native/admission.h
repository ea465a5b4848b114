/* Rate limits for packets that have proven nothing yet: O(1), fixed memory, no list of attackers to grow.
 *
 * Failures are charged to the source's site (IPv4 address or IPv6 /64) in a hashed bucket; a site whose bucket is
 * empty is not looked at until it refills.  Peers whose address is already validated never come here.  A global
 * bucket bounds what a flood from many addresses can cost.  Plain binding requests have another: they name nobody, so
 * anybody can send as many as he likes, and must not use up what newcomers with a user name need.
 */
#ifndef TX_ADMISSION_H
#define TX_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

#define TX_ADMISSION_SITES 4096u     /* hashed; sites that collide share a bucket */
#define TX_ADMISSION_SITE_BURST 200u /* failures */
#define TX_ADMISSION_SITE_PER_SECOND 20u
#define TX_ADMISSION_GLOBAL_BURST 4000u /* attempts of strangers, successful or not */
#define TX_ADMISSION_GLOBAL_PER_SECOND 20000u
#define TX_ADMISSION_PLAIN_BURST 500u /* answers to plain binding requests, each a datagram sent */
#define TX_ADMISSION_PLAIN_PER_SECOND 1000u

/* Tokens in 1/1000 so that slow rates refill evenly. */
typedef struct {
    uint32_t milli;
    uint32_t updated_ms;
} tx_bucket;

/* Refills for the time passed and takes `tokens`; false, taking none, when there are fewer. */
bool tx_bucket_take(tx_bucket *bucket, uint64_t now_us, uint32_t per_second, uint32_t burst, uint32_t tokens);

static inline tx_bucket tx_bucket_full(uint32_t burst, uint64_t now_us)
{
    return (tx_bucket){.milli = burst * 1000, .updated_ms = (uint32_t)(now_us / 1000)};
}

typedef struct {
    tx_bucket global;
    tx_bucket plain;
    tx_bucket site[TX_ADMISSION_SITES];
} tx_admission;

void tx_admission_init(tx_admission *admission, uint64_t now_us);

/* May this stranger's packet be looked at? */
bool tx_admission_allow(tx_admission *admission, uint64_t site_hash, uint64_t now_us);

/* May this plain binding request be answered?  Charges its site as well. */
bool tx_admission_allow_plain(tx_admission *admission, uint64_t site_hash, uint64_t now_us);

/* It proved nothing. */
void tx_admission_charge(tx_admission *admission, uint64_t site_hash, uint64_t now_us);

#endif
