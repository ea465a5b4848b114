#include "rtcp.h"

#define HEADER_BYTES 4
#define FEEDBACK_BYTES 12 /* header, sender SSRC, media SSRC */
#define REPORT_BLOCK_BYTES 24
#define SENDER_INFO_BYTES 20
#define SDES_CNAME 1

/* ---- reading ---- */

bool tx_rtcp_next(tx_rtcp_iterator *it, tx_rtcp_packet *packet)
{
    const size_t left = (size_t)(it->end - it->at);
    if (left < HEADER_BYTES || it->at[0] >> 6 != 2)
        return false;
    const size_t whole = ((size_t)tx_get16(it->at + 2) + 1) * 4;
    if (whole > left || whole > UINT16_MAX)
        return false;
    size_t length = whole;
    if (it->at[0] & 0x20) {
        /* RFC 3550 6.4.1 asks for a multiple of four, but transport-wide feedback pads by 1 to 3 bytes. */
        const uint8_t padding = it->at[whole - 1];
        if (padding == 0 || padding > whole - HEADER_BYTES)
            return false;
        length -= padding;
    }
    packet->data = it->at;
    packet->length = (uint16_t)length;
    packet->type = it->at[1];
    packet->count = it->at[0] & 0x1f;
    it->at += whole;
    return true;
}

bool tx_rtcp_read_sender_report(const tx_rtcp_packet *packet, tx_rtcp_sender_report *report)
{
    if (packet->type != TX_RTCP_SR || packet->length < 8 + SENDER_INFO_BYTES)
        return false;
    const uint8_t *p = packet->data;
    report->ssrc = tx_get32(p + 4);
    report->ntp = tx_get64(p + 8);
    report->rtp_timestamp = tx_get32(p + 16);
    report->packets = tx_get32(p + 20);
    report->octets = tx_get32(p + 24);
    return true;
}

/* Offset of the first report block, 0 when the packet has none to offer. */
static size_t blocks_offset(const tx_rtcp_packet *packet)
{
    if (packet->type == TX_RTCP_SR)
        return 8 + SENDER_INFO_BYTES;
    return packet->type == TX_RTCP_RR ? 8 : 0;
}

size_t tx_rtcp_report_count(const tx_rtcp_packet *packet)
{
    const size_t offset = blocks_offset(packet);
    if (offset == 0 || packet->length < offset)
        return 0;
    const size_t fit = (packet->length - offset) / REPORT_BLOCK_BYTES;
    return fit < packet->count ? fit : packet->count;
}

bool tx_rtcp_read_report_block(const tx_rtcp_packet *packet, size_t index, tx_rtcp_report_block *block)
{
    if (index >= tx_rtcp_report_count(packet))
        return false;
    const uint8_t *p = packet->data + blocks_offset(packet) + index * REPORT_BLOCK_BYTES;
    block->ssrc = tx_get32(p);
    block->fraction_lost = p[4];
    const uint32_t lost = tx_get24(p + 5);
    block->cumulative_lost = (int32_t)lost - (lost & 0x800000 ? 0x1000000 : 0);
    block->highest_sequence = tx_get32(p + 8);
    block->jitter = tx_get32(p + 12);
    block->last_sr = tx_get32(p + 16);
    block->delay_last_sr = tx_get32(p + 20);
    return true;
}

/* One chunk of an SDES beginning at *at; moves *at behind it.  False when it does not fit. */
static bool read_chunk(const tx_rtcp_packet *packet, size_t *at, const uint8_t **cname, uint8_t *cname_length)
{
    size_t i = *at + 4;
    *cname = NULL;
    while (i < packet->length && packet->data[i] != 0) {
        if (packet->length - i < 2 || packet->length - i - 2 < packet->data[i + 1])
            return false;
        if (packet->data[i] == SDES_CNAME && !*cname) {
            *cname = packet->data + i + 2;
            *cname_length = packet->data[i + 1];
        }
        i += 2 + (size_t)packet->data[i + 1];
    }
    if (i >= packet->length)
        return false;           /* no terminating zero */
    *at = (i + 4) & ~(size_t)3; /* RFC 3550 6.5: ended by one or more zeros up to a 32-bit boundary */
    return *at <= packet->length;
}

bool tx_rtcp_read_cname(const tx_rtcp_packet *packet, size_t index, uint32_t *ssrc, const uint8_t **name,
                        uint8_t *length)
{
    if (packet->type != TX_RTCP_SDES || index >= packet->count)
        return false;
    size_t at = HEADER_BYTES;
    for (size_t i = 0;; i++) {
        if (packet->length - at < 4)
            return false;
        const uint32_t chunk_ssrc = tx_get32(packet->data + at);
        if (!read_chunk(packet, &at, name, length))
            return false;
        if (i == index) {
            *ssrc = chunk_ssrc;
            return *name != NULL;
        }
    }
}

