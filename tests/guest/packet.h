/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets of one's own making, from a namespace "out" that a veth pair joins to
 * this one, and what nftables says came of them.
 */
#ifndef TESTS_PACKET_H
#define TESTS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HERE4 "10.9.0.1"
#define HERE6 "2001:db8:9::1"

/*
 * Make the namespace, with veth "in0" here and "out0" there, and count with nftables
 * what arrives before our hook, and what comes past it. net_down() undoes it.
 */
void net_up(void);
void net_down(void);

struct frame {
	size_t len;
	uint8_t bytes[9014];
};

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16, TCP_URG = 32 };

/* A whole frame, IPv4 or IPv6 as the addresses are; @proto: IPPROTO_UDP, TCP, ICMP, ICMPV6. */
void frame_make(struct frame *f, const char *source, const char *dest, uint8_t proto,
		uint16_t sport, uint16_t dport, uint8_t flags, size_t payload);
void frame_source4(struct frame *f, uint32_t source); /* host order */
void frame_dest4(struct frame *f, uint32_t dest);
void frame_dport(struct frame *f, uint16_t port);
void frame_fix4(struct frame *f); /* the IP header's checksum, after a change */

#define FRAME_IP(f) ((f)->bytes + 14)

/* From out0. */
void frames_send(const struct frame *f, size_t n);

struct counts {
	uint64_t arrived, passed; /* packets */
	uint64_t arrived_bytes, passed_bytes;
};

/* Of in0, since counts_zero(). */
void counts_zero(void);
struct counts counts_read(void);

/* One with that comment, which a test has added to a chain of inet seen. */
void counter_read(const char *name, uint64_t *packets, uint64_t *bytes);

/* Wait until so many have arrived. */
struct counts counts_wait(uint64_t arrived);

#endif
