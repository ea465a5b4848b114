/* The recorder: any arrivals, as a publisher may number and time them, come out again as well-formed feedback. */
#include "check.h"
#include "twcc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static tx_twcc_recorder recorder;
    tx_twcc_init(&recorder);
    uint64_t now_us = 1000000;
    for (size_t at = 0; at + 4 <= size; at += 4) {
        /* two bytes of sequence step and two of time, in units that reach every kind of delta */
        static uint16_t sequence;
        if (at == 0)
            sequence = 0;
        const int16_t step = (int16_t)tx_get16(data + at);
        sequence = (uint16_t)(sequence + (step % 2 ? step / 2 : step % 7));
        now_us += (uint64_t)tx_get16(data + at + 2) * (step % 5 == 0 ? 300 : 3);
        tx_twcc_record(&recorder, sequence, now_us);
        CHECK(tx_twcc_pending(&recorder) || recorder.next == recorder.end);
        CHECK(recorder.end - recorder.next <= TX_TWCC_WINDOW);
        if (step % 11)
            continue;
        for (int packets = 0; tx_twcc_pending(&recorder); packets++) {
            uint8_t buffer[TX_TWCC_FEEDBACK_MAX_BYTES];
            tx_writer w = tx_writer_over(buffer, sizeof buffer);
            const uint16_t base = (uint16_t)recorder.next;
            CHECK(packets < TX_TWCC_WINDOW);
            CHECK(tx_twcc_write(&recorder, &w, 1, 2) && !w.failed);
            tx_rtcp_iterator it = tx_rtcp_over(buffer, tx_writer_length(&w));
            tx_rtcp_packet packet;
            tx_twcc_reader reader;
            tx_twcc_entry entry;
            CHECK(tx_rtcp_next(&it, &packet) && it.at == it.end);
            CHECK(tx_twcc_reader_init(&reader, &packet) && reader.sequence == base);
            bool any = false;
            while (tx_twcc_next(&reader, &entry))
                any |= entry.received;
            CHECK(any);
        }
    }
    return 0;
}
