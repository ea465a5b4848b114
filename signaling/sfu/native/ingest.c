#include "ingest.h"

#include "feedback.h"
#include "forward.h"
#include "frame_line.h"
#include "ice.h"
#include "packet.h"
#include "room.h"
#include "track.h"
#include "transport.h"

/* Who sent the message at hand. */
typedef struct {
    tx_transport *transport; /* NULL for a stranger */
    tx_validated *validated;
} tx_sender;

static tx_sender sender_of(tx_worker *worker, const tx_path *path)
{
    uint64_t key = tx_path_hash(worker->secret, path);
    tx_sender sender = {.transport = tx_table_get(&worker->addresses, key)};
    for (unsigned i = 0; sender.transport && i < TX_VALIDATED_MAX; i++)
        if (sender.transport->validated[i].key == key)
            sender.validated = &sender.transport->validated[i];
    return sender;
}

static void heard(tx_worker *worker, const tx_sender *sender)
{
    sender->transport->authenticated_us = worker->now_us;
    sender->validated->heard_us = worker->now_us;
}

/* Whether a packet of a microphone is to be heard; what competes for no floor always is. */
static bool has_floor(tx_worker *worker, tx_track *track, const tx_rtp_view *view, const tx_extension_set *set,
                      bool late)
{
    if (track->kind != TX_AUDIO || !track->room)
        return true;
    if (late || track->blocked || view->payload_length == 0)
        return track->microphone.place != 0;
    bool told = set->at[TX_EXT_AUDIO_LEVEL].offset && set->at[TX_EXT_AUDIO_LEVEL].length;
    const uint8_t *level = told ? view->data + set->at[TX_EXT_AUDIO_LEVEL].offset : NULL;
    return tx_room_hear(worker, track->room, track, level);
}

static void note_keyframe(tx_track *track, uint32_t timestamp)
{
    if (track->keyframes && track->keyframe_timestamp == timestamp)
        return;
    track->keyframe_timestamp = timestamp;
    track->keyframes++;
    tx_recovery_keyframe(track);
}

/* Reads the dependency descriptor, if there is one that makes sense. */
static void describe(tx_track *track, const tx_rtp_view *view, const tx_extension_set *set, tx_dependency *dependency,
                     tx_codec_view *codec)
{
    const uint8_t *element = view->data + set->at[TX_EXT_DEPENDENCY_DESCRIPTOR].offset;
    tx_targets active = track->structure.active;
    if (!tx_dependency_read(&track->structure, element, set->at[TX_EXT_DEPENDENCY_DESCRIPTOR].length, dependency))
        return;
    tx_codec_describe(codec, dependency);
    if (dependency->attached)
        tx_layers_sizes(&track->layers, &track->structure);
    track->structure_came |= dependency->attached;
    track->targets_moved |= track->structure.active != active;
}

/* What it says about frames, layers and who lives. */
static void note_video(tx_worker *worker, tx_track *track, const tx_rtp_view *view, const uint8_t *payload,
                       uint16_t length, const tx_codec_view *codec)
{
    tx_layers_count(&track->layers, codec, view->length);
    if (codec->keyframe) {
        note_keyframe(track, view->timestamp);
        tx_picture_sizes_read((tx_codec)track->codec, payload, length, codec, track->layers.size);
    }
    /* What is sent again or came late does not show that it is still sent. */
    if (!codec->frame_start || !tx_listed(&track->of_source) || (!track->inlet && view->timestamp != track->newest_timestamp))
        return;
    bool rested = !track->alive;
    tx_encodings_heard(worker, track);
    if (rested && !codec->keyframe && !tx_list_empty(&track->arrivals))
        tx_recovery_want_keyframe(worker, track); /* the one that it began with is lost */
}

