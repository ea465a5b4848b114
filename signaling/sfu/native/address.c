#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "table.h"

int tx_address_parse(const char *text, uint16_t port, tx_address *address, bool *wildcard)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(port);
        address->length = sizeof address->v4;
        *wildcard = address->v4.sin_addr.s_addr == htonl(INADDR_ANY);
        return 0;
    }
    if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons(port);
        address->length = sizeof address->v6;
        *wildcard = IN6_IS_ADDR_UNSPECIFIED(&address->v6.sin6_addr);
        return 0;
    }
    return -EINVAL;
}

bool tx_address_is_v4(const tx_address *address, struct in_addr *v4)
{
    if (address->any.sa_family == AF_INET) {
        *v4 = address->v4.sin_addr;
        return true;
    }
    if (address->any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr)) {
        memcpy(v4, address->v6.sin6_addr.s6_addr + 12, sizeof *v4);
        return true;
    }
    return false;
}

bool tx_address_equal(const tx_address *a, const tx_address *b)
{
    if (a->length != b->length || a->any.sa_family != b->any.sa_family)
        return false;
    if (a->any.sa_family == AF_INET)
        return a->v4.sin_port == b->v4.sin_port && a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
    return a->v6.sin6_port == b->v6.sin6_port && a->v6.sin6_scope_id == b->v6.sin6_scope_id
        && memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr) == 0;
}

uint64_t tx_address_hash(const uint64_t secret[2], const tx_address *address)
{
    uint8_t bytes[24] = {0};
    if (address->any.sa_family == AF_INET) {
        memcpy(bytes, &address->v4.sin_addr, 4);
        memcpy(bytes + 4, &address->v4.sin_port, 2);
        return tx_hash_bytes(secret, bytes, 6);
    }
    memcpy(bytes, &address->v6.sin6_addr, 16);
    memcpy(bytes + 16, &address->v6.sin6_port, 2);
    memcpy(bytes + 18, &address->v6.sin6_scope_id, 4);
    return tx_hash_bytes(secret, bytes, 22);
}

uint64_t tx_path_hash(const uint64_t secret[2], const tx_path *path)
{
    return path->tcp ? tx_hash_bytes(secret, &path->tcp, sizeof path->tcp) : tx_address_hash(secret, &path->remote);
}

uint64_t tx_address_site_hash(const uint64_t secret[2], const tx_address *address)
{
    struct in_addr v4;
    if (tx_address_is_v4(address, &v4))
        return tx_hash_bytes(secret, &v4, sizeof v4);
    return tx_hash_bytes(secret, &address->v6.sin6_addr, 8);
}

size_t tx_address_text(const tx_address *address, char text[TX_ADDRESS_TEXT_BYTES])
{
    char ip[INET6_ADDRSTRLEN] = "";
    struct in_addr v4;
    int length = 0;
    if (address->length == 0)
        return 0;
    if (tx_address_is_v4(address, &v4)) {
        inet_ntop(AF_INET, &v4, ip, sizeof ip);
        length = snprintf(text, TX_ADDRESS_TEXT_BYTES, "%s:%u", ip, (unsigned)ntohs(address->v4.sin_port));
    } else {
        inet_ntop(AF_INET6, &address->v6.sin6_addr, ip, sizeof ip);
        length = snprintf(text, TX_ADDRESS_TEXT_BYTES, "[%s]:%u", ip, (unsigned)ntohs(address->v6.sin6_port));
    }
    return length > 0 ? (size_t)length : 0;
}