size_t tx_rtcp_bye_count(const tx_rtcp_packet *packet)
{
    if (packet->type != TX_RTCP_BYE)
        return 0;
    const size_t fit = ((size_t)packet->length - HEADER_BYTES) / 4;
    return fit < packet->count ? fit : packet->count;
}

uint32_t tx_rtcp_bye_ssrc(const tx_rtcp_packet *packet, size_t index)
{
    return tx_get32(packet->data + HEADER_BYTES + index * 4);
}

bool tx_rtcp_read_feedback(const tx_rtcp_packet *packet, tx_rtcp_feedback *feedback)
{
    if (packet->type != TX_RTCP_RTPFB && packet->type != TX_RTCP_PSFB)
        return false;
    if (packet->length < FEEDBACK_BYTES)
        return false;
    feedback->sender_ssrc = tx_get32(packet->data + 4);
    feedback->media_ssrc = tx_get32(packet->data + 8);
    return true;
}

size_t tx_rtcp_read_nack(const tx_rtcp_packet *packet, uint16_t *sequences, size_t capacity)
{
    if (packet->type != TX_RTCP_RTPFB || packet->count != TX_RTPFB_NACK)
        return 0;
    size_t count = 0;
    for (size_t at = FEEDBACK_BYTES; at + 4 <= packet->length; at += 4) {
        const uint16_t pid = tx_get16(packet->data + at);
        const uint16_t blp = tx_get16(packet->data + at + 2);
        if (count == capacity)
            return count;
        sequences[count++] = pid;
        for (unsigned bit = 0; bit < 16; bit++) {
            if (!(blp >> bit & 1))
                continue;
            if (count == capacity)
                return count;
            sequences[count++] = (uint16_t)(pid + bit + 1);
        }
    }
    return count;
}

size_t tx_rtcp_fir_count(const tx_rtcp_packet *packet)
{
    if (packet->type != TX_RTCP_PSFB || packet->count != TX_PSFB_FIR)
        return 0;
    return packet->length < FEEDBACK_BYTES ? 0 : ((size_t)packet->length - FEEDBACK_BYTES) / 8;
}

bool tx_rtcp_read_fir(const tx_rtcp_packet *packet, size_t index, uint32_t *ssrc, uint8_t *sequence)
{
    if (index >= tx_rtcp_fir_count(packet))
        return false;
    const uint8_t *entry = packet->data + FEEDBACK_BYTES + index * 8;
    *ssrc = tx_get32(entry);
    *sequence = entry[4];
    return true;
}

bool tx_rtcp_read_remb(const tx_rtcp_packet *packet, uint64_t *bitrate_bps, size_t *ssrc_count)
{
    if (packet->type != TX_RTCP_PSFB || packet->count != TX_PSFB_AFB || packet->length < 20)
        return false;
    const uint8_t *p = packet->data + FEEDBACK_BYTES;
    if (memcmp(p, "REMB", 4) != 0)
        return false;
    const unsigned exponent = p[5] >> 2;
    const uint64_t mantissa = tx_get24(p + 5) & 0x3ffff;
    const size_t fit = ((size_t)packet->length - 20) / 4;
    if (p[4] > fit)
        return false;
    *ssrc_count = p[4];
    /* 18 bits shifted by more than 46 leave 64; no path has that rate, so saturate. */
    *bitrate_bps = exponent > 46 && mantissa ? UINT64_MAX : mantissa << (exponent & 63);
    return true;
}

uint32_t tx_rtcp_remb_ssrc(const tx_rtcp_packet *packet, size_t index)
{
    return tx_get32(packet->data + 20 + index * 4);
}

/* ---- building ---- */

/* Starts a packet; its length field is set by end_packet. */
static uint8_t *begin_packet(tx_writer *w, unsigned count, uint8_t type)
{
    uint8_t *start = tx_write_space(w, HEADER_BYTES);
    if (start) {
        start[0] = (uint8_t)(0x80 | count);
        start[1] = type;
    }
    return start;
}

static void end_packet(tx_writer *w, uint8_t *start)
{
    if (w->failed)
        return;
    tx_put16(start + 2, (uint16_t)((size_t)(w->at - start) / 4 - 1));
}

static uint8_t *begin_feedback(tx_writer *w, unsigned format, uint8_t type, uint32_t sender_ssrc, uint32_t media_ssrc)
{
    uint8_t *start = begin_packet(w, format, type);
    tx_write32(w, sender_ssrc);
    tx_write32(w, media_ssrc);
    return start;
}

static void write_blocks(tx_writer *w, const tx_rtcp_report_block *blocks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const tx_rtcp_report_block *b = &blocks[i];
        int32_t lost = b->cumulative_lost; /* RFC 3550 A.3: clamp to 24 bits */
        if (lost > 0x7fffff)
            lost = 0x7fffff;
        if (lost < -0x800000)
            lost = -0x800000;
        tx_write32(w, b->ssrc);
        tx_write8(w, b->fraction_lost);
        tx_write24(w, (uint32_t)lost & 0xffffff);
        tx_write32(w, b->highest_sequence);
        tx_write32(w, b->jitter);
        tx_write32(w, b->last_sr);
        tx_write32(w, b->delay_last_sr);
    }
}

