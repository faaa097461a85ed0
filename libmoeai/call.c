// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <stdlib.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "arg.h"
#include "handle.h"
#include "value.h"

/* Where an argument stands in its request, for the kernel's complaints. */
struct place {
	uint16_t offset;
	uint16_t id;
};

struct call {
	struct call *next;
	uint32_t seq;
	uint16_t family; /* whom it was sent to */
	struct command command;
	moeai_answer_fn fn;
	void *arg;
	size_t n_places;
	struct place places[MOEAI_ARGS_MAX];
};

/* ---- the calls under way ---------------------------------------------------- */

static struct call *call_alloc(struct calls *calls)
{
	struct call *call = calls->unused;

	if (!call)
		return malloc(sizeof(*call));
	calls->unused = call->next;
	return call;
}

static void call_release(struct calls *calls, struct call *call)
{
	call->next = calls->unused;
	calls->unused = call;
}

static void call_insert(struct calls *calls, struct call *call)
{
	struct call **slot = &calls->slots[call->seq % CALL_SLOTS];

	call->next = *slot;
	*slot = call;
}

/* Out of the calls under way: whoever has it now releases it. NULL: none. */
static struct call *call_take(struct calls *calls, uint32_t seq)
{
	struct call **at = &calls->slots[seq % CALL_SLOTS];
	struct call *call;

	while (*at && (*at)->seq != seq)
		at = &(*at)->next;
	call = *at;
	if (call)
		*at = call->next;
	return call;
}

static void free_list(struct call *call)
{
	struct call *next;

	for (; call; call = next) {
		next = call->next;
		free(call);
	}
}

void calls_free(struct calls *calls)
{
	for (size_t i = 0; i < CALL_SLOTS; i++)
		free_list(calls->slots[i]);
	free_list(calls->unused);
	*calls = (struct calls){ 0 };
}

/* ---- answers ---------------------------------------------------------------- */

/* The end of every call: its caller hears of it, once. */
static void finish(struct moeai *h, struct call *call, int status, const char *error,
		   const struct moeai_values *values)
{
	static const struct moeai_values none;
	moeai_answer_fn fn = call->fn;
	void *arg = call->arg;

	call_release(&h->calls, call);
	fn(arg, status, error, values ? values : &none);
}

static const char *argument_at(const struct call *call, uint32_t offset)
{
	const struct moeai_field *field;

	for (size_t i = 0; offset && i < call->n_places; i++) {
		if (call->places[i].offset != offset)
			continue;
		field = schema_field(call->command.args, call->places[i].id);
		return field ? field->name : NULL;
	}
	return NULL;
}

static void finish_refused(struct moeai *h, struct call *call, const struct nlmsghdr *msg)
{
	struct error e;
	struct refusal r;
	int rc;

	if (refusal_decode(msg, &r) || !r.code)
		rc = error_set(&e, -EPROTO, "%s: malformed refusal", call->command.name);
	else
		rc = error_refused(&e, &r, call->command.name, argument_at(call, r.offset),
				   NEEDS_ADMIN);
	if (rc == -ENODEV && call->family == h->family.id)
		h->family.id = 0; /* for the next call to look for it */
	finish(h, call, rc, e.text, NULL);
}

static void finish_answered(struct moeai *h, struct call *call, const struct nlmsghdr *msg)
{
	const char *name = call->command.name;
	struct moeai_values values = { .schema = call->command.reply };
	struct response r;
	struct error e;

	if (msg->nlmsg_type != call->family || response_decode(msg, &r)) {
		error_set(&e, -EPROTO, "%s: malformed answer", name);
		finish(h, call, -EPROTO, e.text, NULL);
		return;
	}
	if (r.id != call->command.id) { /* registered anew: its fields may be others */
		h->catalog.stale = true;
		values.schema = NULL;
	}
	values.data = r.data.data;
	values.len = r.data.len;
	if (r.status)
		error_set(&e, r.status, "%s: %s", name,
			  r.message ? r.message : moeai_strerror(r.status));
	finish(h, call, r.status, r.status ? e.text : NULL, &values);
}

int calls_deliver(struct moeai *h, const struct nlmsghdr *msg)
{
	struct call *call = call_take(&h->calls, msg->nlmsg_seq);

	if (!call)
		return 0;
	if (msg->nlmsg_type == NLMSG_ERROR)
		finish_refused(h, call, msg);
	else
		finish_answered(h, call, msg);
	return 1;
}

