#include "rtp.h"

/* ---- view ---- */

bool tx_rtp_parse_header(tx_rtp_view *view, const uint8_t *data, size_t length)
{
    if (length < TX_RTP_HEADER_BYTES || length > UINT16_MAX || data[0] >> 6 != 2)
        return false;
    const uint8_t csrc_count = data[0] & 0x0f;
    size_t header = TX_RTP_HEADER_BYTES + (size_t)csrc_count * 4;
    if (header > length)
        return false;
    view->extension_offset = 0;
    view->extension_length = 0;
    view->extension_form = 0;
    if (data[0] & 0x10) {
        if (length - header < 4)
            return false;
        const uint16_t profile = tx_get16(data + header);
        const size_t words = tx_get16(data + header + 2);
        header += 4;
        if (words * 4 > length - header)
            return false;
        if (profile == 0xbede)
            view->extension_form = 1; /* RFC 8285 4.2 */
        else if ((profile & 0xfff0) == 0x1000)
            view->extension_form = 2; /* RFC 8285 4.3 */
        view->extension_offset = (uint16_t)header;
        view->extension_length = (uint16_t)(words * 4);
        header += words * 4;
    }
    view->data = data;
    view->length = (uint16_t)length;
    view->header_length = (uint16_t)header;
    view->payload_length = (uint16_t)(length - header);
    view->csrc_count = csrc_count;
    view->payload_type = data[1] & 0x7f;
    view->marker = (data[1] & 0x80) != 0;
    view->padded = (data[0] & 0x20) != 0;
    view->padding = 0;
    view->sequence = tx_get16(data + 2);
    view->timestamp = tx_get32(data + 4);
    view->ssrc = tx_get32(data + 8);
    return true;
}

bool tx_rtp_trim_padding(tx_rtp_view *view, const uint8_t *data, size_t length)
{
    if (length < view->header_length || length > UINT16_MAX)
        return false;
    size_t payload = length - view->header_length;
    uint8_t padding = 0;
    if (view->padded) {
        if (payload == 0)
            return false;
        padding = data[length - 1];
        if (padding == 0 || padding > payload)
            return false;
        payload -= padding;
    }
    view->data = data;
    view->length = (uint16_t)length;
    view->padding = padding;
    view->payload_length = (uint16_t)payload;
    return true;
}

bool tx_rtp_parse(tx_rtp_view *view, const uint8_t *data, size_t length)
{
    return tx_rtp_parse_header(view, data, length) && tx_rtp_trim_padding(view, data, length);
}

/* ---- extensions ---- */

typedef struct element {
    uint16_t offset; /* of the value */
    uint8_t id;
    uint8_t length;
} element;

/* Next element from *at (an offset into the packet) on; false at the end, at id 15 or where an element does not fit. */
static bool next_element(const tx_rtp_view *view, size_t *at, element *found)
{
    const size_t end = (size_t)view->extension_offset + view->extension_length;
    const size_t head = view->extension_form;
    if (head == 0)
        return false;
    while (*at < end && view->data[*at] == 0)
        (*at)++; /* padding bytes, RFC 8285 4.1.2 */
    if (end - *at < head)
        return false;
    const uint8_t first = view->data[*at];
    size_t length;
    if (head == 1) {
        found->id = first >> 4;
        if (found->id == 15)
            return false; /* RFC 8285 4.2: stop at the reserved id */
        length = (size_t)(first & 0x0f) + 1;
    } else {
        found->id = first;
        length = view->data[*at + 1];
    }
    if (length > end - *at - head)
        return false;
    found->offset = (uint16_t)(*at + head);
    found->length = (uint8_t)length;
    *at += head + length;
    return true;
}

const uint8_t *tx_rtp_extension(const tx_rtp_view *view, uint8_t id, uint8_t *length)
{
    size_t at = view->extension_offset;
    element found;
    while (next_element(view, &at, &found)) {
        if (found.id == id) {
            *length = found.length;
            return view->data + found.offset;
        }
    }
    return NULL;
}

bool tx_extension_map_init(tx_extension_map *map, const uint8_t id[TX_EXT_COUNT])
{
    memset(map->meaning, TX_EXT_COUNT, sizeof map->meaning);
    for (unsigned i = 0; i < TX_EXT_COUNT; i++) {
        map->id[i] = id[i];
        if (id[i] == 0)
            continue;
        if (id[i] > 14 || map->meaning[id[i]] != TX_EXT_COUNT)
            return false;
        map->meaning[id[i]] = (uint8_t)i;
    }
    return true;
}