void tx_rtcp_write_sender_report(tx_writer *w, const tx_rtcp_sender_report *report, const tx_rtcp_report_block *blocks,
                                 size_t count)
{
    if (count > TX_RTCP_REPORT_BLOCKS_MAX)
        count = TX_RTCP_REPORT_BLOCKS_MAX;
    uint8_t *start = begin_packet(w, (unsigned)count, TX_RTCP_SR);
    tx_write32(w, report->ssrc);
    tx_write64(w, report->ntp);
    tx_write32(w, report->rtp_timestamp);
    tx_write32(w, report->packets);
    tx_write32(w, report->octets);
    write_blocks(w, blocks, count);
    end_packet(w, start);
}

void tx_rtcp_write_receiver_report(tx_writer *w, uint32_t ssrc, const tx_rtcp_report_block *blocks, size_t count)
{
    if (count > TX_RTCP_REPORT_BLOCKS_MAX)
        count = TX_RTCP_REPORT_BLOCKS_MAX;
    uint8_t *start = begin_packet(w, (unsigned)count, TX_RTCP_RR);
    tx_write32(w, ssrc);
    write_blocks(w, blocks, count);
    end_packet(w, start);
}

void tx_rtcp_write_cname(tx_writer *w, uint32_t ssrc, const uint8_t *name, size_t length)
{
    if (length > TX_RTCP_CNAME_MAX_BYTES)
        length = TX_RTCP_CNAME_MAX_BYTES;
    uint8_t *start = begin_packet(w, 1, TX_RTCP_SDES);
    tx_write32(w, ssrc);
    tx_write8(w, SDES_CNAME);
    tx_write8(w, (uint8_t)length);
    tx_write_bytes(w, name, length);
    tx_write_zeros(w, 4 - (length + 2) % 4); /* at least one zero ends the chunk */
    end_packet(w, start);
}

void tx_rtcp_write_nack(tx_writer *w, uint32_t sender_ssrc, uint32_t media_ssrc, const uint16_t *sequences,
                        size_t count)
{
    if (count == 0)
        return;
    uint8_t *start = begin_feedback(w, TX_RTPFB_NACK, TX_RTCP_RTPFB, sender_ssrc, media_ssrc);
    for (size_t i = 0; i < count;) {
        const uint16_t pid = sequences[i++];
        uint16_t blp = 0;
        while (i < count) {
            const uint16_t ahead = (uint16_t)(sequences[i] - pid);
            if (ahead > 16)
                break;
            if (ahead)
                blp |= (uint16_t)(1u << (ahead - 1));
            i++;
        }
        tx_write16(w, pid);
        tx_write16(w, blp);
    }
    end_packet(w, start);
}

void tx_rtcp_write_pli(tx_writer *w, uint32_t sender_ssrc, uint32_t media_ssrc)
{
    end_packet(w, begin_feedback(w, TX_PSFB_PLI, TX_RTCP_PSFB, sender_ssrc, media_ssrc));
}

void tx_rtcp_write_fir(tx_writer *w, uint32_t sender_ssrc, uint32_t media_ssrc, uint8_t sequence)
{
    /* RFC 5104 4.3.1.2: the media SSRC of the header is 0; the entry names it. */
    uint8_t *start = begin_feedback(w, TX_PSFB_FIR, TX_RTCP_PSFB, sender_ssrc, 0);
    tx_write32(w, media_ssrc);
    tx_write8(w, sequence);
    tx_write_zeros(w, 3);
    end_packet(w, start);
}

void tx_rtcp_write_remb(tx_writer *w, uint32_t sender_ssrc, uint64_t bitrate_bps, const uint32_t *ssrcs, size_t count)
{
    if (count > UINT8_MAX)
        count = UINT8_MAX;
    unsigned exponent = 0;
    while (bitrate_bps >> exponent > 0x3ffff)
        exponent++;
    uint8_t *start = begin_feedback(w, TX_PSFB_AFB, TX_RTCP_PSFB, sender_ssrc, 0);
    tx_write_bytes(w, "REMB", 4);
    tx_write8(w, (uint8_t)count);
    tx_write24(w, exponent << 18 | (uint32_t)(bitrate_bps >> exponent));
    for (size_t i = 0; i < count; i++)
        tx_write32(w, ssrcs[i]);
    end_packet(w, start);
}

void tx_rtcp_write_bye(tx_writer *w, const uint32_t *ssrcs, size_t count)
{
    if (count > 31)
        count = 31;
    uint8_t *start = begin_packet(w, (unsigned)count, TX_RTCP_BYE);
    for (size_t i = 0; i < count; i++)
        tx_write32(w, ssrcs[i]);
    end_packet(w, start);
}
