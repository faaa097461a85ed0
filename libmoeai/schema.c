// SPDX-License-Identifier: LGPL-2.1-or-later
#include <search.h>
#include <stdlib.h>

#include "schema.h"
#include "value.h"

/* The public part first; then fields, labels and strings. */
struct schema {
	struct moeai_schema public;
	uint32_t round; /* of the store, in which it was current last */
	struct moeai_field fields[];
};

/* ASCII alone, unlike ctype.h. */
static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_name(const char *s, const char *also, size_t size)
{
	size_t n = 0;

	while (is_lower(s[n]) || (s[n] >= '0' && s[n] <= '9') ||
	       (s[n] && strchr(also, s[n])))
		n++;
	return n && !s[n] && n < size;
}

static bool is_field_name(const char *s)
{
	return is_lower(*s) && is_name(s, "_", MOEAI_MAX_NAME_LEN);
}

bool schema_is_owner(const char *s)
{
	return is_name(s, "_.-", MOEAI_FULL_NAME_LEN);
}

int field_row_decode(struct attr_run row, struct field_row *out)
{
	enum { KIND, OWNER, ID, NAME, TYPE, UNIT, FLAGS, MIN, MAX, LABELS, HELP };
	static const struct attr_rule rules[] = {
		[KIND] = ATTR_RULE(MOEAI_A_FIELDS_KIND, ATTR_U32, true, struct field_row, kind),
		[OWNER] = ATTR_RULE(MOEAI_A_FIELDS_OWNER, ATTR_STRING, true, struct field_row,
				    owner),
		[ID] = ATTR_RULE(MOEAI_A_FIELDS_ID, ATTR_U32, true, struct field_row, id),
		[NAME] = ATTR_RULE(MOEAI_A_FIELDS_NAME, ATTR_STRING, true, struct field_row, name),
		[TYPE] = ATTR_RULE(MOEAI_A_FIELDS_TYPE, ATTR_U32, true, struct field_row, type),
		[UNIT] = ATTR_RULE(MOEAI_A_FIELDS_UNIT, ATTR_U32, false, struct field_row, unit),
		[FLAGS] = ATTR_RULE(MOEAI_A_FIELDS_FLAGS, ATTR_U32, false, struct field_row,
				    flags),
		[MIN] = ATTR_RULE(MOEAI_A_FIELDS_RANGE_MIN, ATTR_U64, false, struct field_row, min),
		[MAX] = ATTR_RULE(MOEAI_A_FIELDS_RANGE_MAX, ATTR_U64, false, struct field_row, max),
		[LABELS] = ATTR_RULE(MOEAI_A_FIELDS_LABELS, ATTR_STRING, false, struct field_row,
				     labels),
		[HELP] = ATTR_RULE(MOEAI_A_FIELDS_HELP, ATTR_STRING, false, struct field_row,
				   help),
	};
	const uint64_t range = 1ULL << MIN | 1ULL << MAX;
	uint64_t seen;

	*out = (struct field_row){ .help = "" };
	if (attrs_decode(row, rules, ARRAY_SIZE(rules), out, &seen) || !out->id ||
	    out->id > (uint16_t)NLA_TYPE_MASK || out->type > UINT8_MAX || out->unit > UINT8_MAX)
		return -EPROTO;
	if (!schema_is_owner(out->owner) || !is_field_name(out->name))
		return -EILSEQ;
	out->has_range = (seen & range) == range;
	return 0;
}

static int compare_keys(uint32_t kind, const char *owner, uint32_t other_kind,
			const char *other_owner)
{
	if (kind != other_kind)
		return kind < other_kind ? -1 : 1;
	return strcmp(owner, other_owner);
}

static int compare_rows(const void *a, const void *b)
{
	const struct field_row *x = a, *y = b;
	int order = compare_keys(x->kind, x->owner, y->kind, y->owner);

	return order ? order : (x->id > y->id) - (x->id < y->id);
}

static int compare_schemas(const void *a, const void *b)
{
	const struct moeai_schema *x = a, *y = b;

	return compare_keys(x->kind, x->owner, y->kind, y->owner);
}

/* ---- one schema, one allocation --------------------------------------------- */

static uint32_t count_labels(const char *labels)
{
	uint32_t n = 1;

	if (!labels || !*labels)
		return 0;
	while (*labels)
		n += *labels++ == '|';
	return n;
}

static size_t text_size(const char *s)
{
	return s ? strlen(s) + 1 : 1;
}

static size_t schema_size(const char *owner, const struct field_row *rows, size_t n)
{
	size_t size = sizeof(struct schema) + text_size(owner);

	for (size_t i = 0; i < n; i++)
		size += sizeof(struct moeai_field) + text_size(rows[i].name) +
			text_size(rows[i].help) + text_size(rows[i].labels) +
			count_labels(rows[i].labels) * sizeof(char *);
	return size;
}

static const char *store_text(char **at, const char *s)
{
	char *text = memcpy(*at, s, text_size(s));

	*at += text_size(s);
	return text;
}

/* The labels' pointers at *pointers, their text, split, at *text. */
static void store_labels(struct moeai_field *f, const char *labels, const char ***pointers,
			 char **text)
{
	char *s;

	f->n_labels = count_labels(labels);
	if (!f->n_labels)
		return;
	f->labels = *pointers;
	s = (char *)store_text(text, labels);
	for (uint32_t i = 0; i < f->n_labels; i++) {
		*(*pointers)++ = s;
		s += strcspn(s, "|");
		*s++ = 0;
	}
}

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t len)
{
	for (const uint8_t *p = data; len--; p++) /* FNV-1a */
		hash = (hash ^ *p) * 0x100000001b3;
	return hash;
}