/* ---- requests --------------------------------------------------------------- */

/* One argument into the request, its place into the call. */
static int put_argument(struct moeai *h, struct call *call, const struct moeai_arg *arg)
{
	uint16_t offset = nlmsg_hdr(h->t.request)->nlmsg_len;
	struct error e;
	int id = arg_put(h->t.request, call->command.args, arg, "argument", &e);

	if (id < 0)
		return error_set(&h->error, id, "%s: %s: %s", call->command.name, arg->name,
				 e.text);
	call->places[call->n_places++] = (struct place){ offset, id };
	return 0;
}

/* Without libnl, as most requests have this alone. There is room for it. */
static void put_id(struct nlmsghdr *head, uint32_t id)
{
	const struct nlattr attr = { NLA_HDRLEN + sizeof(id), MOEAI_A_COMMAND_ID };
	char *p = (char *)head + head->nlmsg_len;

	memcpy(p, &attr, sizeof(attr));
	memcpy(p + NLA_HDRLEN, &id, sizeof(id));
	head->nlmsg_len += NLA_HDRLEN + sizeof(id);
}

/*
 * A command of the core goes by its id. Others are assigned anew in each epoch:
 * a remembered one could name another command by now, so they go by name.
 */
static int put_request(struct moeai *h, struct call *call, const struct moeai_arg *args,
		       size_t n_args, bool *failed)
{
	struct nl_msg *request;
	struct nlattr *nest;
	int rc = 0;

	call->n_places = 0;
	if (n_args > MOEAI_ARGS_MAX)
		return error_set(&h->error, -E2BIG, "%s: more than %d arguments",
				 call->command.name, MOEAI_ARGS_MAX);
	request = transport_request(&h->t, h->family.id, MOEAI_MSG_COMMAND, 0);
	if (call->command.id < MOEAI_ID_DYNAMIC)
		put_id(nlmsg_hdr(request), call->command.id);
	else
		*failed = nla_put_string(request, MOEAI_A_COMMAND_NAME, call->command.name) < 0;
	if (!n_args)
		return 0;
	nest = nla_nest_start(request, NLA_F_NESTED | MOEAI_A_COMMAND_ARGS);
	*failed |= !nest;
	for (size_t i = 0; !rc && i < n_args; i++)
		rc = put_argument(h, call, &args[i]);
	if (!*failed)
		nla_nest_end(request, nest);
	return rc;
}

/* What begins a call: its answer goes to fn. */
struct order {
	const struct moeai_arg *args;
	size_t n_args;
	moeai_answer_fn fn;
	void *arg;
	int (*send)(struct moeai *h, bool failed);
};

/* Returns 0 with *seq, or -errno. */
static int begin(struct moeai *h, const struct command *command, const struct order *order,
		 uint32_t *seq)
{
	struct call *call = call_alloc(&h->calls);
	bool failed = false;
	int rc;

	if (!call)
		return error_set(&h->error, -ENOMEM, "out of memory");
	call->family = h->family.id;
	call->command = *command;
	call->fn = order->fn;
	call->arg = order->arg;
	rc = put_request(h, call, order->args, order->n_args, &failed);
	if (!rc)
		rc = order->send(h, failed);
	if (rc) {
		call_release(&h->calls, call);
		return rc;
	}
	call->seq = *seq = h->t.seq;
	call_insert(&h->calls, call);
	return 0;
}

static int begin_by_name(struct moeai *h, const char *name, const struct order *order)
{
	struct command command;
	uint32_t seq;
	int rc = catalog_command(h, name, &command);

	if (rc)
		return rc == -ERESTART ? -EINTR : rc;
	rc = begin(h, &command, order, &seq);
	if (rc == -ENODEV && !handle_find(h) && !catalog_command(h, name, &command))
		rc = begin(h, &command, order, &seq);
	return rc;
}

int moeai_call_begin(struct moeai *h, const char *name, const struct moeai_arg *args,
		     size_t n_args, moeai_answer_fn fn, void *arg)
{
	const struct order order = { args, n_args, fn, arg, handle_send };

	return begin_by_name(h, name, &order);
}

int moeai_call_queue(struct moeai *h, const char *name, const struct moeai_arg *args,
		     size_t n_args, moeai_answer_fn fn, void *arg)
{
	const struct order order = { args, n_args, fn, arg, handle_queue };

	return begin_by_name(h, name, &order);
}

int moeai_fd(const struct moeai *h)
{
	return h->t.fd;
}

