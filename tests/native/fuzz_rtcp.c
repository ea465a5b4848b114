/* RTCP: every reader over every packet of a compound, and transport-wide feedback. */
#include "check.h"
#include "rtcp.h"
#include "twcc.h"

static uint64_t sum; /* so that no read is optimised away */

static void read_reports(const tx_rtcp_packet *packet)
{
    tx_rtcp_sender_report report;
    if (tx_rtcp_read_sender_report(packet, &report))
        sum += report.ntp;
    const size_t count = tx_rtcp_report_count(packet);
    CHECK(count <= TX_RTCP_REPORT_BLOCKS_MAX);
    for (size_t i = 0; i <= count; i++) {
        tx_rtcp_report_block block;
        const bool there = tx_rtcp_read_report_block(packet, i, &block);
        CHECK(there == (i < count));
        if (there)
            CHECK(block.cumulative_lost >= -0x800000 && block.cumulative_lost <= 0x7fffff);
    }
    for (size_t i = 0; i < packet->count; i++) {
        uint32_t ssrc;
        const uint8_t *name;
        uint8_t length;
        if (!tx_rtcp_read_cname(packet, i, &ssrc, &name, &length))
            continue;
        CHECK(name >= packet->data && name + length <= packet->data + packet->length);
        for (size_t k = 0; k < length; k++)
            sum += name[k];
    }
    for (size_t i = 0; i < tx_rtcp_bye_count(packet); i++)
        sum += tx_rtcp_bye_ssrc(packet, i);
}

static void read_feedback(const tx_rtcp_packet *packet)
{
    tx_rtcp_feedback feedback;
    if (tx_rtcp_read_feedback(packet, &feedback))
        sum += feedback.media_ssrc;
    uint16_t sequences[64];
    const size_t lost = tx_rtcp_read_nack(packet, sequences, 64);
    CHECK(lost <= 64);
    for (size_t i = 0; i < lost; i++)
        sum += sequences[i];
    for (size_t i = 0; i < tx_rtcp_fir_count(packet); i++) {
        uint32_t ssrc;
        uint8_t sequence;
        CHECK(tx_rtcp_read_fir(packet, i, &ssrc, &sequence));
        sum += ssrc + sequence;
    }
    uint64_t bitrate_bps;
    size_t ssrc_count;
    if (tx_rtcp_read_remb(packet, &bitrate_bps, &ssrc_count)) {
        for (size_t i = 0; i < ssrc_count; i++)
            sum += tx_rtcp_remb_ssrc(packet, i);
    }
    tx_twcc_reader reader;
    if (tx_twcc_reader_init(&reader, packet)) {
        tx_twcc_entry entry;
        size_t entries = 0;
        while (tx_twcc_next(&reader, &entry)) {
            sum += (uint64_t)entry.arrival_us + entry.sequence;
            entries++;
        }
        CHECK(entries == tx_get16(packet->data + 14));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tx_rtcp_iterator it = tx_rtcp_over(data, size);
    tx_rtcp_packet packet;
    while (tx_rtcp_next(&it, &packet)) {
        CHECK(packet.data + packet.length <= data + size);
        read_reports(&packet);
        read_feedback(&packet);
    }
    return 0;
}
