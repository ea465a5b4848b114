#include "rate.h"

#include <string.h>

void tx_rate_add(tx_rate *rate, int64_t at_us, uint32_t bytes)
{
    int64_t bucket = at_us / TX_RATE_BUCKET_US;
    if (rate->newest == 0) {
        rate->first = rate->newest = bucket;
    } else if (bucket > rate->newest) {
        if (bucket - rate->newest >= TX_RATE_BUCKETS)
            memset(rate->bytes, 0, sizeof rate->bytes);
        for (int64_t i = rate->newest + 1; i <= bucket && i - rate->newest < TX_RATE_BUCKETS; i++)
            rate->bytes[i % TX_RATE_BUCKETS] = 0;
        rate->newest = bucket;
    } else if (rate->newest - bucket >= TX_RATE_BUCKETS) {
        return;
    }
    uint32_t *sum = &rate->bytes[bucket % TX_RATE_BUCKETS];
    *sum = *sum > UINT32_MAX - bytes ? UINT32_MAX : *sum + bytes;
}

uint32_t tx_rate_bps(const tx_rate *rate, int64_t at_us, int64_t window_us)
{
    int64_t last = at_us / TX_RATE_BUCKET_US, count = window_us / TX_RATE_BUCKET_US;
    if (rate->newest == 0 || count < 2 || count > TX_RATE_BUCKETS)
        return 0;
    int64_t begin = last - count + 1;
    int64_t seen = last - (begin > rate->first ? begin : rate->first) + 1;
    if (seen < count / 2)
        return 0;
    uint64_t bytes = 0;
    for (int64_t i = begin; i <= last; i++)
        if (i <= rate->newest && i > rate->newest - TX_RATE_BUCKETS && i >= rate->first)
            bytes += rate->bytes[i % TX_RATE_BUCKETS];
    uint64_t bps = bytes * 8 * 1000000 / ((uint64_t)seen * TX_RATE_BUCKET_US);
    return bps > UINT32_MAX ? UINT32_MAX : (uint32_t)bps;
}