void tx_ingest_keep(tx_worker *worker, tx_track *track, const tx_rtp_view *view, const tx_extension_set *set,
                    int64_t sequence)
{
    tx_codec_view codec = {.frame_start = true};
    tx_dependency dependency;
    bool red = track->red_payload_type && view->payload_type == track->red_payload_type;
    const uint8_t *plain = tx_rtp_payload(view);
    uint16_t plain_length = view->payload_length;
    tx_red_view blocks;
    if (red) {
        if (!tx_red_parse(&blocks, plain, plain_length))
            return;
        plain += blocks.primary.offset;
        plain_length = blocks.primary.length;
    }
    if (track->kind == TX_VIDEO && plain_length
        && !tx_codec_inspect((tx_codec)track->codec, plain, plain_length, &codec))
        codec = (tx_codec_view){0};
    if (set->at[TX_EXT_DEPENDENCY_DESCRIPTOR].offset && tx_codec_is_described((tx_codec)track->codec))
        describe(track, view, set, &dependency, &codec);
    if (!tx_cache_add(track->cache, view, sequence, worker->now_us, codec.keyframe, codec.frame_start))
        return; /* a duplicate */
    if (track->kind == TX_VIDEO)
        note_video(worker, track, view, plain, plain_length, &codec);
    const tx_pending made = {
        .sequence = sequence,
        .view = *view,
        .set = *set,
        .plain = plain,
        .plain_length = plain_length,
        .red = red,
        .codec = codec,
    };
    tx_pending *pending = tx_forward_add(worker, track);
    if (pending)
        *pending = made;
    if (pending && !tx_codec_sends_description((tx_codec)track->codec))
        pending->set.at[TX_EXT_DEPENDENCY_DESCRIPTOR].offset = 0;
    if (pending && codec.dependency) {
        worker->dependencies[pending - worker->pending] = dependency;
        pending->codec.dependency = &worker->dependencies[pending - worker->pending];
    }
    if (!tx_list_empty(&track->taps))
        tx_mirror_packet(track, &made);
    if (track->room)
        tx_room_carry(worker, track->room, track, &made);
}

/* `packet`: the bytes that `view` is over. */
static void publish(tx_worker *worker, tx_track *track, tx_rtp_view *view, const tx_extension_set *set, uint8_t *packet,
                    bool rtx)
{
    int64_t newest = track->source.started ? track->source.newest : INT64_MIN;
    int64_t source = tx_track_extend(worker, track, view->sequence);
    bool late = source < newest;
    if (!rtx)
        tx_track_received(track, source, view->timestamp, worker->now_us);
    track->packets++;
    track->bytes += view->length;
    if (!track->started) {
        track->started = true;
        tx_events_push(&worker->events, TX_EVENT_TRACK_STARTED, track->transport->object.handle, track->object.handle,
                       NULL, 0);
    }
    view->timestamp += track->timestamp_offset;
    if (!late) {
        track->newest_timestamp = view->timestamp;
        track->arrival_us = worker->now_us;
    }
    bool known = view->payload_type == track->payload_type
        || (track->red_payload_type && view->payload_type == track->red_payload_type)
        || (!late && !track->blocked && view->payload_length
            && tx_track_turn(worker, track, view->payload_type, source));
    bool heard = has_floor(worker, track, view, set, late);
    if (track->blocked || !known || !heard || (view->payload_length == 0 && !late)) {
        /* Probes, comfort noise, who is muted or has not the floor: nobody downstream sees a gap. */
        if (!late)
            tx_seqmap_skip(&track->compaction, source);
        return;
    }
    if (set->at[TX_EXT_DEPENDENCY_DESCRIPTOR].offset)
        tx_frame_line_join(track, set, packet);
    int64_t sequence;
    if (tx_seqmap_sent(&track->compaction, source, &sequence))
        tx_ingest_keep(worker, track, view, set, sequence);
}

static void receive_rtp(tx_worker *worker, const tx_sender *sender, uint8_t *data, size_t length)
{
    tx_transport *transport = sender->transport;
    tx_rtp_view view;
    worker->counters.packets_dropped++; /* taken back once it belongs to a track */
    if (!transport->receiver || length > TX_CACHE_PACKET_MAX_BYTES || !tx_rtp_parse_header(&view, data, length))
        return;
    if (!tx_bucket_take(&transport->receive, worker->now_us, TX_RECEIVE_PER_SECOND, TX_RECEIVE_BURST, 1))
        return;
    size_t plain_length;
    if (tx_srtp_unprotect(transport->receiver, &view, data, &plain_length) != TX_SRTP_OK) {
        transport->srtp_failures++;
        return;
    }
    heard(worker, sender);
    transport->packets_received++;
    transport->bytes_received += length;
    if (!tx_rtp_trim_padding(&view, data, plain_length))
        return;
    tx_extension_set set;
    tx_rtp_extensions(&view, &transport->extensions, &set);
    if (transport->twcc && set.at[TX_EXT_TRANSPORT_CC].length == 2) {
        tx_twcc_record(transport->twcc, tx_get16(data + set.at[TX_EXT_TRANSPORT_CC].offset), worker->now_us);
        tx_transport_unrest(worker, transport);
    }
    tx_track *track = tx_table_get(&transport->inbound, tx_ssrc_key(view.ssrc));
    if (!track)
        track = tx_track_claim(worker, transport, &view, &set);
    if (!track)
        return;
    worker->counters.packets_dropped--;
    bool rtx = view.ssrc == track->rtx_ssrc;
    if (rtx) {
        const tx_format *format = tx_formats_of_rtx(&track->formats, view.payload_type);
        uint8_t payload_type = format ? format->payload_type : track->payload_type;
        if (!track->ssrc || !tx_rtp_rtx_unwrap(&view, data, track->ssrc, payload_type))
            return; /* a probe without payload */
        tx_rtp_extensions(&view, &transport->extensions, &set);
    }
    publish(worker, track, &view, &set, data + (view.data - data), rtx);
}

