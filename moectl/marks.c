// SPDX-License-Identifier: GPL-2.0
#include "marks.h"

static bool is_marked(const struct moeai_value *v, uint32_t flag, uint8_t type)
{
	return v->field && (v->field->flags & flag) && v->field->type == type;
}

uint32_t marks_of(const struct moeai_schema *schema)
{
	uint32_t marks = 0;

	for (size_t i = 0; schema && i < schema->n_fields; i++) {
		const struct moeai_field *f = &schema->fields[i];

		marks |= f->flags & (MOEAI_F_PID | MOEAI_F_COMM | MOEAI_F_UID | MOEAI_F_STARTED |
				     MOEAI_F_PATH | MOEAI_F_DEVICE | MOEAI_F_OLD);
		marks |= f->type == MOEAI_TYPE_PREFIX ? MARKS_ADDRESS : 0;
	}
	return marks;
}

/* ---- processes ---------------------------------------------------------------------- */

/* The value with that mark whose id is the least within [from, to). */
static const struct moeai_value *first(const struct fields *f, uint32_t flag, uint8_t type,
				       unsigned int from, unsigned int to)
{
	const struct moeai_value *found = NULL;

	for (size_t i = 0; i < f->n; i++) {
		const struct moeai_value *v = &f->values[i];

		if (is_marked(v, flag, type) && v->id >= from && v->id < to &&
		    (!found || v->id < found->id))
			found = v;
	}
	return found;
}

/* What stands behind a pid, up to the next one, is about it; before the first, about nobody's. */
static void describe(const struct fields *f, unsigned int from, struct marked_process *out)
{
	const struct moeai_value *next = first(f, MOEAI_F_PID, MOEAI_TYPE_U32, from + 1, 1 << 16);
	unsigned int to = next ? next->id : 1 << 16;
	const struct moeai_value *comm = first(f, MOEAI_F_COMM, MOEAI_TYPE_STRING, from, to);
	const struct moeai_value *uid = first(f, MOEAI_F_UID, MOEAI_TYPE_U32, from, to);
	const struct moeai_value *started = first(f, MOEAI_F_STARTED, MOEAI_TYPE_U64, from, to);

	out->comm = comm ? comm->data : "";
	out->uid = uid ? (uint32_t)uid->u64 : UINT32_MAX;
	out->started = started ? started->u64 : 0;
}

bool marks_process(const struct fields *f, size_t *pos, struct marked_process *out)
{
	const struct moeai_value *pid;

	*out = (struct marked_process){ .uid = UINT32_MAX, .comm = "" };
	if (!*pos) {
		*pos = 1;
		describe(f, 0, out);
		if (*out->comm || out->uid != UINT32_MAX)
			return true;
	}
	pid = first(f, MOEAI_F_PID, MOEAI_TYPE_U32, (unsigned int)*pos, 1 << 16);
	if (!pid)
		return false;
	*pos = (size_t)pid->id + 1;
	describe(f, pid->id, out);
	out->pid = (uint32_t)pid->u64;
	return true;
}

/* ---- files -------------------------------------------------------------------------- */

bool marks_path(const struct fields *f, size_t *pos, struct marked_path *out)
{
	const struct moeai_value *device = first(f, MOEAI_F_DEVICE, MOEAI_TYPE_U32, 0, 1 << 16);

	for (; *pos < f->n; ++*pos) {
		const struct moeai_value *v = &f->values[*pos];

		if (!is_marked(v, MOEAI_F_PATH, MOEAI_TYPE_STRING))
			continue;
		*out = (struct marked_path){ v->data, v->field->flags & MOEAI_F_OLD, device != NULL,
					     device ? (uint32_t)device->u64 : 0 };
		++*pos;
		return true;
	}
	return false;
}

/* ---- addresses ---------------------------------------------------------------------- */

bool marks_address(const struct fields *f, size_t *pos, struct marked_address *out)
{
	for (; *pos < f->n; ++*pos) {
		const struct moeai_value *v = &f->values[*pos];
		const unsigned char *p = v->data;

		if (!v->field || v->field->type != MOEAI_TYPE_PREFIX)
			continue;
		if ((v->len != 5 && v->len != 17) || p[0] > (v->len - 1) * 8)
			continue; /* it makes no sense */
		*out = (struct marked_address){ p + 1, v->len - 1, p[0] };
		++*pos;
		return true;
	}
	return false;
}
