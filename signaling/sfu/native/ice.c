#include "ice.h"

#include "stun.h"
#include "transport.h"

static void answer(tx_worker *worker, const tx_path *path, size_t length)
{
    if (length == 0)
        return;
    tx_udp_queue(&worker->udp, path, length);
    worker->outputs++;
}

static void answer_error(tx_worker *worker, const tx_path *path, const tx_stun_view *request, unsigned code,
                         const tx_hmac_sha1 *password)
{
    uint8_t *space = tx_udp_reserve(&worker->udp, TX_STUN_RESPONSE_MAX_BYTES);
    answer(worker, path, tx_stun_error(space, TX_STUN_RESPONSE_MAX_BYTES, request, code, password));
}

/* The credentials that the request was made with; NULL when it was made with none of ours. */
static const tx_credentials *prove(const tx_transport *transport, const tx_stun_view *request, uint64_t key)
{
    const tx_credentials *credentials = key == transport->renewed.key ? &transport->renewed : &transport->credentials;
    return tx_stun_check_integrity(request, &credentials->password) ? credentials : NULL;
}

/* A plain binding request (RFC 8489 2), as to any STUN server: how browsers and the doctor find out whether they reach
 * this port, and as whom.  The answer is 40 bytes, and each costs its site as much as a failed check. */
static void answer_plain(tx_worker *worker, const tx_path *path, const tx_stun_view *request)
{
    uint64_t site = tx_address_site_hash(worker->secret, &path->remote);
    if (!tx_admission_allow_plain(&worker->admission, site, worker->now_us))
        return;
    worker->counters.packets_dropped--;
    uint8_t *space = tx_udp_reserve(&worker->udp, TX_STUN_RESPONSE_MAX_BYTES);
    answer(worker, path, tx_stun_success(space, TX_STUN_RESPONSE_MAX_BYTES, request, &path->remote.any, NULL));
}

void tx_ice_receive(tx_worker *worker, const tx_path *path, const uint8_t *data, size_t length)
{
    tx_stun_view request;
    const uint8_t *ufrag;
    worker->counters.packets_dropped++; /* taken back once it has proved itself */
    if (!tx_stun_parse(&request, data, length) || request.type != TX_STUN_BINDING_REQUEST)
        return;
    if (!request.username && !request.integrity_offset && !request.unknown_attribute) {
        answer_plain(worker, path, &request);
        return;
    }
    size_t ufrag_length = tx_stun_local_ufrag(&request, &ufrag);
    if (ufrag_length == 0 || request.integrity_offset == 0 || request.fingerprint_offset == 0)
        return;
    /* A wrong ufrag costs one look-up and no answer: nothing for floods to multiply, nothing for scanners to see. */
    uint64_t key = tx_ufrag_key(worker, ufrag, ufrag_length);
    tx_transport *transport = tx_table_get(&worker->ufrags, key);
    if (!transport)
        return;
    uint64_t site = 0;
    bool stranger = tx_transport_at(worker, path) != transport;
    if (stranger) {
        site = tx_address_site_hash(worker->secret, &path->remote);
        if (!tx_admission_allow(&worker->admission, site, worker->now_us))
            return;
    }
    const tx_credentials *credentials = prove(transport, &request, key);
    if (!credentials || !tx_stun_check_fingerprint(&request)) {
        if (stranger)
            tx_admission_charge(&worker->admission, site, worker->now_us);
        return;
    }
    if (!tx_bucket_take(&transport->checks, worker->now_us, TX_CHECKS_PER_SECOND, TX_CHECKS_BURST, 1))
        return;
    worker->counters.packets_dropped--;
    tx_hmac_sha1 password = credentials->password;
    if (request.unknown_attribute) {
        answer_error(worker, path, &request, 420, &password);
        return;
    }
    /* RFC 8445 7.3.1.1: a lite agent is always controlled; a peer that thinks the same has to switch. */
    if (request.controlled) {
        answer_error(worker, path, &request, 487, &password);
        return;
    }
    tx_transport_proved(worker, transport, key);
    if (!tx_transport_validate(worker, transport, path, request.use_candidate))
        return;
    uint8_t *space = tx_udp_reserve(&worker->udp, TX_STUN_RESPONSE_MAX_BYTES);
    answer(worker, path, tx_stun_success(space, TX_STUN_RESPONSE_MAX_BYTES, &request, &path->remote.any, &password));
}
