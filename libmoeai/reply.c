// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>

#include "reply.h"
#include "transport.h"

/* ---- from the kernel -------------------------------------------------------- */

static int take_attr(struct response *out, const struct attr *a)
{
	switch (a->type) {
	case MOEAI_A_RESPONSE_ID:
	case MOEAI_A_RESPONSE_STATUS:
		if (a->len != sizeof(uint32_t))
			return -EPROTO;
		if (a->type == MOEAI_A_RESPONSE_ID)
			out->id = get_u32(a->data);
		else
			out->status = (int32_t)get_u32(a->data);
		break;
	case MOEAI_A_RESPONSE_DATA:
		out->data = (struct attr_run){ a->data, a->len };
		break;
	case MOEAI_A_RESPONSE_MESSAGE:
		if (!memchr(a->data, 0, a->len))
			return -EPROTO;
		out->message = a->data;
		break;
	}
	return 0;
}

/* By hand, as every round trip comes here. */
int response_decode(const struct nlmsghdr *msg, struct response *out)
{
	const uint32_t required = 1 << MOEAI_A_RESPONSE_ID | 1 << MOEAI_A_RESPONSE_STATUS;
	struct attr_run run;
	uint32_t seen = 0;
	size_t pos = 0;
	struct attr a;
	int rc;

	*out = (struct response){ 0 };
	if (message_command(msg) != MOEAI_MSG_RESPONSE)
		return -EPROTO;
	run = message_attrs(msg);
	while ((rc = attr_next(run.data, run.len, &pos, &a)) > 0) {
		if (take_attr(out, &a))
			return -EPROTO;
		if (a.type <= MOEAI_A_RESPONSE_MAX)
			seen |= 1U << a.type;
	}
	if (rc || (seen & required) != required || out->status > 0 || out->status < -4095)
		return -EPROTO;
	return 0;
}

/* ---- to the caller ---------------------------------------------------------- */

#define ROOM_MIN 256 /* of most answers */

struct moeai_reply {
	struct replies *home; /* NULL: closed */
	struct moeai_reply *next, **at; /* in a list of home's, where *at is this one */
	size_t room;
	struct moeai_values values;
	char data[];
};

static void insert(struct moeai_reply **list, struct moeai_reply *reply)
{
	reply->next = *list;
	reply->at = list;
	if (reply->next)
		reply->next->at = &reply->next;
	*list = reply;
}

static void take_out(struct moeai_reply *reply)
{
	*reply->at = reply->next;
	if (reply->next)
		reply->next->at = reply->at;
}

/* NULL: out of memory, and the old one is freed. */
static struct moeai_reply *grow(struct moeai_reply *old, size_t len)
{
	size_t room = ROOM_MIN;
	struct moeai_reply *reply;

	while (room < len)
		room *= 2;
	reply = realloc(old, sizeof(*reply) + room);
	if (reply)
		reply->room = room;
	else
		free(old);
	return reply;
}

struct moeai_reply *reply_make(struct replies *replies, const struct moeai_values *values)
{
	struct moeai_reply *reply = replies->unused;

	while (reply && reply->room < values->len)
		reply = reply->next;
	if (!reply)
		reply = replies->unused;
	if (reply)
		take_out(reply);
	if (!reply || reply->room < values->len)
		reply = grow(reply, values->len);
	if (!reply)
		return NULL;
	if (values->len)
		memcpy(reply->data, values->data, values->len);
	reply->values = (struct moeai_values){ values->schema, reply->data, values->len };
	reply->home = replies;
	insert(&replies->lent, reply);
	return reply;
}

void replies_free(struct replies *replies)
{
	struct moeai_reply *reply;

	while ((reply = replies->unused)) {
		take_out(reply);
		free(reply);
	}
	while ((reply = replies->lent)) {
		take_out(reply);
		reply->home = NULL;
	}
}

struct moeai_values moeai_reply_values(const struct moeai_reply *reply)
{
	return reply->values;
}

void moeai_reply_free(struct moeai_reply *reply)
{
	if (reply && reply->home) {
		take_out(reply);
		insert(&reply->home->unused, reply);
	} else {
		free(reply);
	}
}