void tx_rtp_extensions(const tx_rtp_view *view, const tx_extension_map *map, tx_extension_set *set)
{
    memset(set, 0, sizeof *set);
    size_t at = view->extension_offset;
    element found;
    while (next_element(view, &at, &found)) {
        if (found.id > 14)
            continue;
        const uint8_t meaning = map->meaning[found.id];
        if (meaning == TX_EXT_COUNT || set->at[meaning].offset)
            continue;
        set->at[meaning].offset = found.offset;
        set->at[meaning].length = found.length;
    }
}

/* ---- rewriting ---- */

bool tx_rtp_layout_init(tx_rtp_layout *layout, const uint8_t id[TX_EXT_COUNT], size_t mid_length, bool allow_two_byte)
{
    if (mid_length > TX_RTP_MID_MAX_BYTES)
        return false;
    uint64_t key = 1;
    for (unsigned i = 0; i < TX_EXT_COUNT; i++) {
        if (id[i] > 14)
            return false;
        layout->id[i] = id[i];
    }
    if (mid_length == 0)
        layout->id[TX_EXT_MID] = 0;
    if (layout->id[TX_EXT_MID] == 0)
        mid_length = 0;
    for (unsigned i = 0; i < TX_EXT_COUNT; i++)
        key = key << 4 | layout->id[i];
    layout->mid_length = (uint8_t)mid_length;
    layout->allow_two_byte = allow_two_byte;
    layout->playout = 0;
    layout->key = key << 6 | (uint64_t)mid_length << 1 | allow_two_byte;
    return true;
}

#define KEY_PLAYOUT_SHIFT 43 /* 1 + 9 ids + length + form lie below */
#define PLAYOUT_MAX_10MS 1000u /* what receivers take without being asked */

void tx_rtp_layout_ask_delay(tx_rtp_layout *layout, uint8_t least_10ms)
{
    layout->playout = (uint8_t)((least_10ms > 63 ? 63 : least_10ms) + 1);
    uint64_t rest = layout->key & (((uint64_t)1 << KEY_PLAYOUT_SHIFT) - 1);
    layout->key = rest | (uint64_t)layout->playout << KEY_PLAYOUT_SHIFT;
}

/* What takes the place of the source's dependency descriptor; NULL = nothing does. */
typedef struct {
    const uint8_t *value;
    uint8_t length;
} replacement;

/* Length of the element to write for `meaning`; negative to leave it out. */
static int written_length(const tx_extension_set *set, const tx_rtp_layout *layout, const replacement *own,
                          unsigned meaning)
{
    if (layout->id[meaning] == 0)
        return -1;
    switch (meaning) {
    case TX_EXT_DEPENDENCY_DESCRIPTOR:
        if (own->value)
            return own->length;
        return set && set->at[meaning].offset ? set->at[meaning].length : -1;
    case TX_EXT_MID: return layout->mid_length;
    case TX_EXT_TRANSPORT_CC: return 2;
    case TX_EXT_ABS_SEND_TIME: return 3;
    case TX_EXT_PLAYOUT_DELAY:
        if (layout->playout)
            return 3;
        return set && set->at[meaning].offset ? set->at[meaning].length : -1;
    default: return set && set->at[meaning].offset ? set->at[meaning].length : -1;
    }
}

/* Writes the extension block after the `at` bytes of header that stand; returns the whole header's length. */
static size_t write_extensions(tx_rtp_template *template, size_t at, const uint8_t *data, const tx_extension_set *set,
                               const tx_rtp_layout *layout, const replacement *own)
{
    bool two_byte = false;
    for (unsigned i = 0; i < TX_EXT_COUNT && layout->allow_two_byte; i++) {
        const int length = written_length(set, layout, own, i);
        if (length == 0 || length > 16)
            two_byte = true; /* not expressible in the one-byte form */
    }
    uint8_t *header = template->header;
    const size_t head = two_byte ? 2 : 1;
    const size_t block = at;
    at += 4;
    for (unsigned i = 0; i < TX_EXT_COUNT; i++) {
        const int length = written_length(set, layout, own, i);
        if (length < 0 || (!two_byte && (length == 0 || length > 16)))
            continue;
        const size_t bytes = (size_t)length;
        if (bytes + head > TX_RTP_HEADER_MAX_BYTES - 4 - at)
            continue; /* only hostile input is that long */
        header[at] = (uint8_t)(two_byte ? layout->id[i] : layout->id[i] << 4 | (length - 1));
        if (two_byte)
            header[at + 1] = (uint8_t)length;
        at += head;
        if (i == TX_EXT_MID)
            template->mid_offset = (uint16_t)at;
        else if (i == TX_EXT_TRANSPORT_CC)
            template->transport_cc_offset = (uint16_t)at;
        else if (i == TX_EXT_ABS_SEND_TIME)
            template->abs_send_time_offset = (uint16_t)at;
        else if (i == TX_EXT_PLAYOUT_DELAY && layout->playout)
            tx_put24(header + at, (layout->playout - 1u) << 12 | PLAYOUT_MAX_10MS);
        else if (i == TX_EXT_DEPENDENCY_DESCRIPTOR && own->value)
            memcpy(header + at, own->value, bytes);
        else
            memcpy(header + at, data + set->at[i].offset, bytes);
        if (i == TX_EXT_DEPENDENCY_DESCRIPTOR)
            template->dependency_offset = (uint16_t)at;
        at += bytes;
    }
    if (at == block + 4)
        return block; /* nothing to write: no block at all */
    while (at % 4)
        header[at++] = 0;
    header[0] |= 0x10;
    tx_put16(header + block, two_byte ? 0x1000 : 0xbede);
    tx_put16(header + block + 2, (uint16_t)((at - block - 4) / 4));
    return at;
}

