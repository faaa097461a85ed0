// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <string.h>

#include "complain.h"
#include "escape.h"
#include "recording.h"
#include "show.h"
#include "units.h"

/* The log still has the events, but for how long? */
static int complain_failed(struct recording *r, const char *what)
{
	complain("%s: an incident of %s is not recorded: %s", r->d->path,
		 *r->type ? r->type : "what was asked for", what);
	recording_drop(r);
	return 1;
}

void recording_drop(struct recording *r)
{
	moeai_incident_abandon(r->f);
	r->f = NULL;
	incidents_drop(r->d, &r->temp);
}

int recording_begin(struct recording *r, struct moeai_monitor *m)
{
	int err = incidents_create(r->d, &r->temp);

	if (err) {
		r->temp.fd = -1;
		return complain_failed(r, strerror(-err));
	}
	if (moeai_incident_begin(&r->f, m, r->temp.fd, r->from))
		return complain_failed(r, moeai_monitor_error(m));
	return 0;
}

/* What could not be added leaves what was before it whole, if the file can be written. */
static int write_item(struct recording *r, struct moeai_monitor *m, const struct moeai_item *item,
		      const char *comment)
{
	char why[256];

	if (moeai_incident_add(r->f, item, comment)) {
		snprintf(why, sizeof(why), "what describes the events can't be read: %s",
			 moeai_monitor_error(m));
		recording_end(r, m, why);
		return 1;
	}
	if (item->kind == MOEAI_LOST)
		r->lost_events += item->lost.to - item->lost.from + 1;
	else
		r->events++;
	return 0;
}

static int write_lost(struct recording *r, struct moeai_monitor *m)
{
	const bool has = r->has_lost;

	r->has_lost = false;
	return has && write_item(r, m, &r->lost, NULL);
}

/* What follows it tells whether it matters; one in a row with another is one with it. */
static int put_aside(struct recording *r, const struct moeai_item *item)
{
	const uint64_t from = r->has_lost ? r->lost.lost.from : item->lost.from;

	r->lost = *item;
	r->lost.lost.from = from;
	r->has_lost = true;
	return 0;
}

int recording_add(struct recording *r, struct moeai_monitor *m, const struct moeai_item *item,
		  bool trigger)
{
	if (!r->reached && item->kind == MOEAI_LOST)
		return put_aside(r, item);
	if (!r->reached && item->event.time < r->from && !trigger) {
		r->has_lost = false; /* what was before it is older still */
		return 0;
	}
	r->reached = true;
	if (write_lost(r, m) || write_item(r, m, item, trigger ? "trigger" : NULL))
		return 1;
	r->triggers += trigger;
	return 0;
}

/* ---- its end ---------------------------------------------------------------------- */

static json_t *as_json(const struct recording *r, const char *path, uint64_t size)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "kind", "incident",
			 "file", show_json_text(path, strlen(path)), "time",
			 show_json_u64(r->time), "type",
			 *r->type ? show_json_text(r->type, strlen(r->type)) : json_null(), "seq",
			 *r->type ? show_json_u64(r->seq) : json_null(), "triggers",
			 show_json_u64(r->triggers), "events", show_json_u64(r->events), "lost",
			 show_json_u64(r->lost_events), "size", show_json_u64(size));
}

static void as_line(const struct recording *r, struct output *out, const char *path, uint64_t size)
{
	char bytes[UNITS_LEN], seq[24] = "";
	FILE *to = out->file;

	if (*r->type)
		snprintf(seq, sizeof(seq), "%" PRIu64, r->seq);
	if (out->form == FORM_TAB)
		fputs("incident\t", to);
	escape_write(to, path, strlen(path), out->escape);
	if (out->form == FORM_TAB) {
		fprintf(to, "\t%" PRIu64 "\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
			"\t%" PRIu64 "\n", r->time, r->type, seq, r->triggers, r->events,
			r->lost_events, size);
		return;
	}
	units_text(bytes, MOEAI_UNIT_BYTES, size);
	fprintf(to, ": %s%s%s, %" PRIu64 " events, %" PRIu64 " lost, %s\n",
		*r->type ? r->type : "asked for", *seq ? " seq " : "", seq, r->events,
		r->lost_events, bytes);
}

static int tell(const struct recording *r, const char *name, uint64_t size)
{
	struct output *out = r->out;
	char path[4096];
	int status = 0;

	snprintf(path, sizeof(path), "%s/%s", r->d->path, name);
	if (out->form == FORM_JSON)
		status = output_json(out, as_json(r, path, size));
	else
		as_line(r, out, path, size);
	fflush(out->file);
	return status;
}

int recording_end(struct recording *r, struct moeai_monitor *m, const char *why)
{
	char name[INCIDENT_NAME];
	uint64_t size;
	int err;

	if (write_lost(r, m))
		return 1;
	err = moeai_incident_end(r->f, why);
	r->f = NULL;
	if (err)
		return complain_failed(r, moeai_monitor_error(m));
	size = incidents_size(&r->temp);
	err = incidents_publish(r->d, &r->temp, r->time, name);
	if (err)
		return complain_failed(r, strerror(-err));
	if (why)
		complain("%s/%s ends early: %s", r->d->path, name, why);
	incidents_prune(r->d, name);
	return tell(r, name, size);
}