static void receive_rtcp(tx_worker *worker, const tx_sender *sender, uint8_t *data, size_t length)
{
    tx_transport *transport = sender->transport;
    size_t plain_length = length;
    if (!transport->receiver || tx_srtp_unprotect_rtcp(transport->receiver, data, &plain_length) != TX_SRTP_OK) {
        transport->srtp_failures += transport->receiver != NULL;
        worker->counters.packets_dropped++;
        return;
    }
    heard(worker, sender);
    transport->packets_received++;
    transport->bytes_received += length;
    tx_feedback_receive(worker, transport, data, plain_length);
}

static void receive_dtls(tx_worker *worker, const tx_sender *sender, const uint8_t *data, size_t length)
{
    tx_transport *transport = sender->transport;
    if (length > TX_EVENT_DATA_MAX_BYTES
        || !tx_bucket_take(&transport->dtls, worker->now_us, TX_DTLS_PER_SECOND, TX_DTLS_BURST, 1)) {
        worker->counters.packets_dropped++;
        return;
    }
    tx_events_push(&worker->events, TX_EVENT_DTLS, transport->object.handle, 0, data, length);
}

static void receive_datagram(tx_worker *worker, tx_sender *sender, const tx_path *path, uint8_t *data, size_t length)
{
    tx_packet_kind kind = tx_packet_classify(data, length);
    worker->counters.packets_received++;
    if (kind == TX_PACKET_STUN) {
        tx_ice_receive(worker, path, data, length);
        *sender = sender_of(worker, path);
    } else if (!sender->transport) {
        worker->counters.packets_dropped++; /* nothing of a stranger but STUN is looked at */
    } else if (kind == TX_PACKET_RTP) {
        receive_rtp(worker, sender, data, length);
    } else if (kind == TX_PACKET_RTCP) {
        receive_rtcp(worker, sender, data, length);
    } else if (kind == TX_PACKET_DTLS) {
        receive_dtls(worker, sender, data, length);
    } else {
        worker->counters.packets_dropped++;
    }
}

bool tx_ingest(tx_worker *worker)
{
    tx_udp *udp = &worker->udp;
    while (worker->inbox_at < udp->inbox_count) {
        tx_udp_message *message = &udp->inbox[worker->inbox_at];
        tx_sender sender = sender_of(worker, &message->path);
        while (worker->inbox_offset < message->length) {
            size_t left = message->length - worker->inbox_offset;
            size_t length = left < message->segment ? left : message->segment;
            uint8_t *data = message->data + worker->inbox_offset;
            worker->inbox_offset += length;
            receive_datagram(worker, &sender, &message->path, data, length);
            if (worker->outputs > TX_BATCH_OUTPUTS_MAX / 2)
                return true;
        }
        worker->inbox_offset = 0;
        worker->inbox_at++;
    }
    return false;
}

/* True when there is more, but enough for one batch was done. */
static bool receive_connection(tx_worker *worker, tx_tcp_connection *connection)
{
    tx_sender sender = sender_of(worker, &connection->path);
    bool has_read = false, bad = false;
    for (;;) {
        size_t length;
        uint8_t *data = tx_tcp_frame(connection, &length, &bad);
        if (data) {
            receive_datagram(worker, &sender, &connection->path, data, length);
            if (connection->ended)
                return false;
            if (worker->outputs > TX_BATCH_OUTPUTS_MAX / 2)
                return true;
        } else if (bad || has_read || !connection->readable) {
            break;
        } else {
            tx_forward_all(worker); /* it refers to what reading overwrites */
            has_read = true;
            bad = !tx_tcp_read(connection, worker->now_us);
            if (bad)
                break;
        }
    }
    if (bad)
        tx_tcp_end(&worker->tcp, connection);
    else if (!connection->readable)
        tx_list_remove(&connection->ready);
    return false;
}

bool tx_ingest_tcp(tx_worker *worker)
{
    tx_tcp *tcp = &worker->tcp;
    tx_link round;
    bool enough = false, more = tx_tcp_accept(tcp, worker->secret, worker->now_us);
    tx_list_take(&round, &tcp->ready); /* one look at each; any of them may end meanwhile */
    while (!tx_list_empty(&round)) {
        tx_tcp_connection *connection = tx_owner_of(round.next, tx_tcp_connection, ready);
        tx_list_remove(&connection->ready);
        tx_list_append(&tcp->ready, &connection->ready);
        enough = enough || receive_connection(worker, connection);
        more |= enough || (!connection->ended && connection->readable);
    }
    return more;
}
