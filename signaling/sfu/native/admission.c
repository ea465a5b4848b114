#include "admission.h"

static void refill(tx_bucket *bucket, uint64_t now_us, uint32_t per_second, uint32_t burst)
{
    uint32_t now_ms = (uint32_t)(now_us / 1000);
    uint64_t milli = bucket->milli + (uint64_t)(now_ms - bucket->updated_ms) * per_second;
    uint64_t full = (uint64_t)burst * 1000;
    bucket->milli = (uint32_t)(milli < full ? milli : full);
    bucket->updated_ms = now_ms;
}

bool tx_bucket_take(tx_bucket *bucket, uint64_t now_us, uint32_t per_second, uint32_t burst, uint32_t tokens)
{
    refill(bucket, now_us, per_second, burst);
    if (bucket->milli < tokens * 1000)
        return false;
    bucket->milli -= tokens * 1000;
    return true;
}

void tx_admission_init(tx_admission *admission, uint64_t now_us)
{
    admission->global = tx_bucket_full(TX_ADMISSION_GLOBAL_BURST, now_us);
    admission->plain = tx_bucket_full(TX_ADMISSION_PLAIN_BURST, now_us);
    for (unsigned i = 0; i < TX_ADMISSION_SITES; i++)
        admission->site[i] = tx_bucket_full(TX_ADMISSION_SITE_BURST, now_us);
}

bool tx_admission_allow(tx_admission *admission, uint64_t site_hash, uint64_t now_us)
{
    tx_bucket *site = &admission->site[site_hash % TX_ADMISSION_SITES];
    refill(site, now_us, TX_ADMISSION_SITE_PER_SECOND, TX_ADMISSION_SITE_BURST);
    if (site->milli < 1000)
        return false;
    return tx_bucket_take(&admission->global, now_us, TX_ADMISSION_GLOBAL_PER_SECOND, TX_ADMISSION_GLOBAL_BURST, 1);
}

bool tx_admission_allow_plain(tx_admission *admission, uint64_t site_hash, uint64_t now_us)
{
    tx_bucket *site = &admission->site[site_hash % TX_ADMISSION_SITES];
    refill(site, now_us, TX_ADMISSION_SITE_PER_SECOND, TX_ADMISSION_SITE_BURST);
    if (site->milli < 1000
        || !tx_bucket_take(&admission->plain, now_us, TX_ADMISSION_PLAIN_PER_SECOND, TX_ADMISSION_PLAIN_BURST, 1))
        return false;
    site->milli -= 1000;
    return true;
}

void tx_admission_charge(tx_admission *admission, uint64_t site_hash, uint64_t now_us)
{
    tx_bucket_take(&admission->site[site_hash % TX_ADMISSION_SITES], now_us, TX_ADMISSION_SITE_PER_SECOND,
                   TX_ADMISSION_SITE_BURST, 1);
}
