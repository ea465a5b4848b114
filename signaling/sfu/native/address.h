/* Socket addresses as the worker keeps them: a peer's address and the local one that it asked. */
#ifndef TX_ADDRESS_H
#define TX_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

typedef struct {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    };
    socklen_t length; /* 0 = none */
} tx_address;

/* A way to a peer: where it is, by a TCP connection or by UDP, and then which of our addresses it knows us by (family
 * 0 = let the kernel choose). */
typedef struct {
    tx_address remote;
    uint32_t tcp; /* id of a connection (tcp.h); 0 = UDP */
    int local_family;
    uint32_t local_interface; /* for link-local IPv6 only */
    union {
        struct in_addr v4;
        struct in6_addr v6;
    } local;
} tx_path;

/* "ip:port", IPv6 in brackets, v4-mapped shown as IPv4. */
#define TX_ADDRESS_TEXT_BYTES 64

/* An address from its numbers and a port.  0, or -EINVAL when it is none; `*wildcard` tells 0.0.0.0 and ::. */
int tx_address_parse(const char *text, uint16_t port, tx_address *address, bool *wildcard);

bool tx_address_equal(const tx_address *a, const tx_address *b);
uint64_t tx_address_hash(const uint64_t secret[2], const tx_address *address);

/* Tells ways apart: by the address for UDP, by the connection for TCP. */
uint64_t tx_path_hash(const uint64_t secret[2], const tx_path *path);

/* The part that rate limits count: the IPv4 address, or the /64 of an IPv6 one. */
uint64_t tx_address_site_hash(const uint64_t secret[2], const tx_address *address);

/* Bytes written, without a final NUL. */
size_t tx_address_text(const tx_address *address, char text[TX_ADDRESS_TEXT_BYTES]);

/* True, with the address filled in, for IPv4 and for IPv4 mapped into IPv6 (a dual-stack socket shows it so). */
bool tx_address_is_v4(const tx_address *address, struct in_addr *v4);

#endif