static void begin_template(tx_rtp_template *template, const tx_rtp_layout *layout)
{
    template->layout_key = layout->key;
    template->mid_offset = 0;
    template->transport_cc_offset = 0;
    template->abs_send_time_offset = 0;
    template->dependency_offset = 0;
    template->mid_length = layout->mid_length;
    memset(template->header, 0, 64);
    template->header[0] = 0x80;
}

void tx_rtp_template_build_with(tx_rtp_template *template, const tx_rtp_view *view, const tx_extension_set *set,
                                const tx_rtp_layout *layout, const uint8_t *dependency, uint8_t length)
{
    begin_template(template, layout);
    const replacement own = {.value = dependency, .length = length};
    const size_t csrc_bytes = (size_t)view->csrc_count * 4;
    template->header[0] |= view->csrc_count;
    memcpy(template->header + TX_RTP_HEADER_BYTES, view->data + TX_RTP_HEADER_BYTES, csrc_bytes);
    template->length =
        (uint16_t)write_extensions(template, TX_RTP_HEADER_BYTES + csrc_bytes, view->data, set, layout, &own);
}

void tx_rtp_template_build(tx_rtp_template *template, const tx_rtp_view *view, const tx_extension_set *set,
                           const tx_rtp_layout *layout)
{
    tx_rtp_template_build_with(template, view, set, layout, NULL, 0);
}

void tx_rtp_template_blank(tx_rtp_template *template, const tx_rtp_layout *layout)
{
    begin_template(template, layout);
    const replacement none = {0};
    template->length = (uint16_t)write_extensions(template, TX_RTP_HEADER_BYTES, NULL, NULL, layout, &none);
}

/* ---- RTX ---- */

bool tx_rtp_rtx_unwrap(tx_rtp_view *view, uint8_t *packet, uint32_t ssrc, uint8_t payload_type)
{
    if (view->payload_length < 3)
        return false; /* RFC 4588 4: two bytes of sequence, then the original payload */
    const uint16_t sequence = tx_get16(packet + view->header_length);
    memmove(packet + 2, packet, view->header_length);
    uint8_t *media = packet + 2;
    media[1] = (uint8_t)((media[1] & 0x80) | payload_type);
    tx_put16(media + 2, sequence);
    tx_put32(media + 8, ssrc);
    view->data = media;
    view->length = (uint16_t)(view->length - 2);
    view->payload_length = (uint16_t)(view->payload_length - 2);
    view->payload_type = payload_type;
    view->sequence = sequence;
    view->ssrc = ssrc;
    return true;
}

/* ---- RED ---- */

bool tx_red_parse(tx_red_view *red, const uint8_t *payload, size_t length)
{
    size_t at = 0;
    unsigned count = 0;
    size_t blocks_bytes = 0;
    for (;;) {
        if (at >= length)
            return false;
        if (!(payload[at] & 0x80))
            break; /* F = 0: the primary's one-byte header, last */
        if (count == TX_RED_BLOCKS_MAX || length - at < 4)
            return false;
        tx_red_block *block = &red->redundant[count++];
        block->payload_type = payload[at] & 0x7f;
        const uint32_t word = tx_get24(payload + at + 1);
        block->timestamp_offset = (uint16_t)(word >> 10);
        block->length = (uint16_t)(word & 0x3ff);
        blocks_bytes += block->length;
        at += 4;
    }
    red->primary.payload_type = payload[at] & 0x7f;
    red->primary.timestamp_offset = 0;
    at++;
    if (length > UINT16_MAX || blocks_bytes > length - at)
        return false;
    for (unsigned i = 0; i < count; i++) {
        red->redundant[i].offset = (uint16_t)at;
        at += red->redundant[i].length;
    }
    red->primary.offset = (uint16_t)at;
    red->primary.length = (uint16_t)(length - at);
    red->redundant_count = (uint8_t)count;
    return true;
}