static uint64_t shape_of(uint32_t kind, const char *owner, const struct field_row *rows, size_t n)
{
	uint64_t hash = hash_bytes(0xcbf29ce484222325, owner, strlen(owner) + 1);

	hash = (hash ^ kind) * 0x100000001b3;
	for (size_t i = 0; i < n; i++) {
		const uint8_t field[] = { rows[i].id, rows[i].id >> 8, rows[i].type };

		hash = hash_bytes(hash, field, sizeof(field));
	}
	return hash;
}

static struct schema *schema_new(uint32_t kind, const char *owner, const struct field_row *rows,
				 size_t n)
{
	struct schema *s = calloc(1, schema_size(owner, rows, n));
	size_t labels = 0;
	const char **pointers;
	char *text;

	if (!s)
		return NULL;
	for (size_t i = 0; i < n; i++)
		labels += count_labels(rows[i].labels);
	pointers = (const char **)&s->fields[n];
	text = (char *)(pointers + labels);
	s->public = (struct moeai_schema){
		store_text(&text, owner), kind, s->fields, n, shape_of(kind, owner, rows, n),
	};
	for (size_t i = 0; i < n; i++) {
		s->fields[i] = (struct moeai_field){
			.name = store_text(&text, rows[i].name),
			.help = store_text(&text, rows[i].help),
			.id = rows[i].id,
			.type = rows[i].type,
			.unit = rows[i].unit,
			.flags = rows[i].flags,
			.has_range = rows[i].has_range,
			.min = rows[i].min,
			.max = rows[i].max,
			.head = field_head(rows[i].id, rows[i].type),
		};
		store_labels(&s->fields[i], rows[i].labels, &pointers, &text);
	}
	return s;
}

/* Any order will do, if it is one. */
static int compare_fields(const struct moeai_field *a, const struct moeai_field *b)
{
	const uint64_t x[] = { a->id, a->type, a->unit, a->flags, a->has_range,
			       (uint64_t)a->min, (uint64_t)a->max, a->n_labels };
	const uint64_t y[] = { b->id, b->type, b->unit, b->flags, b->has_range,
			       (uint64_t)b->min, (uint64_t)b->max, b->n_labels };
	int order = memcmp(x, y, sizeof(x));

	if (!order)
		order = strcmp(a->name, b->name);
	if (!order)
		order = strcmp(a->help, b->help);
	for (uint32_t i = 0; !order && i < a->n_labels; i++)
		order = strcmp(a->labels[i], b->labels[i]);
	return order;
}

/* All that they say. */
static int compare_whole(const void *a, const void *b)
{
	const struct schema *x = a, *y = b;
	int order = compare_schemas(&x->public, &y->public);

	if (!order)
		order = (x->public.n_fields > y->public.n_fields) -
			(x->public.n_fields < y->public.n_fields);
	for (size_t i = 0; !order && i < x->public.n_fields; i++)
		order = compare_fields(&x->fields[i], &y->fields[i]);
	return order;
}

/* ---- the store -------------------------------------------------------------- */

/* The schema that says the same, now or earlier; else new itself, kept. */
static struct schema *intern(struct schema_store *s, struct schema *new)
{
	struct schema **kept = tsearch(new, &s->all, compare_whole);

	if (!kept || *kept != new)
		free(new);
	else
		s->n_all++;
	return kept ? *kept : NULL;
}

static const struct moeai_schema *add(struct schema_store *s, uint32_t kind, const char *owner,
				      const struct field_row *rows, size_t n)
{
	struct schema *schema = schema_new(kind, owner, rows, n);

	schema = schema ? intern(s, schema) : NULL;
	if (!schema || !tsearch(&schema->public, &s->current, compare_schemas))
		return NULL;
	s->n_current++;
	s->n_stayed += schema->round == s->round - 1;
	schema->round = s->round;
	return &schema->public;
}

int schema_store_set(struct schema_store *s, struct field_row *rows, size_t n)
{
	size_t end;

	if (n)
		qsort(rows, n, sizeof(*rows), compare_rows);
	for (size_t i = 1; i < n; i++)
		if (!compare_rows(&rows[i - 1], &rows[i]))
			return -EEXIST; /* one field twice */
	s->n_before = s->n_current;
	s->n_stayed = 0;
	s->round++;
	schema_store_forget(s);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n; end++)
			if (compare_keys(rows[i].kind, rows[i].owner, rows[end].kind,
					 rows[end].owner))
				break;
		if (!add(s, rows[i].kind, rows[i].owner, &rows[i], end - i))
			return -ENOMEM;
	}
	return 0;
}

const struct moeai_schema *schema_store_find(const struct schema_store *s, uint32_t kind,
					     const char *owner)
{
	const struct moeai_schema key = { .kind = kind, .owner = owner };
	const struct moeai_schema **found = tfind(&key, &s->current, compare_schemas);

	return found ? *found : NULL;
}

const struct moeai_schema *schema_store_get(struct schema_store *s, uint32_t kind,
					    const char *owner)
{
	const struct moeai_schema *found = schema_store_find(s, kind, owner);

	return found ? found : add(s, kind, owner, NULL, 0);
}

bool schema_store_changed(const struct schema_store *s)
{
	return s->n_stayed != s->n_before || s->n_stayed != s->n_current;
}

static void leave(void *schema)
{
}

void schema_store_forget(struct schema_store *s)
{
	tdestroy(s->current, leave);
	s->current = NULL;
	s->n_current = 0;
}

void schema_store_free(struct schema_store *s)
{
	schema_store_forget(s);
	tdestroy(s->all, free);
	*s = (struct schema_store){ 0 };
}
