#include "shape.h"

#include <string.h>

#include "wire.h"

const tx_rtp_template *tx_shape_template(const tx_shape *shape, const tx_rtp_view *packet, const tx_extension_set *set,
                                         const tx_rtp_layout *layout, const tx_rtp_template *template,
                                         tx_rtp_template *own)
{
    uint8_t element[TX_DEPENDENCY_MAX_BYTES];
    if (!shape->masked || !template->dependency_offset)
        return template;
    const uint8_t *came = packet->data + set->at[TX_EXT_DEPENDENCY_DESCRIPTOR].offset;
    size_t length = tx_dependency_mask(element, came, shape->dependency, shape->active);
    if (length == 0)
        return template;
    tx_rtp_template_build_with(own, packet, set, layout, element, (uint8_t)length);
    return own;
}

void tx_shape_renumber(const tx_shape *shape, const tx_rtp_template *template, uint8_t *header)
{
    uint8_t *number = header + template->dependency_offset + 1;
    if (shape->dependency && shape->frame_offset && template->dependency_offset)
        tx_put16(number, (uint16_t)(tx_get16(number) + shape->frame_offset));
}

void tx_shape_apply(const tx_shape *shape, tx_srtp_job *job)
{
    uint8_t skipped = shape->prefix_length;
    if (shape->empty) {
        job->payload_length = 0;
        job->padding = 1;
        return;
    }
    memcpy(job->packet + job->header_length, shape->prefix, skipped);
    job->prefix_length = (uint16_t)(job->prefix_length + skipped);
    job->payload += skipped;
    job->payload_length = (uint16_t)(job->payload_length - skipped);
}
