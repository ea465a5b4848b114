/* The payload formats in which one source may come, or one subscription may take it: one for each codec.
 *
 * A publisher that was answered with several formats may turn from one to another in mid-stream (RFC 3264 5.1): SSRC,
 * sequences and timestamps go on, the payload type says which codec a packet is of.
 */
#ifndef TX_FORMATS_H
#define TX_FORMATS_H

#include <stddef.h>
#include <stdint.h>

#define TX_FORMATS_MAX 4u

typedef struct {
    uint8_t codec; /* tx_codec */
    uint8_t payload_type;
    uint8_t rtx_payload_type; /* 0 = none */
} tx_format;

typedef struct {
    tx_format at[TX_FORMATS_MAX];
    uint8_t count;
} tx_formats;

static inline const tx_format *tx_formats_of_codec(const tx_formats *formats, uint8_t codec)
{
    for (unsigned i = 0; i < formats->count; i++)
        if (formats->at[i].codec == codec)
            return &formats->at[i];
    return NULL;
}

static inline const tx_format *tx_formats_of_payload(const tx_formats *formats, uint8_t payload_type)
{
    for (unsigned i = 0; i < formats->count; i++)
        if (formats->at[i].payload_type == payload_type)
            return &formats->at[i];
    return NULL;
}

static inline const tx_format *tx_formats_of_rtx(const tx_formats *formats, uint8_t payload_type)
{
    for (unsigned i = 0; i < formats->count; i++)
        if (formats->at[i].rtx_payload_type && formats->at[i].rtx_payload_type == payload_type)
            return &formats->at[i];
    return NULL;
}

#endif