/* Out of the calls under way, all that were sent: a list. */
static struct call *take_sent(struct moeai *h)
{
	struct call *call, **at, *sent = NULL;

	for (size_t i = 0; i < CALL_SLOTS; i++) {
		for (at = &h->calls.slots[i]; (call = *at);) {
			if (handle_is_queued(h, call->seq)) {
				at = &call->next;
				continue;
			}
			*at = call->next;
			call->next = sent;
			sent = call;
		}
	}
	return sent;
}

int calls_overrun(struct moeai *h)
{
	struct call *call, *lost = take_sent(h);
	int n = 0;

	h->calls.overrun = false;
	for (; lost; n++) {
		call = lost;
		lost = call->next;
		finish(h, call, -ENOBUFS,
		       "the receive buffer overran: the answer is lost, the command may have run",
		       NULL);
	}
	return n;
}

int moeai_dispatch(struct moeai *h, int timeout)
{
	int64_t deadline = timeout ? deadline_after(timeout) : 0;
	const struct nlmsghdr *msg;
	int n = 0, rc = moeai_flush(h);

	if (rc)
		return rc;
	while (!(rc = handle_receive(h, &deadline, &msg))) {
		n += calls_deliver(h, msg);
		if (n)
			deadline = 0;
	}
	if (rc == -ENOBUFS)
		n += calls_overrun(h);
	return n ? n : rc;
}

/* ---- a call that is waited for ---------------------------------------------- */

struct waiting {
	struct moeai *h;
	bool done, wanted;
	int status;
	struct moeai_reply *reply;
};

static void wake(void *arg, int status, const char *error, const struct moeai_values *values)
{
	struct waiting *w = arg;

	w->done = true;
	w->status = status;
	if (status)
		error_set(&w->h->error, status, "%s", error);
	if (status || !w->wanted)
		return;
	w->reply = reply_make(&w->h->replies, values);
	if (!w->reply)
		w->status = error_set(&w->h->error, -ENOMEM, "out of memory");
}

/*
 * Most commands answer at once, before send() returns: only who has to wait needs
 * to know how long. *deadline is 0 until then.
 */
static int call_once(struct moeai *h, const struct command *command, const struct order *order,
		     int timeout, int64_t *deadline)
{
	struct waiting *w = order->arg;
	const struct nlmsghdr *msg;
	struct call *call;
	uint32_t seq = 0;
	int rc;

	w->done = false;
	rc = begin(h, command, order, &seq);
	while (!rc && !w->done) {
		rc = handle_receive(h, deadline, &msg);
		if (!rc)
			calls_deliver(h, msg);
		if (rc == -ETIMEDOUT && timeout && !*deadline) {
			*deadline = deadline_after(timeout);
			rc = 0;
		}
	}
	if (rc == -ENOBUFS)
		calls_overrun(h);
	if (w->done)
		return w->status;
	call = call_take(&h->calls, seq); /* a late answer finds nobody */
	if (call)
		call_release(&h->calls, call);
	return rc == -ETIMEDOUT ? error_set(&h->error, rc, "%s: no answer in time: it may still "
					    "run", command->name) : rc;
}

/* Refused: because module or command was registered anew, since it was looked up? */
static bool changed(struct moeai *h, int rc, struct command *command)
{
	struct command old = *command;
	struct error e = h->error;
	bool is = false;

	if (rc == -ENODEV)
		is = !handle_find(h) && !catalog_command(h, old.name, command);
	else if (rc == -ENOENT || rc == -EINVAL)
		is = old.id >= MOEAI_ID_DYNAMIC && !catalog_refresh(h) &&
		     !catalog_command(h, old.name, command) &&
		     (command->id != old.id || command->args != old.args);
	if (!is)
		h->error = e;
	return is;
}

int moeai_call(struct moeai *h, const char *name, const struct moeai_arg *args, size_t n_args,
	       int timeout, struct moeai_reply **reply)
{
	struct waiting w = { .h = h, .wanted = reply };
	const struct order order = { args, n_args, wake, &w, handle_send };
	int64_t deadline = 0;
	struct command command;
	int rc = catalog_command(h, name, &command);

	if (rc)
		return rc == -ERESTART ? -EINTR : rc;
	rc = call_once(h, &command, &order, timeout, &deadline);
	if (rc && changed(h, rc, &command))
		rc = call_once(h, &command, &order, timeout, &deadline);
	if (!rc && reply)
		*reply = w.reply;
	return rc;
}
