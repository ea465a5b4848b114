/* A peer that reports what it likes: whatever comes, the estimate stays within its bounds and nothing overflows. */
#include "check.h"
#include "congestion.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static tx_congestion congestion;
    uint64_t now_us = 60000000;
    uint16_t sequence = 65500;
    tx_congestion_init(&congestion);
    tx_congestion_set_target(&congestion, 100000, 5000000);
    while (size >= 2) {
        /* a few packets leave, then one report of the length given */
        for (unsigned i = 0; i < data[0] % 32u; i++)
            tx_congestion_sent(&congestion, sequence++, 60 + data[0] * 4u, now_us + i % 3 * 1000);
        now_us += data[0] * 700u + 3000;
        size_t length = (size_t)data[1] * 4;
        data += 2;
        size -= 2;
        length = length < size ? length : size;
        tx_rtcp_iterator it = tx_rtcp_over(data, length);
        tx_rtcp_packet packet;
        tx_twcc_reader reader;
        while (tx_rtcp_next(&it, &packet))
            if (tx_twcc_reader_init(&reader, &packet))
                tx_congestion_report(&congestion, &reader, data[0] * 1000u, now_us);
        tx_congestion_probe(&congestion, now_us);
        tx_probe_due(&congestion.probe, now_us);
        CHECK(congestion.estimate.bps >= TX_ESTIMATE_MIN_BPS && congestion.estimate.bps <= TX_ESTIMATE_MAX_BPS);
        CHECK(congestion.delay.threshold_ms >= 6 && congestion.delay.threshold_ms <= 600);
        data += length;
        size -= length;
    }
    return 0;
}
